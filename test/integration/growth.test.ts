import { expect } from 'chai';
import pg from 'pg';
import type { Database } from '#shared/db/data-source.ts';
import { jobs, type JobName } from '#shared/queues/contracts.ts';
import { calendarHandlers } from '../../workers/calendars/handlers.ts';
import { conversationHandlers } from '../../workers/conversations/handlers.ts';
import { deliveryHandlers } from '../../workers/deliveries/handlers.ts';
import { expirationHandlers } from '../../workers/expirations/handlers.ts';
import { paymentHandlers } from '../../workers/payments/handlers.ts';
import { transcriptionHandlers } from '../../workers/transcriptions/handlers.ts';
import { bookUpToLink, createPhone, openHouse, type House } from '../support/house.ts';
import { logIn } from '../support/operator.ts';
import { inDays } from '../support/records.ts';

/** Years of a busy house: far more rows than a page of anything. */
const guests = 40_000;
/** What grows with every guest; reading one of these from end to end is what no request and no sweep may do. */
const growing = [
  'contacts',
  'contact_identities',
  'conversations',
  'inbound_messages',
  'outbound_messages',
  'reservations',
  'reservation_events',
  'occupancies',
  'payments',
  'payment_links',
];
const handlers = {
  ...calendarHandlers,
  ...conversationHandlers,
  ...deliveryHandlers,
  ...expirationHandlers,
  ...paymentHandlers,
  ...transcriptionHandlers,
};

describe('growth', function () {
  this.timeout(180_000);
  let house: House;
  const spy = createStatementSpy();

  before(async () => {
    house = await openHouse('redis');
    await fill(house.database);
    spy.start();
  });
  after(async () => {
    spy.stop();
    await house.close();
  });

  async function expectNoWholeTable({ byWorkers }: { byWorkers: boolean }): Promise<void> {
    const statements = spy.take();
    expect(statements, 'nothing was asked').to.have.length.above(3);
    const found = await Promise.all([
      ...statements.flatMap(atAnyHour).map((asked) => findWholeTables(house.database, asked)),
      ...(byWorkers ? statements.map((asked) => findWholeTables(house.database, asked, 'any values')) : []),
    ]);
    const said = found.flat();
    expect(said, said.join('\n')).to.deep.equal([]);
  }

  it('reads no growing table from end to end for a guest who asks, books, pays and is confirmed', async () => {
    const phone = createPhone(house);
    const [from, to] = [inDays(430), inDays(432)].map((date) => date.split('-').toReversed().join('/'));
    const preference = await bookUpToLink(phone, `Hola, busco cabaña del ${from} al ${to} para 2 personas`, /Lenga/);
    await house.mercadopago.pay(preference, { status: 'approved' });
    await phone.waitFor(/confirmad/i);
    await expectNoWholeTable({ byWorkers: true });
  });

  it('nor for any job that comes by the clock', async () => {
    const { deps } = house.workers!;
    for (const [name, handle] of Object.entries(handlers))
      if ('everyMs' in jobs[name as JobName]) await (handle as Sweep)({}, deps, AbortSignal.timeout(30_000));
    await expectNoWholeTable({ byWorkers: true });
  });

  it('nor for the first page of what operators read', async () => {
    const api = `${house.url}/api/v1`;
    const token = await logIn(house.url);
    const [from, to] = [inDays(0), inDays(30)];
    for (const path of [
      'reservations',
      `reservations?status=confirmed&from=${from}`,
      'payments',
      'conversations',
      `availability?checkIn=${from}&checkOut=${to}&guests=2`,
      `calendar?from=${from}&to=${to}`,
    ]) {
      const answer = await fetch(`${api}/${path}`, { headers: { authorization: `Bearer ${token}` } });
      expect(answer.status, path).to.equal(200);
      await answer.arrayBuffer();
    }
    await expectNoWholeTable({ byWorkers: false });
  });
});

type Sweep = (payload: object, deps: object, signal: AbortSignal) => Promise<void>;
type Statement = { text: string; values: unknown[] };

/** Every statement about a growing table that any client of this process sends, each text once. */
function createStatementSpy(): { start(): void; stop(): void; take(): Statement[] } {
  const seen = new Map<string, Statement>();
  const prototype = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown };
  const original = prototype.query;
  return {
    start() {
      prototype.query = function spied(this: unknown, ...args: unknown[]) {
        const { text, values } = isNamed(args[0]) ? args[0] : { text: args[0], values: args[1] };
        const isAbout = typeof text === 'string' && growing.some((table) => text.includes(table));
        if (isAbout && !text.startsWith('EXPLAIN'))
          seen.set(text, { text, values: Array.isArray(values) ? values : [] });
        return original.apply(this, args);
      };
    },
    stop: () => void (prototype.query = original),
    take() {
      const statements = [...seen.values()];
      seen.clear();
      return statements;
    },
  };
}

/** What a client makes of a statement that it keeps prepared. */
function isNamed(query: unknown): query is { name: string; text: unknown; values: unknown } {
  return typeof query === 'object' && query !== null && 'name' in query;
}

