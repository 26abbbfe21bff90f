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
    createdAt: at('created_at', now),
  },
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
