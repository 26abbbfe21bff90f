import { quote } from '#shared/domain/pricing.ts';
import { holdStay } from '#shared/domain/reservations/hold-stay.ts';
import { addDays } from '#shared/domain/stay.ts';
import { createInTransaction } from '#shared/db/transaction.ts';
import { noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import { inDays, testSettings } from '../support/records.ts';
import { ratioRow, type BenchOptions, type Row } from './rows.ts';
import { openStage } from './stage.ts';

const workers = 4;

/**
 * The hold transaction (rules, units' lock, referee, event, link) against the bare inserts of a reservation and its occupancy in
 * a transaction of their own; and 200 holds for one night at once.
 */
export async function bench({ short }: BenchOptions): Promise<Row[]> {
  const stage = await openStage('postgres');
  try {
    const { database } = stage;
    const inTransaction = createInTransaction(database, testSettings, () => Promise.resolve());
    const units = await inTransaction((stores) => stores.lodging.listAccommodations());
    const requestOf = (n: number) => {
      const accommodation = units[n % 2 === 0 ? 0 : 2]!;
      const checkIn = inDays(1 + (Math.floor(n / 2) % 500));
      return {
        accommodation,
        contactId: null,
        channel: 'api' as const,
        actor: 'operator' as const,
        checkIn,
        checkOut: addDays(checkIn, 1),
        adults: 2,
        children: 0,
      };
    };
    const clear = () =>
      database.query('TRUNCATE reservations, occupancies, payment_links, reservation_events, refused_holds CASCADE');

    const holdOne = async (n: number): Promise<void> => {
      const outcome = await inTransaction((stores) => holdStay(requestOf(n), stores, noCourtesyLock));
      if (outcome.type !== 'held') throw new Error('a free night was refused');
    };
    const insertOne = async (n: number): Promise<void> => {
      const { accommodation, checkIn, checkOut } = requestOf(n);
      const price = quote(accommodation.prices, { checkIn, checkOut }, 2);
      await database.transaction(async (manager) => {
        const [row]: { id: string }[] = await manager.query(
          `INSERT INTO reservations (code, accommodation_id, status, channel, check_in, check_out, adults, currency, total_cents, deposit_cents, quote, hold_expires_at, release_at)
           VALUES ($1, $2, 'held', 'api', $3, $4, 2, 'ARS', $5, $6, $7, now() + interval '30 minutes', now() + interval '32 minutes') RETURNING id`,
          [
            `BENCH${n}`,
            accommodation.id,
            checkIn,
            checkOut,
            price.totalCents,
            price.depositCents,
            JSON.stringify(price),
          ],
        );
        await manager.query(
          `INSERT INTO occupancies (accommodation_id, nights, kind, reservation_id) VALUES ($1, daterange($2, $3), 'reservation', $4)`,
          [accommodation.id, checkIn, checkOut, row!.id],
        );
      });
    };

    const count = short ? 200 : 800;
    const rates = { hold: 0, insert: 0 };
    for (let round = 0; round < 2; round++) {
      await clear();
      rates.insert = Math.max(rates.insert, await rateOf(count, insertOne));
      await clear();
      rates.hold = Math.max(rates.hold, await rateOf(count, holdOne));
    }

    await clear();
    const startedAt = performance.now();
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, () => inTransaction((stores) => holdStay(requestOf(0), stores, noCourtesyLock))),
    );
    const contentionMs = performance.now() - startedAt;
    if (outcomes.filter(({ type }) => type === 'held').length !== 1) throw new Error('not exactly one of 200 won');
    return [
      { name: 'bare insert of reservation and occupancy', value: rates.insert, unit: '/s' },
      ratioRow('hold transaction', rates.hold, '/s', 'the bare insert', rates.hold / rates.insert, { atLeast: 0.5 }),
      {
        name: '200 holds at once for one night, one winner',
        value: contentionMs,
        unit: 'ms',
        target: { text: '≤ 2,000 ms', isMet: contentionMs <= 2_000 },
      },
    ];
  } finally {
    await stage.close();
  }
}

/** Runs `count` pieces, `workers` at a time; pieces per second. */
async function rateOf(count: number, work: (n: number) => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (next < count) {
        const n = next;
        next += 1;
        await work(n);
      }
    }),
  );
  return count / ((performance.now() - startedAt) / 1000);
}
