import { expect } from 'chai';
import { createInTransaction } from '#shared/db/transaction.ts';
import { holdStay } from '#shared/domain/reservations/hold-stay.ts';
import { noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import type { Backend } from '../support/both-backends.ts';
import { eraseQueues } from '../support/erase-queues.ts';
import { eventually } from '../support/eventually.ts';
import { openHouse, type House } from '../support/house.ts';
import { buildGuest, buildHold, makeOverdue, testSettings, type Records } from '../support/records.ts';

/** What the issue of the flush promises, in milliseconds. */
const mostMs = 90_000;

/**
 * The queue store loses everything (FLUSHALL; on PostgreSQL every row of the queue schema) under running worker processes, while a
 * hold past its release, an unsent row and an unanswered row wait that no job tells of: all three are done within 90 s, without a
 * restart. Returns how long it took.
 */
export async function runQueueFlush({ backend }: { backend: Backend }): Promise<{ doneAfterMs: number }> {
  const house = await openHouse(backend, { pools: [] });
  try {
    await house.spawnWorkers('conversations', 'deliveries', 'payments', 'expirations');
    const waiting = await leaveWaiting(house);
    await eraseQueues(house);
    const erasedAt = Date.now();
    await eventually(() => waiting.expectDone(), { timeoutMs: mostMs, intervalMs: 250 });
    return { doneAfterMs: Date.now() - erasedAt };
  } finally {
    await house.close();
  }
}

/** One row of each kind, due for 20 s, with every nudge lost. */
async function leaveWaiting(house: House): Promise<{ expectDone(): Promise<void> }> {
  const { database } = house;
  // Each in a chat of its own: an answer, or the end of a hold, would take the unsent row with it.
  const [phone, listener, holder] = ['5492945550001', '5492945550002', '5492945550003'];
  const { conversationId } = await buildGuest(house, phone);
  const { conversationId: listening } = await buildGuest(house, listener);
  const { contactId } = await buildGuest(house, holder);
  const inTransaction = createInTransaction(database, testSettings, () => Promise.resolve());
  const request = await buildHold({ database, inTransaction } as Records, { contactId });
  const held = await inTransaction((stores) => holdStay(request, stores, noCourtesyLock));
  if (held.type !== 'held') throw new Error(`no hold: ${held.type}`);
  await makeOverdue(database, held.reservation.id, 20);
  const ago = `now() - interval '20 seconds'`;
  const message = {
    providerMessageId: 'wamid.unanswered',
    phoneNumberId: house.variables['WHATSAPP_PHONE_NUMBER_ID'],
    contact: { phone },
    sentAt: new Date().toISOString(),
    receivedAt: new Date().toISOString(),
    type: 'text',
    text: 'tienen wifi?',
  };
  await database.query(
    `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, text, payload, sent_at, received_at, recorded_at)
     VALUES ($1, $2, 'text', $3, $4, ${ago}, ${ago}, ${ago})`,
    [conversationId, message.providerMessageId, message.text, JSON.stringify(message)],
  );
  await database.query(
    `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, text, payload, state, sent_at)
     VALUES ($1, 'wamid.answered', 'text', 'hola', '{}', 'answered', ${ago})`,
    [listening],
  );
  await database.query(
    `INSERT INTO outbound_messages (conversation_id, purpose, payload, created_at, next_attempt_at)
     VALUES ($1, 'reply', '{"kind": "text", "body": "unsent"}', ${ago}, ${ago})`,
    [listening],
  );
  return {
    async expectDone() {
      const [row] = await database.query(
        `SELECT (SELECT status FROM reservations WHERE id = $1) AS hold,
                (SELECT state FROM inbound_messages WHERE provider_message_id = 'wamid.unanswered') AS message`,
        [held.reservation.id],
      );
      const arrived = house.whatsapp.sent(listener).filter(({ text }) => text === 'unsent').length;
      expect({ ...row, arrived }).to.deep.equal({ hold: 'expired', message: 'answered', arrived: 1 });
    },
  };
}
