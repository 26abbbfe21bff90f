import type { Identity } from '#shared/domain/contacts.ts';
import type { EntityManager } from 'typeorm';
import type { Database } from '../data-source.ts';

/** Whom a conversation's messages go to: the phone as received (or the form that worked), and the BSUID. */
export type ConversationRecipient = {
  contactId: string;
  phone: string | null;
  bsuid: string | null;
  /** WhatsApp said that it cannot reach this person, who has not written since. */
  isUndeliverable: boolean;
  /** The other form of an Argentine number was tried already. */
  isSiblingTried: boolean;
  lodgingName: string;
};

export async function findRecipient(
  database: Pick<EntityManager, 'query'>,
  conversationId: string,
): Promise<ConversationRecipient | undefined> {
  const [row]: {
    contact_id: string;
    phone: string | null;
    bsuid: string | null;
    is_undeliverable: boolean;
    is_sibling_tried: boolean;
    lodging: string | null;
  }[] = await database.query(
    // By the contact alone: by kind or by what is in use, a plan that was made on the first day goes through every guest's names.
    `SELECT c.id AS contact_id, coalesce(c.send_to, names.phone) AS phone, names.bsuid,
       c.is_undeliverable, c.sibling_tried_at IS NOT NULL AS is_sibling_tried, (SELECT name FROM lodgings) AS lodging
     FROM conversations v JOIN contacts o ON o.id = v.contact_id
       -- What is said in the chat of a contact that is being merged goes to whose names they are now.
       JOIN contacts c ON c.id = coalesce(o.merged_into_id, o.id),
       LATERAL (SELECT (array_agg(value ORDER BY i.id) FILTER (WHERE kind = 'phone' AND retired_at IS NULL))[1] AS phone,
           (array_agg(value ORDER BY i.id DESC) FILTER (WHERE kind = 'bsuid' AND retired_at IS NULL))[1] AS bsuid
         FROM contact_identities i WHERE i.contact_id = c.id) names
     WHERE v.id = $1`,
    [conversationId],
  );
  if (!row) return undefined;
  return {
    contactId: row.contact_id,
    phone: row.phone,
    bsuid: row.bsuid,
    isUndeliverable: row.is_undeliverable,
    isSiblingTried: row.is_sibling_tried,
    lodgingName: row.lodging ?? 'Posada',
  };
}

/** The other form of the number is sent to from now on; it is tried once in a contact's life. False when it was before. */
export async function trySibling(database: Database, contactId: string, phone: string): Promise<boolean> {
  const [rows]: [unknown[], number] = await database.query(
    'UPDATE contacts SET send_to = $2, sibling_tried_at = now() WHERE id = $1 AND sibling_tried_at IS NULL RETURNING id',
    [contactId, phone],
  );
  return rows.length > 0;
}

/** The other form does not work either: back to what was received. */
export async function forgetSibling(database: Database, contactId: string): Promise<void> {
  await database.query('UPDATE contacts SET send_to = NULL WHERE id = $1 AND send_to IS NOT NULL', [contactId]);
}

/** WhatsApp cannot reach this person: nothing is sent until the guest writes. */
export async function flagUndeliverable(database: Database, contactId: string): Promise<void> {
  await database.query('UPDATE contacts SET is_undeliverable = true WHERE id = $1', [contactId]);
}

/** Those of the identities that the contact is not known by. */
export async function listNewNames(
  database: Pick<EntityManager, 'query'>,
  contactId: string,
  identities: readonly Identity[],
): Promise<Identity[]> {
  if (identities.length === 0) return [];
  const rows: { position: string }[] = await database.query(
    `SELECT position FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS name (kind, match_key, position)
     WHERE NOT EXISTS (SELECT FROM contact_identities i
       WHERE i.contact_id = $1 AND i.kind = name.kind AND i.match_key = name.match_key AND i.retired_at IS NULL)
     ORDER BY position`,
    [contactId, identities.map(({ kind }) => kind), identities.map(({ matchKey }) => matchKey)],
  );
  return rows.map(({ position }) => identities[Number(position) - 1]!);
}
