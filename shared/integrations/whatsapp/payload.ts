import type { InboundMessage, StatusUpdate } from '#shared/domain/conversations/message.ts';
import { fieldsOf, listOf, rawWordOf } from './fields.ts';
import { toEcho, toInboundMessage, toStatusUpdate } from './normalise.ts';

export type { OutboundMessage } from '#shared/domain/conversations/message.ts';

/** Why an element of a webhook led to nothing; bounded, so it may be a metric's label. */
export type IgnoredReason =
  | 'foreign_phone_number'
  | 'malformed'
  | 'no_sender'
  | 'history'
  | 'app_state_sync'
  | 'standby'
  | 'errors_only'
  | 'other_field';

/** All that one POST told; nothing of it is lost silently. */
export type WebhookParts = {
  messages: InboundMessage[];
  statuses: StatusUpdate[];
  ignored: { reason: IgnoredReason; field?: string }[];
};

/** The `value` of one change. */
export type WebhookValue = { contacts: readonly unknown[]; messages: readonly unknown[]; echoes: readonly unknown[] };

const longestFieldName = 64;

/** Fields that carry what others said or what was said before: stored by nobody here, never answered. */
const silentFields: Readonly<Record<string, IgnoredReason>> = {
  history: 'history',
  smb_app_state_sync: 'app_state_sync',
  standby: 'standby',
};

function splitChange(change: unknown, ours: string, receivedAt: string, parts: WebhookParts): void {
  const { field: named, value: told } = fieldsOf(change) ?? {};
  const fields = fieldsOf(told);
  if (fields === undefined) {
    parts.ignored.push({ reason: 'malformed' });
    return;
  }
  const field = typeof named === 'string' && named.length <= longestFieldName ? named : undefined;
  const about = field === undefined ? {} : { field };
  const phoneNumberId = rawWordOf(fieldsOf(fields['metadata'])?.['phone_number_id']) ?? ours;
  if (phoneNumberId !== ours) {
    parts.ignored.push({ reason: 'foreign_phone_number', ...about });
    return;
  }
  const silent = field === undefined ? undefined : silentFields[field];
  if (silent !== undefined) {
    parts.ignored.push({ reason: silent, ...about });
    return;
  }
  const value: WebhookValue = {
    contacts: listOf(fields['contacts']),
    messages: listOf(fields['messages']),
    echoes: listOf(fields['message_echoes']),
  };
  const statuses = listOf(fields['statuses']);
  if (value.messages.length + value.echoes.length + statuses.length === 0) {
    const isError = listOf(fields['errors']).length > 0;
    const isEmpty = field === 'messages' && !isError;
    parts.ignored.push({ reason: isError ? 'errors_only' : isEmpty ? 'malformed' : 'other_field', ...about });
    return;
  }
  const context = { value, phoneNumberId, receivedAt };
  const keep = (found: InboundMessage | IgnoredReason): void => {
    if (typeof found === 'string') parts.ignored.push({ reason: found, ...about });
    else parts.messages.push(found);
  };
  for (const message of value.messages) keep(toInboundMessage(message, context));
  for (const echo of value.echoes) keep(toEcho(echo, context));
  for (const status of statuses) {
    const found = toStatusUpdate(status, context);
    if (found === undefined) parts.ignored.push({ reason: 'malformed', ...about });
    else parts.statuses.push(found);
  }
}

/**
 * Takes a verified webhook body apart: every message and status of every change of every entry, in order. One malformed
 * element never loses the others, what belongs to another of Meta's numbers is ignored, and nothing throws.
 * `receivedAt` stands in for timestamps that are missing or absurd.
 */
export function splitWebhook(body: unknown, ourPhoneNumberId: string, receivedAt: Date = new Date()): WebhookParts {
  const parts: WebhookParts = { messages: [], statuses: [], ignored: [] };
  const envelope = fieldsOf(body);
  if (envelope === undefined) {
    parts.ignored.push({ reason: 'malformed' });
    return parts;
  }
  for (const entry of listOf(envelope['entry'])) {
    const fields = fieldsOf(entry);
    if (fields === undefined) parts.ignored.push({ reason: 'malformed' });
    else
      for (const change of listOf(fields['changes']))
        splitChange(change, ourPhoneNumberId, receivedAt.toISOString(), parts);
  }
  return parts;
}
