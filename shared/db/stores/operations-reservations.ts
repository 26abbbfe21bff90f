import type { ReservationStatus } from '#shared/domain/reservations/reservation.ts';
import { daysBetween, type CalendarDate } from '#shared/domain/stay.ts';
import type { Database } from '../data-source.ts';
import { readCursor, toPage, type Page } from './cursor.ts';

export const reservationOrders = ['createdAt', '-createdAt', 'checkIn', '-checkIn', 'checkOut', '-checkOut'] as const;
export type ReservationOrder = (typeof reservationOrders)[number];

/** What an operator looks for; every filter narrows. */
export type ReservationFilter = {
  statuses?: readonly ReservationStatus[] | undefined;
  accommodationId?: number | undefined;
  channel?: string | undefined;
  /** Check-in on that day or later. */
  from?: CalendarDate | undefined;
  /** Check-out on that day or before. */
  to?: CalendarDate | undefined;
  contactId?: string | undefined;
  /** A piece of the code, of the guest's name, or of the digits of the phone. */
  search?: string | undefined;
};

/** A reservation with its guest and what was paid, as lists show it. */
export type ListedReservation = {
  id: string;
  code: string;
  status: ReservationStatus;
  channel: string;
  accommodation: { id: number; name: string };
  contact: { id: string; name: string | null; phone: string | null; bsuid: string | null } | null;
  checkIn: CalendarDate;
  checkOut: CalendarDate;
  nights: number;
  adults: number;
  children: number;
  currency: string;
  totalCents: number;
  depositCents: number;
  paidCents: number;
  holdExpiresAt: string;
  createdAt: string;
  confirmedAt: string | null;
  expiredAt: string | null;
  cancelledAt: string | null;
  completedAt: string | null;
};

const columns: Record<string, { sql: string; type: string }> = {
  createdAt: { sql: 'r.created_at', type: 'timestamptz' },
  checkIn: { sql: 'r.check_in', type: 'date' },
  checkOut: { sql: 'r.check_out', type: 'date' },
};

/**
 * A page of reservations in the given order (then by id), found by its place and not by counting: rows that come in between
 * neither repeat nor hide others. Undefined for a cursor that is none of this order.
 */
export async function listReservations(
  database: Pick<Database, 'query'>,
  filter: ReservationFilter,
  page: { order: ReservationOrder; limit: number; cursor?: string | undefined },
): Promise<Page<ListedReservation> | undefined> {
  const isDown = page.order.startsWith('-');
  const { sql: column, type } = columns[page.order.replace('-', '')]!;
  const place = page.cursor === undefined ? null : readCursor(page.cursor, 2);
  if (place === undefined || (place && !isPlace(place, type))) return undefined;
  const { conditions, values } = toConditions(filter);
  if (place) {
    values.push(...place);
    conditions.push(
      `(${column}, r.id) ${isDown ? '<' : '>'} ($${values.length - 1}::${type}, $${values.length}::uuid)`,
    );
  }
  values.push(page.limit + 1);
  const direction = isDown ? 'DESC' : 'ASC';
  const rows: ReservationListRow[] = await database.query(
    `${selectReservations} ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
     ORDER BY ${column} ${direction}, r.id ${direction} LIMIT $${values.length}`,
    values,
  );
  return toPage(rows, page.limit, toListed, (row) => [
    type === 'timestamptz' ? row.created_at_exact : page.order.endsWith('checkIn') ? row.check_in : row.check_out,
    row.id,
  ]);
}

/** How many reservations a list has in all its pages; `most` when there are that many or more. */
export async function countReservations(
  database: Pick<Database, 'query'>,
  filter: ReservationFilter,
  most = 10_000,
): Promise<number> {
  const { conditions, values } = toConditions(filter);
  const [row]: { count: number }[] = await database.query(
    `SELECT count(*)::int FROM (SELECT FROM reservations r LEFT JOIN contacts c ON c.id = r.contact_id
     ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} LIMIT ${most}) counted`,
    values,
  );
  return row!.count;
}

/** One reservation as lists show it; undefined when there is none with that code. */
export async function findListedReservation(
  database: Pick<Database, 'query'>,
  code: string,
): Promise<ListedReservation | undefined> {
  const rows: ReservationListRow[] = await database.query(`${selectReservations} WHERE r.code = $1`, [
    code.trim().toUpperCase(),
  ]);
  return rows[0] && toListed(rows[0]);
}

