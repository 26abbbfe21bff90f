import { EntitySchema } from 'typeorm';
import type { ConversationState, Language } from '#shared/domain/conversations/conversation.ts';
import type { InboundMessage, OutboundMessage } from '#shared/domain/conversations/message.ts';
import type { VoiceProblem } from '#shared/domain/conversations/voice.ts';
import { at, bigId, bigint, bool, json, now, nullable, references, small, text, uuid } from './columns.ts';

export type ContactRow = {
  id: string;
  profileName: string | null;
  sendTo: string | null;
  isUndeliverable: boolean;
  mergedIntoId: string | null;
  siblingTriedAt: Date | null;
  createdAt: Date;
};

export const contacts = new EntitySchema<ContactRow>({
  name: 'contacts',
  columns: {
    id: bigId(),
    profileName: text('profile_name', nullable),
    sendTo: text('send_to', nullable),
    isUndeliverable: bool('is_undeliverable', { default: false }),
    mergedIntoId: bigint('merged_into_id', nullable),
    siblingTriedAt: at('sibling_tried_at', nullable),
    createdAt: at('created_at', now),
  },
  indices: [{ name: 'contacts_to_merge', columns: ['mergedIntoId'], where: 'merged_into_id IS NOT NULL' }],
  foreignKeys: [references('contact_merged_into', 'contacts', 'mergedIntoId')],
});

export type ContactIdentityRow = {
  id: string;
  contactId: string;
  kind: 'phone' | 'bsuid';
  value: string;
  matchKey: string;
  /** Since when the number is no longer this contact's; what was written before still is. */
  retiredAt: Date | null;
  createdAt: Date;
};

export const contactIdentities = new EntitySchema<ContactIdentityRow>({
  name: 'contact_identities',
  columns: {
    id: bigId(),
    contactId: bigint('contact_id'),
    kind: text('kind'),
    value: text('value'),
    matchKey: text('match_key'),
    retiredAt: at('retired_at', nullable),
    createdAt: at('created_at', now),
  },
  indices: [
    { name: 'identities_of_contact', columns: ['contactId'] },
    { name: 'one_contact_per_identity', columns: ['kind', 'matchKey'], unique: true, where: 'retired_at IS NULL' },
    { name: 'retired_identities', columns: ['kind', 'matchKey'], where: 'retired_at IS NOT NULL' },
  ],
  checks: [{ name: 'identity_kind', expression: `kind IN ('phone', 'bsuid')` }],
  foreignKeys: [references('identity_contact', 'contacts', 'contactId', 'CASCADE')],
});

export type ConversationRow = {
  id: string;
  contactId: string;
  state: ConversationState;
  language: Language;
  pausedUntil: Date | null;
  lastInboundAt: Date | null;
  lastAnsweredAt: Date | null;
  createdAt: Date;
};

export const conversations = new EntitySchema<ConversationRow>({
  name: 'conversations',
  columns: {
    id: bigId(),
    contactId: bigint('contact_id'),
    state: json('state', { default: {} }),
    language: text('language', { default: 'es' }),
    pausedUntil: at('paused_until', nullable),
    lastInboundAt: at('last_inbound_at', nullable),
    lastAnsweredAt: at('last_answered_at', nullable),
    createdAt: at('created_at', now),
  },
  uniques: [{ name: 'one_conversation_per_contact', columns: ['contactId'] }],
  checks: [{ name: 'conversation_language', expression: `language IN ('es', 'pt', 'en')` }],
  foreignKeys: [references('conversation_contact', 'contacts', 'contactId')],
});

export type InboundState = 'untranscribed' | 'unanswered' | 'answered' | 'failed' | 'left_to_person' | 'ignored';
export type InboundMessageRow = {
  id: string;
  conversationId: string;
  providerMessageId: string;
  type: string;
  text: string | null;
  payload: InboundMessage;
  state: InboundState;
  attempts: number;
  nextAttemptAt: Date;
  sentAt: Date;
  receivedAt: Date;
  recordedAt: Date;
  answeredAt: Date | null;
  /** Below the media folder; null when nothing is kept. */
  mediaPath: string | null;
  mediaSha256: string | null;
  /** Why a voice note has no words. */
  mediaProblem: VoiceProblem | null;
};

