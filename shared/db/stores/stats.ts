import type { Database } from '../data-source.ts';

export type Stats = {
  reservations: Record<string, number>;
  /** Cents per currency: totals of stays that stand, and net money allocated to deposits. */
  revenueCents: Record<string, number>;
  depositsCents: Record<string, number>;
  payments: Record<string, number>;
  messages: { unanswered: number; unsent: number; sentToday: number; failed: number };
  ownerNotices: number;
};

/** Figures for owners, computed from the data at this moment. */
export async function readStats(database: Database): Promise<Stats> {
  const table = async (sql: string): Promise<Record<string, number>> => {
    const rows: { key: string; value: string }[] = await database.query(sql);
    return Object.fromEntries(rows.map(({ key, value }) => [key, Number(value)]));
  };
  const statuses = await table('SELECT status AS key, count(*) AS value FROM reservations GROUP BY status');
  const [messages]: Record<string, string>[] = await database.query(
    `SELECT (SELECT count(*) FROM inbound_messages WHERE state = 'unanswered') AS unanswered,
            (SELECT count(*) FROM outbound_messages WHERE state IN ('unsent', 'sending')) AS unsent,
            (SELECT count(*) FROM outbound_messages WHERE sent_at > now() - interval '24 hours') AS sent,
            (SELECT count(*) FROM outbound_messages WHERE state IN ('failed', 'parked')) AS failed,
            (SELECT count(*) FROM owner_notices WHERE state = 'kept') AS notices`,
  );
  return {
    reservations: { held: 0, confirmed: 0, expired: 0, cancelled: 0, completed: 0, no_show: 0, ...statuses },
    revenueCents: await table(
      `SELECT currency AS key, sum(total_cents) AS value FROM reservations WHERE status IN ('confirmed', 'completed') GROUP BY currency`,
    ),
    depositsCents: await table(
      `SELECT p.currency AS key, sum(a.cents) AS value FROM payment_allocations a JOIN payments p ON p.id = a.payment_id
       WHERE a.purpose = 'deposit' GROUP BY p.currency`,
    ),
    payments: await table('SELECT outcome AS key, count(*) AS value FROM payments GROUP BY outcome'),
    messages: {
      unanswered: Number(messages!['unanswered']),
      unsent: Number(messages!['unsent']),
      sentToday: Number(messages!['sent']),
      failed: Number(messages!['failed']),
    },
    ownerNotices: Number(messages!['notices']),
  };
}
