import type { CalendarDate } from '#shared/domain/stay.ts';
import type { Database } from '../data-source.ts';
import { parseRange } from '../ranges.ts';

/** A stay as the day's lists show it. */
export type DayStay = {
  code: string;
  status: string;
  unit: string;
  guest: { name: string | null; phone: string | null };
  checkIn: CalendarDate;
  checkOut: CalendarDate;
  adults: number;
  children: number;
  currency: string;
  totalCents: number;
  paidCents: number;
  holdExpiresAt: Date;
  /** A payment is on its way: the hold was given more time. */
  isInGrace: boolean;
};

export type OpenConflict = {
  id: string;
  unit: string;
  code: string;
  guest: string | null;
  channel: string;
  nights: { from: CalendarDate; to: CalendarDate };
  openedAt: Date;
};

export type FeedAge = {
  id: number;
  unit: string;
  channel: string;
  lastGoodAt: Date | null;
  failure: string | null;
  isPaused: boolean;
  isQuarantined: boolean;
};

export type HandedOver = {
  conversationId: string;
  guest: { name: string | null; phone: string | null };
  pausedUntil: Date;
  waitingCount: number;
};

export type Today = {
  arrivals: DayStay[];
  departures: DayStay[];
  staying: DayStay[];
  holds: DayStay[];
  conflicts: OpenConflict[];
  feeds: FeedAge[];
  handedOver: HandedOver[];
};

/** What the day holds; `today` is the lodging's. Each list is short by nature; a hundred of each at most. */
export async function readToday(database: Pick<Database, 'query'>, today: CalendarDate): Promise<Today> {
  const stays = (where: string): Promise<StayRow[]> =>
    database.query(`${selectStays} WHERE ${where} LIMIT 100`, where.includes('$1') ? [today] : []);
  const [arrivals, departures, staying, holds] = await Promise.all([
    stays(`r.status IN ('confirmed', 'completed') AND r.check_in = $1 ORDER BY a.position, a.id`),
    stays(`r.status IN ('confirmed', 'completed') AND r.check_out = $1 ORDER BY a.position, a.id`),
    stays(`r.status = 'confirmed' AND r.check_in < $1 AND r.check_out > $1 ORDER BY r.check_out, a.position`),
    stays(`r.status = 'held' ORDER BY r.hold_expires_at, r.id`),
  ]);
  return {
    arrivals: arrivals.map(toStay),
    departures: departures.map(toStay),
    staying: staying.map(toStay),
    holds: holds.map(toStay),
    conflicts: await readConflicts(database),
    feeds: await readFeedAges(database),
    handedOver: await readHandedOver(database),
  };
}

const phoneOf = `(SELECT value FROM contact_identities i WHERE i.contact_id = c.id AND i.kind = 'phone' AND i.retired_at IS NULL ORDER BY i.id LIMIT 1)`;

const selectStays = `SELECT r.code, r.status, a.name AS unit, c.profile_name, ${phoneOf} AS phone, r.check_in, r.check_out, r.adults, r.children,
   r.currency, r.total_cents, r.hold_expires_at, r.grace_given_at,
   coalesce((SELECT sum(l.cents) FROM payment_allocations l JOIN payments p ON p.id = l.payment_id
             WHERE p.reservation_id = r.id AND p.currency = r.currency AND l.purpose IN ('deposit', 'balance')), 0) AS paid_cents
 FROM reservations r JOIN accommodations a ON a.id = r.accommodation_id LEFT JOIN contacts c ON c.id = r.contact_id`;

type StayRow = {
  code: string;
  status: string;
  unit: string;
  profile_name: string | null;
  phone: string | null;
  check_in: CalendarDate;
  check_out: CalendarDate;
  adults: number;
  children: number;
  currency: string;
  total_cents: string;
  paid_cents: string;
  hold_expires_at: Date;
  grace_given_at: Date | null;
};

function toStay(row: StayRow): DayStay {
  return {
    code: row.code,
    status: row.status,
    unit: row.unit,
    guest: { name: row.profile_name, phone: row.phone },
    checkIn: row.check_in,
    checkOut: row.check_out,
    adults: row.adults,
    children: row.children,
    currency: row.currency,
    totalCents: Number(row.total_cents),
    paidCents: Number(row.paid_cents),
    holdExpiresAt: row.hold_expires_at,
    isInGrace: row.grace_given_at !== null,
  };
}

/** Cases where a stay of ours and one of another channel want the same nights, the oldest first. */
export async function readConflicts(database: Pick<Database, 'query'>): Promise<OpenConflict[]> {
  type Row = {
    id: string;
    unit: string;
    code: string;
    name: string | null;
    channel: string;
    nights: string;
    opened_at: Date;
  };
  const rows: Row[] = await database.query(
    `SELECT k.id, a.name AS unit, r.code, c.profile_name AS name, f.channel, e.nights::text AS nights, k.opened_at
     FROM calendar_conflicts k JOIN accommodations a ON a.id = k.accommodation_id JOIN reservations r ON r.id = k.reservation_id
     JOIN calendar_events e ON e.id = k.calendar_event_id JOIN calendar_feeds f ON f.id = e.feed_id
     LEFT JOIN contacts c ON c.id = r.contact_id
     WHERE k.state = 'open' ORDER BY k.id LIMIT 100`,
  );
  return rows.map((row) => ({
    id: row.id,
    unit: row.unit,
    code: row.code,
    guest: row.name,
    channel: row.channel,
    nights: parseRange(row.nights),
    openedAt: row.opened_at,
  }));
}

async function readFeedAges(database: Pick<Database, 'query'>): Promise<FeedAge[]> {
  type Row = {
    id: number;
    unit: string;
    channel: string;
    last_good_at: Date | null;
    failure: string | null;
    is_paused: boolean;
    is_quarantined: boolean;
  };
  const rows: Row[] = await database.query(
    `SELECT f.id, a.name AS unit, f.channel, f.last_good_at, f.failure, f.is_paused, f.quarantine IS NOT NULL AS is_quarantined
     FROM calendar_feeds f JOIN accommodations a ON a.id = f.accommodation_id
     WHERE f.removed_at IS NULL ORDER BY f.last_good_at NULLS FIRST, f.id`,
  );
  return rows.map((row) => ({
    id: row.id,
    unit: row.unit,
    channel: row.channel,
    lastGoodAt: row.last_good_at,
    failure: row.failure,
    isPaused: row.is_paused,
    isQuarantined: row.is_quarantined,
  }));
}

async function readHandedOver(database: Pick<Database, 'query'>): Promise<HandedOver[]> {
  type Row = { id: string; profile_name: string | null; phone: string | null; paused_until: Date; waiting: number };
  const rows: Row[] = await database.query(
    `SELECT v.id, c.profile_name, ${phoneOf} AS phone, v.paused_until,
            (SELECT count(*) FROM inbound_messages m WHERE m.conversation_id = v.id AND m.state = 'left_to_person'
               AND m.recorded_at > coalesce((SELECT max(o.created_at) FROM outbound_messages o
                                             WHERE o.conversation_id = v.id AND o.purpose = 'person'), '-infinity'))::int AS waiting
     FROM conversations v JOIN contacts c ON c.id = v.contact_id
     WHERE v.paused_until > now() ORDER BY waiting DESC, v.paused_until DESC LIMIT 100`,
  );
  return rows.map((row) => ({
    conversationId: row.id,
    guest: { name: row.profile_name, phone: row.phone },
    pausedUntil: row.paused_until,
    waitingCount: row.waiting,
  }));
}
