import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import type { House } from '../support/house.ts';

/** Random numbers that a seed repeats: `next()` in [0, 1). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Questions that are answered whatever was said before, so that every message gets an answer. */
const questions = [
  'tienen wifi?',
  'aceptan mascotas?',
  'hay estacionamiento?',
  'a qué hora es el ingreso?',
  'dónde queda?',
];

export function pickQuestion(random: () => number): string {
  return questions[Math.floor(random() * questions.length)]!;
}

export type Traffic = {
  /** Guests write so many messages in all, spread over that time. */
  guests: number;
  messages: number;
  overMs: number;
};

/** Guests write at random moments until all is written; what the webhook does not take is sent again by WhatsApp. */
export async function write(
  house: House,
  { guests, messages, overMs }: Traffic,
  random: () => number,
): Promise<string[]> {
  const phones = Array.from({ length: guests }, (_, index) => `54929446${String(10_000 + index)}`);
  const moments = Array.from({ length: messages }, () => random() * overMs).toSorted((a, b) => a - b);
  const begunAt = Date.now();
  for (const [index, moment] of moments.entries()) {
    await sleep(Math.max(0, begunAt + moment - Date.now()));
    const text = pickQuestion(random);
    // Not waited for: a webhook that hangs must not hold the others.
    void house.whatsapp.write({ phone: phones[index % guests]! }, { text }).catch(() => {});
  }
  return phones;
}

/**
 * Waits until nothing waits any more, then checks what happened: each message one row, answered once by effect, answers in each
 * guest's order, every answer arrived, and at most so many sends made twice. Returns how many were.
 */
export async function checkTraffic(
  house: Pick<House, 'database' | 'whatsapp'>,
  {
    messages,
    mostRepeats,
    mostParked = 0,
    timeoutMs,
    takenWithinS = 2,
  }: {
    messages: number;
    mostRepeats: number;
    /** Sends that ended twice without an answer, of which the owner was told. */
    mostParked?: number;
    timeoutMs: number;
    /** How long after its arrival a message is in the queue at the latest. */
    takenWithinS?: number;
  },
): Promise<{ answers: number; repeats: number; parked: number; cameLate: number }> {
  await eventually(
    async () => {
      const [row] = await house.database.query(
        `SELECT (SELECT count(*)::int FROM inbound_messages) AS recorded,
                (SELECT count(*)::int FROM inbound_messages WHERE state <> 'answered') AS waiting,
                (SELECT count(*)::int FROM outbound_messages WHERE state NOT IN ('sent', 'parked')) AS unsent,
                (SELECT count(*)::int FROM outbound_messages WHERE state = 'parked') AS parked,
                (SELECT json_agg(s) FROM (SELECT state, purpose, attempts, failure_code, count(*) AS n, min(next_attempt_at - now()) AS due_in,
                   max(now() - created_at) AS age FROM outbound_messages WHERE state <> 'sent' GROUP BY 1, 2, 3, 4) s) AS others`,
      );
      expect(row, JSON.stringify(row)).to.include({ recorded: messages, waiting: 0, unsent: 0 });
    },
    { timeoutMs, intervalMs: 500 },
  );
  const twice = await house.database.query(
    `SELECT answers_message_id FROM outbound_messages WHERE answers_message_id IS NOT NULL
     GROUP BY answers_message_id HAVING count(DISTINCT created_at) > 1`,
  );
  expect(twice, 'messages answered by two transactions').to.deep.equal([]);
  // Overtaken: answered after a younger message of the same guest.
  const overtaken: { wasKnown: boolean }[] = await house.database.query(
    `SELECT m.id AS answered, n.id AS overtaken, m.sent_at, n.sent_at AS overtaken_sent_at, n.received_at, n.recorded_at, o.created_at,
       n.received_at < o.created_at - make_interval(secs => $1) AS "wasKnown"
     FROM outbound_messages o JOIN outbound_messages later ON later.conversation_id = o.conversation_id AND later.id > o.id
       JOIN inbound_messages m ON m.id = o.answers_message_id JOIN inbound_messages n ON n.id = later.answers_message_id
     WHERE (n.sent_at, n.id) < (m.sent_at, m.id)`,
    [takenWithinS],
  );
  // It cannot wait for what our webhook took later; what was there before, if only in the queue, it must not overtake.
  const disordered = overtaken.filter(({ wasKnown }) => wasKnown);
  expect(disordered, `answers out of order: ${JSON.stringify(disordered)}`).to.deep.equal([]);

  const rows: { id: string; phone: string; isParked: boolean }[] = await house.database.query(
    `SELECT o.id, i.value AS phone, o.state = 'parked' AS "isParked" FROM outbound_messages o JOIN conversations c ON c.id = o.conversation_id
     JOIN contact_identities i ON i.contact_id = c.contact_id ORDER BY o.id`,
  );
  let repeats = 0;
  for (const phone of new Set(rows.map((row) => row.phone))) {
    const ofPhone = rows.filter((row) => row.phone === phone);
    const isParked = (id: string | undefined): boolean => ofPhone.some((row) => row.id === id && row.isParked);
    // One that was parked may have arrived all the same.
    const arrived = house.whatsapp
      .sent(phone)
      .map(({ opaqueId }) => opaqueId)
      .filter((id) => !isParked(id));
    const firsts = arrived.filter((id, index) => arrived.indexOf(id) === index);
    const own = ofPhone.map(({ id }) => id).filter((id) => !isParked(id));
    expect(firsts, `order of arrival at ${phone}`).to.deep.equal(own);
    repeats += arrived.length - firsts.length;
  }
  expect(repeats, 'sends made twice').to.be.at.most(mostRepeats);
  const parked = rows.filter((row) => row.isParked);
  expect(parked.length, 'messages parked').to.be.at.most(mostParked);
  const untold = await house.database.query(
    `SELECT id FROM outbound_messages o WHERE state = 'parked' AND NOT EXISTS (
       SELECT FROM owner_notices n WHERE n.type = 'message_parked' AND n.data ->> 'messageId' = o.id::text)`,
  );
  expect(untold, 'parked messages of which the owner does not know').to.deep.equal([]);
  return { answers: rows.length, repeats, parked: parked.length, cameLate: overtaken.length };
}
