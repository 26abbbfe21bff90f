import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { readQueueFigures } from '#shared/queues/figures.ts';
import type { Backend } from '../../support/both-backends.ts';
import { eventually } from '../../support/eventually.ts';
import { findViolations } from '../money-invariants.ts';
import { checkTraffic, createRandom } from '../traffic.ts';
import { ask, book, type Crowd } from './guests.ts';
import { redisFaults, stormFaults } from './storm-faults.ts';
import { openStormHouse, type StormHouse } from './storm-house.ts';

export type Storm = {
  backend: Backend;
  seed: number;
  /** Guests who ask, and how often all together. */
  askers: number;
  questions: number;
  /** Guests who book and pay. */
  bookings: number;
  overMs: number;
};

/** The house has to answer a message again so soon after a fault is over. */
const recoveryMs = 10_000;
const quietMs = 180_000;
const mostStories = 20;

/**
 * Guests ask, book and pay while one thing after another breaks, and webhooks arrive late, twice or without their answer getting
 * back. After each fault a new guest is answered within 10 s. After quiet: every message that was taken is answered once, in its
 * guest's order, sends were repeated at most once per fault, nobody has a night twice, every payment has its one place, no job waits.
 */
export async function runStorm({ backend, seed, askers, questions, bookings, overMs }: Storm) {
  const house = await openStormHouse(backend, createRandom(seed));
  try {
    const crowd: Crowd = { messages: 0, ends: { paid: 0, refused: 0, stuck: 0 }, stuck: [] };
    let isOver = false;
    const living = live(house, crowd, { askers, questions, bookings, overMs }, createRandom(seed + 1)).finally(() => {
      isOver = true;
    });
    const breaking = breakThings(house, crowd, createRandom(seed + 2), () => isOver);
    const [faults] = await Promise.all([breaking, living]);

    await house.whatsapp.webhooks.idle();
    await house.mercadopago.webhooks.idle();
    const problems: string[] = [];
    for (const { problem, phone } of faults.late) problems.push(`${problem}: ${await tellStory(house, phone)}`);
    const check = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        problems.push(error instanceof Error ? error.message : String(error));
        return undefined;
      }
    };
    const expected = {
      messages: crowd.messages,
      mostRepeats: faults.played,
      mostParked: faults.played,
      timeoutMs: quietMs,
      // The API stood still for 3 s after it took the message, then the queue store for 4.
      takenWithinS: 8,
    };
    const traffic = await check(() => checkTraffic(houseNow(house), expected));
    // Whose link or summary was parked waits until the owner has answered.
    if (crowd.ends.stuck > (traffic?.parked ?? 0))
      problems.push(
        `${crowd.ends.stuck} guests got no further`,
        ...(await Promise.all(crowd.stuck.slice(0, mostStories).map((phone) => tellStory(house, phone)))),
      );
    await check(() => checkMoney(house));
    await check(() => checkNothingHangs(house));
    expect(problems, problems.join('\n')).to.deep.equal([]);
    return { ...traffic, messages: crowd.messages, ...crowd.ends, faults: faults.played, slowestMs: faults.slowestMs };
  } finally {
    await house.close();
  }
}

function houseNow(house: StormHouse) {
  return { database: house.database(), whatsapp: house.whatsapp };
}

/** Everybody's messages and bookings, spread over the time; resolves when the last guest has what it wanted or gave up. */
async function live(
  house: StormHouse,
  crowd: Crowd,
  { askers, questions, bookings, overMs }: Pick<Storm, 'askers' | 'questions' | 'bookings' | 'overMs'>,
  random: () => number,
): Promise<void> {
  const deeds = [
    ...Array.from({ length: questions }, (_, index) => ({ at: random() * overMs, asker: index % askers })),
    ...Array.from({ length: bookings }, (_, index) => ({ at: random() * overMs * 0.9, booker: index })),
  ].toSorted((a, b) => a.at - b.at);
  const begunAt = Date.now();
  const bookers: Promise<void>[] = [];
  for (const deed of deeds) {
    await sleep(Math.max(0, begunAt + deed.at - Date.now()));
    if ('asker' in deed) ask(`54929447${String(10_000 + deed.asker)}`, house, crowd, random);
    else bookers.push(book(`54929448${String(10_000 + deed.booker)}`, house, crowd, random));
  }
  await Promise.all(bookers);
}

