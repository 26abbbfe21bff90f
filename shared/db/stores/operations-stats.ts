import { addDays, type CalendarDate } from '#shared/domain/stay.ts';
import type { Database } from '../data-source.ts';
import { readCalendar } from './operations-calendar.ts';
import { readStats, type Stats } from './stats.ts';

/** Figures for operators, each from the tables at this moment. Money in cents per currency. */
export type OperatorStats = Stats & {
  /** Stays that stand and begin in the lodging's current month. */
  month: { from: CalendarDate; revenueCents: Record<string, number>; stays: number };
  /** Of the reservations that were decided: how many became stays, in percent with one decimal; null without any. */
  conversionPercent: number | null;
  last24Hours: { reservations: number; confirmed: number; paymentsCents: Record<string, number>; messages: number };
  today: { date: CalendarDate; arrivals: number; departures: number; staying: number; holds: number };
  /** The 30 nights from today. */
  next30Nights: { takenNights: number; allNights: number; occupancyPercent: number };
};

/** Reads them; `today` is the lodging's, by the database's clock. */
export async function readOperatorStats(database: Database, today: CalendarDate): Promise<OperatorStats> {
  const firstOfMonth = `${today.slice(0, 8)}01`;
  const perCurrency = async (sql: string, values: unknown[] = []): Promise<Record<string, number>> => {
    const rows: { currency: string; cents: string }[] = await database.query(sql, values);
    return Object.fromEntries(rows.map(({ currency, cents }) => [currency, Number(cents)]));
  };
  const [counts]: Record<string, number | null>[] = await database.query(
    `SELECT (SELECT count(*) FROM reservations WHERE created_at > now() - interval '24 hours')::int AS created,
            (SELECT count(*) FROM reservations WHERE confirmed_at > now() - interval '24 hours')::int AS confirmed,
            (SELECT count(*) FROM inbound_messages WHERE received_at > now() - interval '24 hours')::int AS messages,
            (SELECT count(*) FROM reservations WHERE status IN ('confirmed', 'completed') AND date_trunc('month', check_in) = date_trunc('month', $1::date))::int AS stays,
            (SELECT count(*) FROM reservations WHERE status = 'confirmed' AND check_in = $1::date)::int AS arrivals,
            (SELECT count(*) FROM reservations WHERE status = 'confirmed' AND check_out = $1::date)::int AS departures,
            (SELECT count(*) FROM reservations WHERE status = 'confirmed' AND check_in <= $1::date AND check_out > $1::date)::int AS staying,
            (SELECT count(*) FROM reservations WHERE status = 'held')::int AS holds,
            (SELECT round(1000.0 * count(*) FILTER (WHERE confirmed_at IS NOT NULL) / nullif(count(*), 0)) / 10 FROM reservations WHERE status <> 'held')::float8 AS conversion`,
    [today],
  );
  const { takenNights, allNights, occupancyPercent } = await readCalendar(database, {
    from: today,
    to: addDays(today, 30),
  });
  return {
    ...(await readStats(database)),
    month: {
      from: firstOfMonth,
      revenueCents: await perCurrency(
        `SELECT currency, sum(total_cents) AS cents FROM reservations
         WHERE status IN ('confirmed', 'completed') AND date_trunc('month', check_in) = date_trunc('month', $1::date) GROUP BY currency`,
        [today],
      ),
      stays: counts!['stays'] ?? 0,
    },
    conversionPercent: counts!['conversion'] ?? null,
    last24Hours: {
      reservations: counts!['created'] ?? 0,
      confirmed: counts!['confirmed'] ?? 0,
      messages: counts!['messages'] ?? 0,
      paymentsCents: await perCurrency(
        `SELECT currency, sum(approved_cents) AS cents FROM payments
         WHERE approved_cents > 0 AND coalesce(received_at, created_at) > now() - interval '24 hours' GROUP BY currency`,
      ),
    },
    today: {
      date: today,
      arrivals: counts!['arrivals'] ?? 0,
      departures: counts!['departures'] ?? 0,
      staying: counts!['staying'] ?? 0,
      holds: counts!['holds'] ?? 0,
    },
    next30Nights: { takenNights, allNights, occupancyPercent },
  };
}
