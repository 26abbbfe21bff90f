import type { EntityManager } from 'typeorm';
import type { Identity } from '#shared/domain/contacts.ts';
import type { ContactStore, MergedContact } from '#shared/domain/ports.ts';

type About = NonNullable<Parameters<ContactStore['ensure']>[1]>;
type Known = { contactId: string; kind: Identity['kind']; value: string; isRetired: boolean };

/**
 * People and their names. Two contacts that turn out to be one become it in two steps: the younger is marked and its names
 * move at once (so nothing new lands on it), and what hangs on it moves under the locks of both conversations.
 */
export function createContactStore(manager: EntityManager): ContactStore {
  /** Whose these names are; a retired number still names its old owner for what was written before `at`. */
  async function findKnown(identities: readonly Identity[], at: Date | null): Promise<Known[]> {
    if (identities.length === 0) return [];
    const rows: { contact_id: string; kind: Identity['kind']; value: string; is_retired: boolean }[] =
      await manager.query(
        // Two looks instead of an OR: each has its index.
        `SELECT DISTINCT ON (i.kind, i.match_key) i.contact_id, i.kind, i.value, i.retired_at IS NOT NULL AS is_retired
         FROM unnest($1::text[], $2::text[]) AS shown (kind, match_key), LATERAL (
           SELECT * FROM contact_identities c
           WHERE c.kind = shown.kind AND c.match_key = shown.match_key AND c.retired_at IS NULL
           UNION ALL
           SELECT * FROM contact_identities c
           WHERE c.kind = shown.kind AND c.match_key = shown.match_key AND c.retired_at IS NOT NULL AND c.retired_at > $3::timestamptz
         ) i
         ORDER BY i.kind, i.match_key, i.retired_at NULLS LAST`,
        [identities.map(({ kind }) => kind), identities.map(({ matchKey }) => matchKey), at],
      );
    return rows.map((row) => ({
      contactId: row.contact_id,
      kind: row.kind,
      value: row.value,
      isRetired: row.is_retired,
    }));
  }

  /** False when somebody else has that name: whoever inserted it first owns it. */
  async function addIdentity(contactId: string, { kind, value, matchKey }: Identity): Promise<boolean> {
    const rows: unknown[] = await manager.query(
      `INSERT INTO contact_identities (contact_id, kind, value, match_key) VALUES ($1, $2, $3, $4)
       ON CONFLICT (kind, match_key) WHERE retired_at IS NULL DO NOTHING RETURNING id`,
      [contactId, kind, value, matchKey],
    );
    return rows.length > 0;
  }

  /** The older of several contacts stays; the others are marked and their names become its own. */
  async function unite(ids: readonly string[]): Promise<string> {
    const [oldest, ...others] = [...new Set(ids)].toSorted((a, b) => Number(a) - Number(b));
    for (const other of others) {
      await manager.query('UPDATE contacts SET merged_into_id = $2 WHERE id = $1 OR merged_into_id = $1', [
        other,
        oldest,
      ]);
      await manager.query('UPDATE contact_identities SET contact_id = $2 WHERE contact_id = $1', [other, oldest]);
    }
    return oldest!;
  }

  async function ensure(
    identities: readonly Identity[],
    { name, at = null, isReceived = false, isHeard = false }: About = {},
  ): Promise<{ contactId: string; isMergePending: boolean }> {
    let known = await findKnown(identities, at);
    if (known.length === 0) {
      const [made]: { id: string }[] = await manager.query(
        'INSERT INTO contacts (profile_name) VALUES ($1) RETURNING id',
        [name],
      );
      const contactId = made!.id;
      const won: boolean[] = [];
      for (const identity of identities) won.push(await addIdentity(contactId, identity));
      if (won.every(Boolean)) return { contactId, isMergePending: false };
      known = await findKnown(identities, at);
      // Two first messages at once: the name is the other's. Nothing hangs on this contact yet; merged by age it could swallow
      // the other's, whose message may be being answered.
      if (!won.some(Boolean)) await manager.query('DELETE FROM contacts WHERE id = $1', [contactId]);
    }
    const contactId = await unite(known.map((each) => each.contactId));
    const isOld = known.some(({ isRetired }) => isRetired);
    const isSame = ({ kind, value }: Identity) => known.some((each) => each.kind === kind && each.value === value);
    for (const identity of isOld ? [] : identities) {
      if (isSame(identity)) continue;
      await addIdentity(contactId, identity);
      // Sending uses what was received: the form that WhatsApp shows replaces one that was typed or guessed.
      if (isReceived && known.some(({ kind, value }) => kind === identity.kind && value !== identity.value))
        await manager.query(
          `UPDATE contact_identities SET value = $3 WHERE kind = $1 AND match_key = $2 AND value <> $3 AND retired_at IS NULL`,
          [identity.kind, identity.matchKey, identity.value],
        );
    }
    if (name !== undefined || isHeard)
      await manager.query(
        `UPDATE contacts SET profile_name = coalesce(profile_name, $2::text), is_undeliverable = is_undeliverable AND NOT $3::boolean
         WHERE id = $1 AND (profile_name IS NULL AND $2::text IS NOT NULL OR is_undeliverable AND $3)`,
        [contactId, name ?? null, isHeard],
      );
    return { contactId, isMergePending: new Set(known.map((each) => each.contactId)).size > 1 };
  }

  return {
    ensure,

    async learn(contactId, identities) {
      let isMergePending = false;
      for (const identity of identities) {
        if (await addIdentity(contactId, identity)) continue;
        const [owner] = await findKnown([identity], null);
        if (!owner || owner.contactId === contactId) continue;
        await unite([owner.contactId, contactId]);
        isMergePending = true;
      }
      return { isMergePending };
    },

    async changePhone(contactId, phone, at) {
      await manager.query(
        `UPDATE contact_identities SET retired_at = $3 WHERE contact_id = $1 AND kind = 'phone' AND match_key <> $2 AND retired_at IS NULL`,
        [contactId, phone.matchKey, at],
      );
      await manager.query(
        'UPDATE contacts SET send_to = NULL, sibling_tried_at = NULL, is_undeliverable = false WHERE id = $1',
        [contactId],
      );
    },

    async isNamed(contactId, identity) {
      const rows: unknown[] = await manager.query(
        `SELECT 1 FROM contact_identities WHERE contact_id = $1 AND kind = $2 AND match_key = $3 AND retired_at IS NULL`,
        [contactId, identity.kind, identity.matchKey],
      );
      return rows.length > 0;
    },

    async listToMerge(limit) {
      const rows: { id: string }[] = await manager.query(
        'SELECT id FROM contacts WHERE merged_into_id IS NOT NULL ORDER BY id LIMIT $1',
        [limit],
      );
      return rows.map(({ id }) => id);
    },

    async moveMerged(id) {
      return moveMerged(manager, id);
    },

    async deleteMerged(id) {
      const rows: { id: string }[] = await manager.query(
        'SELECT id FROM conversations WHERE contact_id = (SELECT id FROM contacts WHERE id = $1 AND merged_into_id IS NOT NULL)',
        [id],
      );
      for (const row of rows) await manager.query('DELETE FROM conversations WHERE id = $1', [row.id]);
      await manager.query('DELETE FROM contacts WHERE id = $1 AND merged_into_id IS NOT NULL', [id]);
    },
  };
}

