import type { Database } from '../data-source.ts';
import { readCursor, toPage, type Page } from './cursor.ts';

export type OwnerNotice = {
  id: string;
  type: string;
  state: 'kept' | 'told' | 'done';
  reservationCode: string | null;
  conversationId: string | null;
  paymentId: string | null;
  data: Record<string, unknown>;
  createdAt: string;
};

/** What the owner has to hear, newest first. Undefined for a cursor that is none. */
export async function listNotices(
  database: Pick<Database, 'query'>,
  filter: { states?: readonly string[] | undefined; type?: string | undefined },
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<OwnerNotice> | undefined> {
  const place = page.cursor === undefined ? null : readCursor(page.cursor, 1);
  if (place === undefined || (place && !/^\d{1,18}$/.test(place[0]!))) return undefined;
  const rows: NoticeRow[] = await database.query(
    `SELECT n.id, n.type, n.state, r.code, n.conversation_id, n.payment_id, n.data, n.created_at
     FROM owner_notices n LEFT JOIN reservations r ON r.id = n.reservation_id
     WHERE ($1::text[] IS NULL OR n.state = ANY($1)) AND ($2::text IS NULL OR n.type = $2) AND ($3::bigint IS NULL OR n.id < $3)
     ORDER BY n.id DESC LIMIT $4`,
    [filter.states ?? null, filter.type ?? null, place?.[0] ?? null, page.limit + 1],
  );
  return toPage(rows, page.limit, toNotice, (row) => [row.id]);
}

type NoticeRow = {
  id: string;
  type: string;
  state: OwnerNotice['state'];
  code: string | null;
  conversation_id: string | null;
  payment_id: string | null;
  data: Record<string, unknown>;
  created_at: Date;
};

function toNotice(row: NoticeRow): OwnerNotice {
  return {
    id: row.id,
    type: row.type,
    state: row.state,
    reservationCode: row.code,
    conversationId: row.conversation_id,
    paymentId: row.payment_id,
    data: row.data,
    createdAt: row.created_at.toISOString(),
  };
}