/** A statement that asks less at night is planned as by day as well: which hour the test runs at decides nothing. */
function atAnyHour({ text, values }: Statement): Statement[] {
  const plans = values.includes(false) ? [values, values.map((value) => (value === false ? true : value))] : [values];
  return plans.map((of) => ({ text, values: of }));
}

type Plan = { 'Node Type': string; 'Relation Name'?: string; Plans?: Plan[] };

/** The growing tables that PostgreSQL would read whole, with the statement; workers plan theirs once, for any values. */
async function findWholeTables(
  database: Database,
  { text, values }: Statement,
  plannedFor: 'these values' | 'any values' = 'these values',
): Promise<string[]> {
  const [row]: { 'QUERY PLAN': { Plan: Plan }[] }[] =
    plannedFor === 'any values'
      ? await database.query(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`)
      : await database.query(`EXPLAIN (FORMAT JSON) ${text}`, values);
  const found: string[] = [];
  const look = (plan: Plan): void => {
    const table = plan['Relation Name'] ?? '';
    if (plan['Node Type'] === 'Seq Scan' && growing.includes(table)) found.push(`${table}: ${text}`);
    for (const below of plan.Plans ?? []) look(below);
  };
  look(row!['QUERY PLAN'][0]!.Plan);
  return found;
}

/** Guests of years gone by: each wrote twice, was answered twice, stayed once and paid. */
async function fill(database: Database): Promise<void> {
  const uuid = (kind: string): string => `('0000000${kind}-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`;
  const each = `FROM generate_series(1, ${guests}) AS n`;
  for (const sql of [
    `INSERT INTO contacts (id, profile_name) SELECT 1000000 + n, 'Guest' ${each}`,
    `INSERT INTO contact_identities (contact_id, kind, value, match_key) SELECT 1000000 + n, 'phone', '549115' || (1000000 + n), '549115' || (1000000 + n) ${each}`,
    `INSERT INTO conversations (id, contact_id, last_answered_at) SELECT 1000000 + n, 1000000 + n, now() - interval '1 year' ${each}`,
    `INSERT INTO inbound_messages (id, conversation_id, provider_message_id, type, text, payload, state, sent_at, received_at, recorded_at, answered_at)
       SELECT 1000000 + n, 1000000 + (n + 1) / 2, 'wamid.old.' || n, 'text', 'hola', '{}', 'answered', t, t, t, t
       FROM generate_series(1, ${2 * guests}) AS n, LATERAL (SELECT now() - interval '1 year' + n * interval '1 second' AS t) s`,
    `INSERT INTO outbound_messages (conversation_id, answers_message_id, purpose, payload, state, provider_message_id, sent_at, created_at)
       SELECT 1000000 + (n + 1) / 2, 1000000 + n, 'reply', '{"kind": "text", "body": "hola"}', 'sent', 'wamid.out.' || n, t, t
       FROM generate_series(1, ${2 * guests}) AS n, LATERAL (SELECT now() - interval '1 year' + n * interval '1 second' AS t) s`,
    `INSERT INTO reservations (id, code, accommodation_id, contact_id, status, check_in, check_out, adults, currency, total_cents, deposit_cents, quote,
         hold_expires_at, release_at, confirmed_at, created_at)
       SELECT ${uuid('0')}, 'OLD' || n, 1 + n % 4, 1000000 + n, 'completed', d, d + 2, 2, 'ARS', 1000000, 300000, '{"currency": "ARS", "nights": [], "totalCents": 1000000, "depositCents": 300000}', now() - interval '1 year',
         now() - interval '1 year', now() - interval '1 year', now() - interval '1 year'
       FROM generate_series(1, ${guests}) AS n, LATERAL (SELECT (now() - interval '1 year')::date - n % 3000 AS d) s`,
    `INSERT INTO reservation_events (reservation_id, actor, type) SELECT ${uuid('0')}, 'guest', 'created' ${each}`,
    `INSERT INTO payment_links (id, reservation_id, state, amount_cents, currency, expires_at, preference_id, created_at)
       SELECT ${uuid('1')}, ${uuid('0')}, 'closed', 300000, 'ARS', now() - interval '1 year', 'old-' || n, now() - interval '1 year' ${each}`,
    'ALTER TABLE payments DISABLE TRIGGER USER',
    `INSERT INTO payments (provider_payment_id, reservation_id, payment_link_id, status, amount_cents, currency, is_live, outcome, provider_updated_at,
         created_at, updated_at)
       SELECT 'old-' || n, ${uuid('0')}, ${uuid('1')}, 'rejected', 300000, 'ARS', true, 'rejected', now() - interval '1 year',
         now() - interval '1 year', now() - interval '1 year' ${each}`,
    'ALTER TABLE payments ENABLE TRIGGER USER',
    `INSERT INTO blocks (id, accommodation_id, nights, removed_at) SELECT 1000000 + n, 1 + n % 4, daterange(d, d + 1), NULL
       FROM generate_series(1, 8000) AS n, LATERAL (SELECT current_date - n / 4 - 1 AS d) s`,
    `INSERT INTO occupancies (accommodation_id, nights, kind, block_id) SELECT accommodation_id, nights, 'block', id FROM blocks`,
    'ANALYZE',
  ])
    await database.query(sql);
}
