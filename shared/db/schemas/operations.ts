import { EntitySchema } from 'typeorm';
import { at, bigId, bigint, integer, json, now, nullable, references, text, uuid } from './columns.ts';

export type OwnerNoticeRow = {
  id: string;
  type: string;
  reservationId: string | null;
  paymentId: string | null;
  conversationId: string | null;
  data: object;
  state: 'kept' | 'told' | 'done';
  decision: string | null;
  decidedAt: Date | null;
  createdAt: Date;
};

export const ownerNotices = new EntitySchema<OwnerNoticeRow>({
  name: 'owner_notices',
  columns: {
    id: bigId(),
    type: text('type'),
    reservationId: uuid('reservation_id', nullable),
    paymentId: bigint('payment_id', nullable),
    conversationId: bigint('conversation_id', nullable),
    data: json('data', { default: {} }),
    state: text('state', { default: 'kept' }),
    decision: text('decision', nullable),
    decidedAt: at('decided_at', nullable),
    createdAt: at('created_at', now),
  },
  indices: [
    { name: 'notices_of_payment', columns: ['paymentId'], where: 'payment_id IS NOT NULL' },
    { name: 'notices_of_reservation', columns: ['reservationId'], where: 'reservation_id IS NOT NULL' },
    { name: 'untold_notices', columns: ['id'], where: `state = 'kept'` },
  ],
  checks: [{ name: 'notice_state', expression: `state IN ('kept', 'told', 'done')` }],
  foreignKeys: [
    references('notice_reservation', 'reservations', 'reservationId'),
    references('notice_payment', 'payments', 'paymentId'),
    references('notice_conversation', 'conversations', 'conversationId'),
  ],
});

export type SweepRunRow = { sweep: string; lastRunAt: Date; lastFound: number };

export const sweepRuns = new EntitySchema<SweepRunRow>({
  name: 'sweep_runs',
  columns: {
    sweep: { type: 'text', primary: true },
    lastRunAt: at('last_run_at'),
    lastFound: integer('last_found', { default: 0 }),
  },
});

/** How a vendor does, as all processes have seen it; one that asks to rest is not called before `stoppedUntil`. */
export type VendorHealthRow = {
  vendor: string;
  lastSuccessAt: Date | null;
  lastErrorAt: Date | null;
  lastError: string | null;
  stoppedUntil: Date | null;
  stops: number;
};

export const vendorHealth = new EntitySchema<VendorHealthRow>({
  name: 'vendor_health',
  columns: {
    vendor: { type: 'text', primary: true },
    lastSuccessAt: at('last_success_at', nullable),
    lastErrorAt: at('last_error_at', nullable),
    lastError: text('last_error', nullable),
    stoppedUntil: at('stopped_until', nullable),
    stops: integer('stops', { default: 0 }),
  },
});

export type ReminderRow = {
  id: string;
  reservationId: string;
  kind: 'hold_ends' | 'check_in' | 'thanks';
  about: string;
  outcome: string;
  createdAt: Date;
};

export const reminders = new EntitySchema<ReminderRow>({
  name: 'reminders',
  columns: {
    id: bigId(),
    reservationId: uuid('reservation_id'),
    kind: text('kind'),
    about: text('about'),
    outcome: text('outcome'),
    createdAt: at('created_at', now),
  },
  uniques: [{ name: 'once_per_reminder', columns: ['reservationId', 'kind', 'about'] }],
  checks: [{ name: 'reminder_kind', expression: `kind IN ('hold_ends', 'check_in', 'thanks')` }],
  foreignKeys: [references('reminder_reservation', 'reservations', 'reservationId')],
});

export type ModelCallRow = { id: string; contactId: string; calledAt: Date; tokens: number };

/** What the language model cost whom in the last day. */
export const modelCalls = new EntitySchema<ModelCallRow>({
  name: 'model_calls',
  columns: {
    id: bigId(),
    contactId: bigint('contact_id'),
    calledAt: at('called_at', now),
    tokens: integer('tokens', { default: 0 }),
  },
  indices: [{ name: 'model_calls_of_contact', columns: ['contactId', 'calledAt'] }],
  foreignKeys: [references('model_call_contact', 'contacts', 'contactId', 'CASCADE')],
});

export type LoginAttemptRow = { key: string; tries: number; until: Date };

/** Tries to log in that failed, by the digest of an account or an address. */
export const loginAttempts = new EntitySchema<LoginAttemptRow>({
  name: 'login_attempts',
  columns: { key: text('key', { primary: true }), tries: integer('tries'), until: at('until') },
  indices: [{ name: 'attempts_by_end', columns: ['until'] }],
});
