import type { BusinessFigure } from '#shared/observability/business-figures.ts';
import type { Database } from '../data-source.ts';

/**
 * Messages by WhatsApp's pricing category (as its statuses say; before them a template is `utility`, all else `service`) and by how
 * far they came: accepted (`sent`), `delivered`, `read`, and those that `failed`, are `parked` in doubt or `kept` for a person.
 */
export async function readMessageFigures(database: Database): Promise<BusinessFigure[]> {
  const rows: { category: string; outcome: string; count: string }[] = await database.query(
    `SELECT m.category, o.outcome, count(*) AS count
     FROM (SELECT coalesce(category, CASE WHEN needs_template OR purpose = 'owner_alert' THEN 'utility' ELSE 'service' END) AS category,
                  sent_at, delivery, state FROM outbound_messages) m,
       LATERAL unnest(ARRAY[
         CASE WHEN m.sent_at IS NOT NULL THEN 'sent' END,
         CASE WHEN m.delivery IN ('delivered', 'read') THEN 'delivered' END,
         CASE WHEN m.delivery = 'read' THEN 'read' END,
         CASE WHEN m.state IN ('failed', 'parked', 'kept') THEN m.state END]) AS o (outcome)
     WHERE o.outcome IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return rows.map(({ category, outcome, count }) => ({
    name: 'messages_sent_total',
    labels: { category: toLabel(category), outcome },
    value: Number(count),
  }));
}

/** Meta may add categories: a label must stay bounded. */
const categories = new Set(['service', 'utility', 'marketing', 'authentication', 'referral_conversion']);

function toLabel(category: string): string {
  return categories.has(category) ? category : 'other';
}

/** Messages of this month (in the lodging's zone) that count against the budget: charged, or sent and not known to be free. */
export async function countBillableThisMonth(database: Database, timeZone: string): Promise<number> {
  const [row]: { count: string }[] = await database.query(
    `SELECT count(*) AS count FROM outbound_messages
     WHERE sent_at >= date_trunc('month', now() AT TIME ZONE $1) AT TIME ZONE $1 AND coalesce(is_billable, true)`,
    [timeZone],
  );
  return Number(row!.count);
}