function isPlace([value = '', id = '']: string[], type: string): boolean {
  const isValue =
    type === 'date' ? /^\d{4}-\d{2}-\d{2}$/.test(value) : /^\d{4}-\d{2}-\d{2}[ T][\d:.]+\+00$/.test(value);
  return (
    isValue && !Number.isNaN(Date.parse(value.slice(0, 10))) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
  );
}

function toConditions(filter: ReservationFilter): { conditions: string[]; values: unknown[] } {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const add = (value: unknown, condition: (place: string) => string): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  add(filter.statuses, (place) => `r.status = ANY(${place}::text[])`);
  add(filter.accommodationId, (place) => `r.accommodation_id = ${place}`);
  add(filter.channel, (place) => `r.channel = ${place}`);
  add(filter.from, (place) => `r.check_in >= ${place}::date`);
  add(filter.to, (place) => `r.check_out <= ${place}::date`);
  add(filter.contactId, (place) => `r.contact_id = ${place}::bigint`);
  const words = filter.search?.trim().replaceAll('\u0000', '');
  if (words) {
    const pattern = `%${words.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    const digits = words.replaceAll(/\D/g, '');
    add(pattern, (place) => {
      const byPhone =
        digits.length < 4
          ? ''
          : ` OR EXISTS (SELECT FROM contact_identities s WHERE s.contact_id = r.contact_id AND s.match_key LIKE '%${digits}%')`;
      return `(r.code ILIKE ${place} OR c.profile_name ILIKE ${place}${byPhone})`;
    });
  }
  return { conditions, values };
}

const selectReservations = `SELECT r.id, r.code, r.status, r.channel, r.accommodation_id, a.name AS accommodation_name, r.contact_id, c.profile_name,
  (SELECT value FROM contact_identities i WHERE i.contact_id = c.id AND i.kind = 'phone' ORDER BY i.id LIMIT 1) AS phone,
  (SELECT value FROM contact_identities i WHERE i.contact_id = c.id AND i.kind = 'bsuid' ORDER BY i.id DESC LIMIT 1) AS bsuid,
  r.check_in, r.check_out, r.adults, r.children, r.currency, r.total_cents, r.deposit_cents,
  coalesce((SELECT sum(l.cents) FROM payment_allocations l JOIN payments p ON p.id = l.payment_id
            WHERE p.reservation_id = r.id AND p.currency = r.currency AND l.purpose IN ('deposit', 'balance')), 0) AS paid_cents,
  r.hold_expires_at, r.created_at, r.created_at::text AS created_at_exact, r.confirmed_at, r.expired_at, r.cancelled_at, r.completed_at
 FROM reservations r JOIN accommodations a ON a.id = r.accommodation_id LEFT JOIN contacts c ON c.id = r.contact_id`;

type ReservationListRow = {
  id: string;
  code: string;
  status: ReservationStatus;
  channel: string;
  accommodation_id: number;
  accommodation_name: string;
  contact_id: string | null;
  profile_name: string | null;
  phone: string | null;
  bsuid: string | null;
  check_in: CalendarDate;
  check_out: CalendarDate;
  adults: number;
  children: number;
  currency: string;
  total_cents: string;
  deposit_cents: string;
  paid_cents: string;
  hold_expires_at: Date;
  created_at: Date;
  /** With microseconds: a Date would lose the place in the order. */
  created_at_exact: string;
  confirmed_at: Date | null;
  expired_at: Date | null;
  cancelled_at: Date | null;
  completed_at: Date | null;
};

function toListed(row: ReservationListRow): ListedReservation {
  return {
    id: row.id,
    code: row.code,
    status: row.status,
    channel: row.channel,
    accommodation: { id: row.accommodation_id, name: row.accommodation_name },
    contact:
      row.contact_id === null
        ? null
        : { id: row.contact_id, name: row.profile_name, phone: row.phone, bsuid: row.bsuid },
    checkIn: row.check_in,
    checkOut: row.check_out,
    nights: daysBetween(row.check_in, row.check_out),
    adults: row.adults,
    children: row.children,
    currency: row.currency,
    totalCents: Number(row.total_cents),
    depositCents: Number(row.deposit_cents),
    paidCents: Number(row.paid_cents),
    holdExpiresAt: row.hold_expires_at.toISOString(),
    createdAt: row.created_at.toISOString(),
    confirmedAt: row.confirmed_at?.toISOString() ?? null,
    expiredAt: row.expired_at?.toISOString() ?? null,
    cancelledAt: row.cancelled_at?.toISOString() ?? null,
    completedAt: row.completed_at?.toISOString() ?? null,
  };
}
