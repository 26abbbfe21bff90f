import { EntitySchema } from 'typeorm';
import { at, bigId, now, nullable, small, text } from './columns.ts';

export type IdempotencyKeyRow = {
  id: string;
  operator: string;
  key: string;
  fingerprint: string;
  status: number | null;
  answer: string | null;
  createdAt: Date;
};

export const idempotencyKeys = new EntitySchema<IdempotencyKeyRow>({
  name: 'idempotency_keys',
  columns: {
    id: bigId(),
    operator: text('operator'),
    key: text('key'),
    fingerprint: text('fingerprint'),
    status: small('status', nullable),
    answer: text('answer', nullable),
    createdAt: at('created_at', now),
  },
  uniques: [{ name: 'one_answer_per_key', columns: ['operator', 'key'] }],
  indices: [{ name: 'keys_by_age', columns: ['createdAt'] }],
});
