import { readStats } from '#shared/db/stores/stats.ts';
import type { Command } from './command.ts';

/** The business in numbers, from the tables. */
export const command: Command = {
  usage: '',
  summary: 'reservations, money, messages and queues in numbers',
  needs: 'office',
  async run(_input, { database, queues }) {
    const stats = await readStats(database);
    const open = queues.queues();
    const counts: Record<string, Record<string, number>> = {};
    for (const [name, queue] of Object.entries(open ?? {}))
      counts[name] = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
    const data = { ...stats, queues: counts };
    return { data, text: toLines(data).join('\n') };
  },
};

/** `a.b: value`, one per line. */
function toLines(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: ${String(value)}`];
  return Object.entries(value).flatMap(([key, inner]) => toLines(inner, path ? `${path}.${key}` : key));
}
