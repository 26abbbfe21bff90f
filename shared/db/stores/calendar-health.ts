import type { BusinessFigure } from '#shared/observability/business-figures.ts';
import type { HealthCheck } from '#shared/observability/health.ts';
import type { Database } from '../data-source.ts';

/** Minutes without a good fetch after which a feed is no longer to be trusted. */
const oldestMinutes = 30;

/** Degrades when the oldest active feed is older than 30 minutes; a feed that was never fetched is as old as its row. */
export function icalCheck(database: () => Database | undefined): HealthCheck {
  return {
    name: 'ical',
    timeoutMs: 1_500,
    async run() {
      const open = database();
      if (!open) return { status: 'degraded', detail: 'the database is not open' };
      const [row]: { feeds: number; minutes: number | null; failing: number }[] = await open.query(
        `SELECT count(*)::int AS feeds, floor(extract(epoch FROM now() - min(coalesce(last_good_at, created_at))) / 60)::int AS minutes,
           count(*) FILTER (WHERE failure IS NOT NULL)::int AS failing
         FROM calendar_feeds WHERE removed_at IS NULL AND NOT is_paused`,
      );
      const { feeds, minutes, failing } = row!;
      if (feeds === 0 || minutes === null) return { status: 'ok', detail: 'no feeds' };
      const detail = `${feeds} feeds, ${failing} failing, the oldest read ${minutes} minutes ago`;
      return { status: minutes >= oldestMinutes ? 'degraded' : 'ok', detail };
    },
  };
}

/** Feeds' ages, open cases and what happened to events, as the tables know it. */
export async function readCalendarFigures(database: Database): Promise<BusinessFigure[]> {
  const ages: { accommodation: string; channel: string; age: string }[] = await database.query(
    `SELECT a.name AS accommodation, f.channel, extract(epoch FROM now() - coalesce(f.last_good_at, f.created_at)) AS age
     FROM calendar_feeds f JOIN accommodations a ON a.id = f.accommodation_id
     WHERE f.removed_at IS NULL AND NOT f.is_paused ORDER BY f.accommodation_id, f.channel`,
  );
  const [open]: { count: string }[] = await database.query(
    `SELECT count(*) AS count FROM calendar_conflicts WHERE state = 'open'`,
  );
  const outcomes: { outcome: string; count: string }[] = await database.query(
    `SELECT o.key AS outcome, sum(o.value::bigint) AS count FROM calendar_feeds f, jsonb_each_text(f.outcomes) AS o
     GROUP BY o.key ORDER BY o.key`,
  );
  return [
    ...ages.map(({ accommodation, channel, age }) => ({
      name: 'calendar_sync_age_seconds',
      labels: { accommodation, channel },
      value: Number(age),
    })),
    { name: 'calendar_conflicts_open', value: Number(open!.count) },
    ...outcomes.map(({ outcome, count }) => ({
      name: 'calendar_events_total',
      labels: { outcome },
      value: Number(count),
    })),
  ];
}