/**
 * Moves what hangs on a marked contact: its conversation whole when the other has none, else every row that points at it,
 * whatever table it is in. Both conversations are locked as a reply locks them, so no reply is in between.
 */
async function moveMerged(manager: EntityManager, id: string): Promise<MergedContact | undefined> {
  const [marked]: { merged_into_id: string | null }[] = await manager.query(
    'SELECT merged_into_id FROM contacts WHERE id = $1',
    [id],
  );
  if (!marked?.merged_into_id) return undefined;
  const into = marked.merged_into_id;
  const chats: { id: string; contact_id: string }[] = await manager.query(
    'SELECT id, contact_id FROM conversations WHERE contact_id IN ($1, $2) ORDER BY id FOR NO KEY UPDATE',
    [id, into],
  );
  const from = chats.find((chat) => chat.contact_id === id);
  const to = chats.find((chat) => chat.contact_id === into);
  if (from && !to) await manager.query('UPDATE conversations SET contact_id = $2 WHERE id = $1', [from.id, into]);
  if (from && to) {
    for (const { table, column } of await referencesTo(manager, 'conversations'))
      await manager.query(`UPDATE ${table} SET ${column} = $2 WHERE ${column} = $1`, [from.id, to.id]);
    await manager.query(
      `UPDATE conversations c SET
         state = CASE WHEN coalesce(o.last_answered_at, '-infinity') > coalesce(c.last_answered_at, '-infinity') THEN o.state ELSE c.state END,
         language = CASE WHEN coalesce(o.last_answered_at, '-infinity') > coalesce(c.last_answered_at, '-infinity') THEN o.language ELSE c.language END,
         paused_until = greatest(c.paused_until, o.paused_until),
         last_inbound_at = greatest(c.last_inbound_at, o.last_inbound_at),
         last_answered_at = greatest(c.last_answered_at, o.last_answered_at)
       FROM conversations o WHERE c.id = $2 AND o.id = $1`,
      [from.id, to.id],
    );
  }
  const own = new Set(['contact_identities', 'conversations', 'contacts']);
  for (const { table, column } of await referencesTo(manager, 'contacts'))
    if (!own.has(table)) await manager.query(`UPDATE ${table} SET ${column} = $2 WHERE ${column} = $1`, [id, into]);
  await manager.query('UPDATE contact_identities SET contact_id = $2 WHERE contact_id = $1', [id, into]);
  await manager.query(
    `UPDATE contacts c SET profile_name = coalesce(c.profile_name, o.profile_name), send_to = coalesce(c.send_to, o.send_to),
       is_undeliverable = c.is_undeliverable AND o.is_undeliverable
     FROM contacts o WHERE c.id = $2 AND o.id = $1`,
    [id, into],
  );
  return { contactId: into, conversationId: (to ?? from)?.id };
}

/** Every column that points at a table, asked of Postgres, so that a table of tomorrow is not forgotten. */
async function referencesTo(manager: EntityManager, table: string): Promise<{ table: string; column: string }[]> {
  return manager.query(
    `SELECT c.conrelid::regclass::text AS table, quote_ident(a.attname) AS column
     FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f' AND c.confrelid = to_regclass($1) AND cardinality(c.conkey) = 1
     ORDER BY 1, 2`,
    [`public.${table}`],
  );
}
