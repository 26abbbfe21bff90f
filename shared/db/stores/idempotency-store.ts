import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { IdempotencyStore } from '#shared/domain/ports.ts';
import type { Database } from '../data-source.ts';
import { idempotencyKeys } from '../schemas/idempotency.ts';

/** The first key of the advisory locks on idempotency keys. */
const keyLockSpace = 7_106;

/**
 * First answers by operator and key; the answer commits together with what it tells of. Keys are kept as digests: what a caller
 * puts into one may be a person's.
 */
export function createIdempotencyStore(manager: EntityManager): IdempotencyStore {
  return {
    async claim({ operator, key: given, fingerprint }) {
      const key = digest(given);
      const [lock]: { free: boolean }[] = await manager.query(
        'SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS free',
        [keyLockSpace, `${operator}\n${key}`],
      );
      if (!lock!.free) return { type: 'in_progress' };
      const inserted: { id: string }[] = await manager.query(
        `INSERT INTO idempotency_keys (operator, key, fingerprint) VALUES ($1, $2, $3)
         ON CONFLICT ON CONSTRAINT one_answer_per_key DO NOTHING RETURNING id`,
        [operator, key, fingerprint],
      );
      if (inserted.length > 0) return { type: 'new' };
      const row = await manager.findOneByOrFail(idempotencyKeys, { operator, key });
      if (row.fingerprint !== fingerprint) return { type: 'other_request' };
      if (row.status === null || row.answer === null) return { type: 'erased' };
      return { type: 'answered', status: row.status, answer: row.answer };
    },
    async finish({ operator, key, status, answer }) {
      await manager.update(idempotencyKeys, { operator, key: digest(key) }, { status, answer });
    },
    async release({ operator, key }) {
      await manager.delete(idempotencyKeys, { operator, key: digest(key) });
    },
  };
}

function digest(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Forgets the answers older than that many hours; returns how many. */
export async function forgetOldKeys(database: Database, hours: number): Promise<number> {
  const [, count]: [unknown, number] = await database.query(
    `DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(hours => $1)`,
    [hours],
  );
  return count;
}