/** One fault after another until the guests are done, each followed by a stranger's question. */
async function breakThings(house: StormHouse, crowd: Crowd, random: () => number, isOver: () => boolean) {
  const faults = Object.entries({ ...stormFaults, ...(house.redis ? redisFaults : {}) });
  let order: typeof faults = [];
  const late: { problem: string; phone: string }[] = [];
  let [played, slowestMs] = [0, 0];
  while (!isOver()) {
    // Each of them before any comes again.
    if (order.length === 0) order = faults.toSorted(() => random() - 0.5);
    const [name, play] = order.pop()!;
    await sleep(500 + random() * 2_000);
    await play(house, random);
    played += 1;
    const phone = `54929449${String(10_000 + played)}`;
    const tookMs = await answerTo(phone, house, crowd, random);
    if (tookMs > recoveryMs)
      late.push({ problem: `after "${name}" a new guest waited ${Math.round(tookMs)} ms`, phone });
    slowestMs = Math.max(slowestMs, Math.round(tookMs));
  }
  return { played, slowestMs, late };
}

/** What happened to a guest, for whoever has to find out why: seconds since the first message, and what was said. */
async function tellStory(house: StormHouse, phone: string): Promise<string> {
  const rows = await house.query<{ line: string }[]>(
    `WITH own AS (SELECT c.id FROM conversations c JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value LIKE $1),
       lines AS (
         SELECT m.received_at AS at, format('received %s, recorded %s, answered %s, tried %s', m.text, m.recorded_at, m.answered_at, m.attempts) AS line
         FROM inbound_messages m WHERE m.conversation_id IN (SELECT id FROM own)
         UNION ALL
         SELECT o.created_at, format('said %s, sending %s, sent %s, tried %s, %s', o.purpose, o.sending_at, o.sent_at, o.attempts, left(o.payload ->> 'body', 80))
         FROM outbound_messages o WHERE o.conversation_id IN (SELECT id FROM own)
         UNION ALL
         SELECT r.created_at, format('holds, %s, link %s', r.status, (SELECT format('%s tried %s made %s', l.state, l.attempts, l.made_at) FROM payment_links l WHERE l.reservation_id = r.id LIMIT 1))
         FROM reservations r JOIN contact_identities i ON i.contact_id = r.contact_id WHERE i.value LIKE $1)
     SELECT format('%s %s', at, line) AS line FROM lines ORDER BY at`,
    [`%${phone}`],
  );
  return `${phone}\n  ${rows.map(({ line }) => line).join('\n  ')}`;
}

async function answerTo(phone: string, house: StormHouse, crowd: Crowd, random: () => number): Promise<number> {
  const begunAt = performance.now();
  ask(phone, house, crowd, random);
  await eventually(() => expect(house.whatsapp.sent(phone)).to.have.length.above(0), { timeoutMs: quietMs });
  return performance.now() - begunAt;
}

/** Unpaid holds are made overdue, so that the sweeps end them; then every cent has its place. */
async function checkMoney(house: StormHouse): Promise<void> {
  await house.query(
    `UPDATE reservations SET hold_expires_at = now() - interval '20 minutes', release_at = now() - interval '16 minutes' WHERE status = 'held'`,
  );
  const deeds = { cancelled: new Set<string>(), panelRefunds: new Map<string, number>() };
  await eventually(
    async () => {
      const violations = await findViolations(house.database(), house.mercadopago.payments(), deeds);
      expect(violations, violations.join('\n')).to.deep.equal([]);
    },
    { timeoutMs: quietMs, intervalMs: 1_000 },
  );
  const twice = await house.query(
    `SELECT a.reservation_id FROM occupancies a JOIN occupancies b ON a.accommodation_id = b.accommodation_id AND a.id < b.id AND a.nights && b.nights`,
  );
  expect(twice, 'nights sold twice').to.deep.equal([]);
}

/** No job that could run waits or runs for ever, no lock outlives its owner. */
async function checkNothingHangs(house: StormHouse): Promise<void> {
  const queues = house.openQueues();
  try {
    await queues.opened;
    await eventually(
      async () => {
        for (const { queue, jobs } of await readQueueFigures(queues))
          expect({ waiting: jobs['waiting'], active: jobs['active'] }, queue).to.deep.equal({ waiting: 0, active: 0 });
      },
      { timeoutMs: 60_000, intervalMs: 500 },
    );
  } finally {
    await queues.close();
  }
  await eventually(
    async () => {
      const [locks] = await house.query<{ n: number }[]>(
        `SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory'`,
      );
      expect(locks!.n, 'advisory locks').to.equal(0);
    },
    { timeoutMs: 20_000 },
  );
  expect((await house.redis?.locksWithoutEnd()) ?? [], 'courtesy locks without an end').to.deep.equal([]);
}
