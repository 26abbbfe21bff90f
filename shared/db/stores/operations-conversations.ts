import type { Language } from '#shared/domain/conversations/conversation.ts';
import type { OutboundMessage } from '#shared/domain/conversations/message.ts';
import type { Database } from '../data-source.ts';
import { readCursor, toPage, type Page } from './cursor.ts';

/** A chat as the inbox lists it. */
export type ListedConversation = {
  id: string;
  contact: { id: string; name: string | null; phone: string | null; bsuid: string | null };
  language: Language;
  /** A person has it until then; the bot is silent. */
  pausedUntil: string | null;
  /** Messages that nobody has answered yet, by the bot or (while paused) by the person. */
  unansweredCount: number;
  leftToPersonCount: number;
  lastMessage: { direction: 'in' | 'out'; type: string; text: string | null; at: string } | null;
};

/** One message of a chat, in either direction. `text`: what a person reads of it. */
export type ChatMessage = {
  id: string;
  direction: 'in' | 'out';
  type: string;
  text: string | null;
  /** Titles of buttons and rows that were offered. */
  choices: string[];
  at: string;
  state: string;
  delivery: string | null;
  failureCode: string | null;
  /** Why we said it: reply, person, booking_confirmed, … */
  purpose: string | null;
  reservationCode: string | null;
};

export type ConversationFilter = {
  /** `paused`: a person has it. `waiting`: something is unanswered or was left to the person. */
  state?: 'paused' | 'waiting' | undefined;
  search?: string | undefined;
};

