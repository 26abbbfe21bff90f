import { Counter, Gauge, Registry } from 'prom-client';
import { within } from './within.ts';

/** One figure of the business as Postgres knows it now; the same from every process. */
export type BusinessFigure = { name: string; labels?: Record<string, string>; value: number };
/** The port that `shared/db` implements. */
export type ReadBusinessFigures = () => Promise<BusinessFigure[]>;

type Known = { help: string; labels?: readonly string[] };

/** The figures of contract.md: named here so that a scrape shows them before the first one is counted. */
const knownFigures: Record<string, Known> = {
  reservations_created_total: { help: 'Reservations made' },
  reservations_confirmed_total: { help: 'Reservations confirmed' },
  reservations_expired_total: { help: 'Holds that ended unpaid' },
  reservation_overlap_attempts_total: { help: 'Holds refused because the nights were taken' },
  redis_lock_failed_total: { help: 'Courtesy locks that were not granted' },
  payments_parked_open: { help: 'Payments of which something waits for the owner to decide' },
  payments_settled_total: { help: 'Payments settled by outcome', labels: ['outcome'] },
  messages_sent_total: {
    help: 'Messages by pricing category and how far they came',
    labels: ['category', 'outcome'],
  },
  calendar_sync_age_seconds: { help: 'Age of the last good fetch of a feed', labels: ['accommodation', 'channel'] },
  calendar_events_total: { help: 'What became of events of foreign calendars', labels: ['outcome'] },
  calendar_conflicts_open: { help: 'Conflicts between channels that nobody has solved yet' },
  sweep_last_run_age_seconds: { help: 'Age of the last run of a sweep', labels: ['sweep'] },
};

/** The Prometheus text of the figures; without a reader, or when it fails or is late, only `business_figures_up 0`. */
export async function renderBusinessFigures(read: ReadBusinessFigures | undefined, timeoutMs: number): Promise<string> {
  if (!read) return '';
  const registry = new Registry();
  const up = new Gauge({
    name: 'business_figures_up',
    help: '1 when the business figures could be read from the database',
    registers: [registry],
  });
  const figures = await within(timeoutMs, read()).catch(() => undefined);
  up.set(figures ? 1 : 0);
  if (figures) fill(registry, figures);
  return registry.metrics();
}

/** A registry per scrape: nothing of an earlier scrape is left when a label is gone. */
function fill(registry: Registry, figures: BusinessFigure[]): void {
  const byName = Map.groupBy(figures, ({ name }) => name);
  for (const name of new Set([...Object.keys(knownFigures), ...byName.keys()])) {
    const found = byName.get(name) ?? [];
    const known = knownFigures[name];
    const labelNames = known?.labels ?? [...new Set(found.flatMap(({ labels }) => Object.keys(labels ?? {})))];
    const settings = { name, help: known?.help ?? name, labelNames: [...labelNames], registers: [registry] };
    if (name.endsWith('_total')) {
      const counter = new Counter(settings);
      for (const { labels, value } of found) counter.inc(labels ?? {}, Math.max(0, value));
    } else {
      const gauge = new Gauge(settings);
      for (const { labels, value } of found) gauge.set(labels ?? {}, value);
    }
  }
}