export const inboundMessages = new EntitySchema<InboundMessageRow>({
  name: 'inbound_messages',
  columns: {
    id: bigId(),
    conversationId: bigint('conversation_id'),
    providerMessageId: text('provider_message_id'),
    type: text('type'),
    text: text('text', nullable),
    payload: json('payload'),
    state: text('state', { default: 'unanswered' }),
    attempts: small('attempts', { default: 0 }),
    nextAttemptAt: at('next_attempt_at', now),
    sentAt: at('sent_at'),
    receivedAt: at('received_at', now),
    recordedAt: at('recorded_at', now),
    answeredAt: at('answered_at', nullable),
    mediaPath: text('media_path', nullable),
    mediaSha256: text('media_sha256', nullable),
    mediaProblem: text('media_problem', nullable),
  },
  uniques: [{ name: 'one_row_per_message', columns: ['providerMessageId'] }],
  indices: [
    { name: 'unanswered_messages', columns: ['conversationId', 'sentAt', 'id'], where: `state = 'unanswered'` },
    { name: 'untranscribed_notes', columns: ['conversationId', 'sentAt', 'id'], where: `state = 'untranscribed'` },
    { name: 'kept_media', columns: ['recordedAt'], where: `media_path IS NOT NULL` },
    { name: 'kept_payloads', columns: ['recordedAt'], where: `payload <> '{}'::jsonb` },
    { name: 'inbound_of_conversation', columns: ['conversationId', 'id'] },
    { name: 'messages_by_time', columns: ['conversationId', 'sentAt'] },
  ],
  checks: [
    {
      name: 'inbound_state',
      expression: `state IN ('untranscribed', 'unanswered', 'answered', 'failed', 'left_to_person', 'ignored')`,
    },
  ],
  foreignKeys: [references('inbound_conversation', 'conversations', 'conversationId')],
});

export type OutboundState = 'unsent' | 'sending' | 'sent' | 'failed' | 'parked' | 'kept';
export type OutboundMessageRow = {
  id: string;
  conversationId: string;
  reservationId: string | null;
  answersMessageId: string | null;
  purpose: string;
  payload: OutboundMessage;
  state: OutboundState;
  attempts: number;
  nextAttemptAt: Date;
  sendingAt: Date | null;
  isAmbiguous: boolean;
  ambiguousSends: number;
  providerMessageId: string | null;
  sentAt: Date | null;
  delivery: 'sent' | 'delivered' | 'read' | 'failed' | null;
  deliveryAt: Date | null;
  failureCode: string | null;
  /** What an approved template says instead, in the template's language. */
  templateText: string | null;
  /** WhatsApp refused it as free-form: only a template will do. */
  needsTemplate: boolean;
  ownerNoticeId: string | null;
  /** WhatsApp's pricing category and whether it charges, as a status told. */
  category: string | null;
  isBillable: boolean | null;
  createdAt: Date;
};

export const outboundMessages = new EntitySchema<OutboundMessageRow>({
  name: 'outbound_messages',
  columns: {
    id: bigId(),
    conversationId: bigint('conversation_id'),
    reservationId: uuid('reservation_id', nullable),
    answersMessageId: bigint('answers_message_id', nullable),
    purpose: text('purpose'),
    payload: json('payload'),
    state: text('state', { default: 'unsent' }),
    attempts: small('attempts', { default: 0 }),
    nextAttemptAt: at('next_attempt_at', now),
    sendingAt: at('sending_at', nullable),
    isAmbiguous: bool('is_ambiguous', { default: false }),
    ambiguousSends: small('ambiguous_sends', { default: 0 }),
    providerMessageId: text('provider_message_id', nullable),
    sentAt: at('sent_at', nullable),
    delivery: text('delivery', nullable),
    deliveryAt: at('delivery_at', nullable),
    failureCode: text('failure_code', nullable),
    templateText: text('template_text', nullable),
    needsTemplate: bool('needs_template', { default: false }),
    ownerNoticeId: bigint('owner_notice_id', nullable),
    category: text('category', nullable),
    isBillable: bool('is_billable', nullable),
    createdAt: at('created_at', now),
  },
  uniques: [{ name: 'one_send_per_provider_id', columns: ['providerMessageId'] }],
  indices: [
    { name: 'unsent_messages', columns: ['conversationId', 'id'], where: `state IN ('unsent', 'sending')` },
    { name: 'outbound_of_conversation', columns: ['conversationId', 'id'] },
    { name: 'outbound_by_sending', columns: ['sentAt'], where: 'sent_at IS NOT NULL' },
  ],
  checks: [
    { name: 'outbound_state', expression: `state IN ('unsent', 'sending', 'sent', 'failed', 'parked', 'kept')` },
    { name: 'delivery_rank', expression: `delivery IN ('sent', 'delivered', 'read', 'failed')` },
  ],
  foreignKeys: [
    references('outbound_conversation', 'conversations', 'conversationId'),
    references('outbound_reservation', 'reservations', 'reservationId'),
    references('outbound_answers', 'inbound_messages', 'answersMessageId'),
    references('outbound_notice', 'owner_notices', 'ownerNoticeId'),
  ],
});

export type DeliveryReportRow = {
  id: string;
  messageId: string;
  providerMessageId: string;
  status: string;
  code: string | null;
  reportedAt: Date;
  receivedAt: Date;
};

export const deliveryReports = new EntitySchema<DeliveryReportRow>({
  name: 'delivery_reports',
  columns: {
    id: bigId(),
    messageId: bigint('message_id'),
    providerMessageId: text('provider_message_id'),
    status: text('status'),
    code: text('code', nullable),
    reportedAt: at('reported_at'),
    receivedAt: at('received_at', now),
  },
  uniques: [{ name: 'one_report_per_status', columns: ['providerMessageId', 'status'] }],
  indices: [{ name: 'reports_of_message', columns: ['messageId'] }],
  foreignKeys: [references('report_message', 'outbound_messages', 'messageId', 'CASCADE')],
});