/** A page of chats, the one with the newest message first. Undefined for a cursor that is none. */
export async function listConversations(
  database: Pick<Database, 'query'>,
  filter: ConversationFilter,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<ListedConversation> | undefined> {
  const place = page.cursor === undefined ? null : readCursor(page.cursor, 2);
  if (place === undefined || (place && !/^\d+(\.\d+)?$/.test(place[0]!)) || (place && !/^\d{1,18}$/.test(place[1]!)))
    return undefined;
  const values: unknown[] = [page.limit + 1];
  const conditions: string[] = [];
  if (filter.state === 'paused') conditions.push('paused_until > now()');
  if (filter.state === 'waiting') conditions.push('(unanswered > 0 OR left_to_person > 0)');
  const words = filter.search?.trim().replaceAll('\u0000', '');
  if (words) {
    values.push(`%${words.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`);
    const name = `profile_name ILIKE $${values.length}`;
    const digits = words.replaceAll(/\D/g, '');
    if (digits.length >= 4) values.push(`%${digits}%`);
    conditions.push(digits.length < 4 ? name : `(${name} OR phone LIKE $${values.length})`);
  }
  if (place) {
    values.push(...place);
    conditions.push(`(order_key, id) < ($${values.length - 1}::numeric, $${values.length}::bigint)`);
  }
  const rows: ConversationListRow[] = await database.query(
    `SELECT * FROM (${selectConversations}) v ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
     ORDER BY order_key DESC, id DESC LIMIT $1`,
    values,
  );
  return toPage(rows, page.limit, toListed, (row) => [row.order_key, row.id]);
}

/** One chat as lists show it. */
export async function findListedConversation(
  database: Pick<Database, 'query'>,
  id: string,
): Promise<ListedConversation | undefined> {
  const rows: ConversationListRow[] = await database.query(`SELECT * FROM (${selectConversations}) v WHERE id = $1`, [
    id,
  ]);
  return rows[0] && toListed(rows[0]);
}

const selectConversations = `SELECT v.id, v.contact_id, v.language, v.paused_until, c.profile_name,
  (SELECT value FROM contact_identities i WHERE i.contact_id = c.id AND i.kind = 'phone' ORDER BY i.id LIMIT 1) AS phone,
  (SELECT value FROM contact_identities i WHERE i.contact_id = c.id AND i.kind = 'bsuid' ORDER BY i.id DESC LIMIT 1) AS bsuid,
  (SELECT count(*) FROM inbound_messages m WHERE m.conversation_id = v.id AND m.state IN ('unanswered', 'untranscribed'))::int AS unanswered,
  (SELECT count(*) FROM inbound_messages m WHERE m.conversation_id = v.id AND m.state = 'left_to_person'
     AND m.recorded_at > coalesce((SELECT max(o.created_at) FROM outbound_messages o WHERE o.conversation_id = v.id AND o.purpose = 'person'), '-infinity'))::int
    AS left_to_person,
  extract(epoch FROM coalesce(greatest(i.recorded_at, o.created_at), v.created_at)) AS order_key,
  CASE WHEN i.id IS NULL AND o.id IS NULL THEN NULL WHEN o.id IS NULL OR i.recorded_at >= o.created_at THEN 'in' ELSE 'out' END AS direction,
  i.type AS in_type, i.text AS in_text, i.sent_at AS in_at, o.payload AS out_payload, o.created_at AS out_at
 FROM conversations v JOIN contacts c ON c.id = v.contact_id
 LEFT JOIN LATERAL (SELECT id, type, text, sent_at, recorded_at FROM inbound_messages WHERE conversation_id = v.id ORDER BY id DESC LIMIT 1) i ON true
 LEFT JOIN LATERAL (SELECT id, payload, created_at FROM outbound_messages WHERE conversation_id = v.id ORDER BY id DESC LIMIT 1) o ON true`;

type ConversationListRow = {
  id: string;
  contact_id: string;
  language: Language;
  paused_until: Date | null;
  profile_name: string | null;
  phone: string | null;
  bsuid: string | null;
  unanswered: number;
  left_to_person: number;
  order_key: string;
  direction: 'in' | 'out' | null;
  in_type: string | null;
  in_text: string | null;
  in_at: Date | null;
  out_payload: OutboundMessage | null;
  out_at: Date | null;
};

function toListed(row: ConversationListRow): ListedConversation {
  return {
    id: row.id,
    contact: { id: row.contact_id, name: row.profile_name, phone: row.phone, bsuid: row.bsuid },
    language: row.language,
    pausedUntil: row.paused_until?.toISOString() ?? null,
    unansweredCount: row.unanswered,
    leftToPersonCount: row.left_to_person,
    lastMessage: toLastMessage(row),
  };
}

function toLastMessage(row: ConversationListRow): ListedConversation['lastMessage'] {
  if (row.direction === 'in' && row.in_type && row.in_at)
    return { direction: 'in', type: row.in_type, text: row.in_text, at: row.in_at.toISOString() };
  if (row.direction === 'out' && row.out_payload && row.out_at)
    return {
      direction: 'out',
      type: row.out_payload.kind,
      text: wordsOf(row.out_payload),
      at: row.out_at.toISOString(),
    };
  return null;
}

/**
 * A page of a chat's messages, newest first; a guest's by the time it reached us, so that an answer stands after what it
 * answers. Undefined for a cursor that is none.
 */
export async function listMessages(
  database: Pick<Database, 'query'>,
  conversationId: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<ChatMessage> | undefined> {
  const place = page.cursor === undefined ? null : readCursor(page.cursor, 3);
  if (place === undefined || (place && !isMessagePlace(place))) return undefined;
  const rows: MessageRow[] = await database.query(
    `SELECT * FROM (
       SELECT 'in' AS direction, m.id, m.recorded_at AS ordered_at, extract(epoch FROM m.recorded_at)::text AS place, m.sent_at AS at, m.type,
              m.text, NULL::jsonb AS payload, m.state, NULL AS delivery, NULL AS failure_code, NULL AS purpose, NULL AS code
       FROM inbound_messages m WHERE m.conversation_id = $1
         AND ($3::text IS NULL OR (extract(epoch FROM m.recorded_at), 'in', m.id) < ($3::numeric, $4::text, $5::bigint))
       UNION ALL
       SELECT 'out', o.id, o.created_at, extract(epoch FROM o.created_at)::text, coalesce(o.sent_at, o.created_at), o.payload ->> 'kind',
              NULL, o.payload, o.state, o.delivery, o.failure_code, o.purpose, r.code
       FROM outbound_messages o LEFT JOIN reservations r ON r.id = o.reservation_id WHERE o.conversation_id = $1
         AND ($3::text IS NULL OR (extract(epoch FROM o.created_at), 'out', o.id) < ($3::numeric, $4::text, $5::bigint))
     ) t ORDER BY ordered_at DESC, direction DESC, id DESC LIMIT $2`,
    [conversationId, page.limit + 1, ...(place ?? [null, null, null])],
  );
  return toPage(rows, page.limit, toMessage, (row) => [row.place, row.direction, row.id]);
}

function isMessagePlace([at = '', direction = '', id = '']: string[]): boolean {
  return /^\d+(\.\d+)?$/.test(at) && /^(in|out)$/.test(direction) && /^\d{1,18}$/.test(id);
}

type MessageRow = {
  direction: 'in' | 'out';
  id: string;
  place: string;
  at: Date;
  type: string;
  text: string | null;
  payload: OutboundMessage | null;
  state: string;
  delivery: string | null;
  failure_code: string | null;
  purpose: string | null;
  code: string | null;
};

function toMessage(row: MessageRow): ChatMessage {
  return {
    id: row.id,
    direction: row.direction,
    type: row.type,
    text: row.payload ? wordsOf(row.payload) : row.text,
    choices: row.payload ? choicesOf(row.payload) : [],
    at: row.at.toISOString(),
    state: row.state,
    delivery: row.delivery,
    failureCode: row.failure_code,
    purpose: row.purpose,
    reservationCode: row.code,
  };
}

/** What a guest reads of a message of ours; a template's own words are at Meta, its parameters are ours. */
function wordsOf(payload: OutboundMessage): string | null {
  switch (payload.kind) {
    case 'image':
      return payload.caption ?? null;
    case 'template':
      return payload.bodyParameters.join(' · ');
    default:
      return payload.body;
  }
}

function choicesOf(payload: OutboundMessage): string[] {
  if (payload.kind === 'buttons') return payload.buttons.map(({ title }) => title);
  if (payload.kind === 'list') return payload.sections.flatMap(({ rows }) => rows.map(({ title }) => title));
  return [];
}
