import type { EntityManager } from 'typeorm';
import type { ModelCallStore } from '#shared/domain/conversations/model-answer.ts';

/** What the language model cost each contact in the last 24 hours; older rows go whenever a new one comes. */
export function createModelCallStore(manager: EntityManager): ModelCallStore {
  return {
    async begin(contactId, { calls, tokens }) {
      await manager.query(`DELETE FROM model_calls WHERE called_at < now() - interval '24 hours'`);
      const rows: { id: string }[] = await manager.query(
        `INSERT INTO model_calls (contact_id)
         SELECT $1 WHERE (SELECT count(*) < $2 AND coalesce(sum(tokens), 0) < $3 FROM model_calls WHERE contact_id = $1)
         RETURNING id`,
        [contactId, calls, tokens],
      );
      return rows[0]?.id ?? null;
    },

    async finish(id, tokens) {
      await manager.query('UPDATE model_calls SET tokens = $2 WHERE id = $1', [id, tokens]);
    },
  };
}
