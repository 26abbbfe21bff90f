import { toIdentities } from '#shared/domain/contacts.ts';
import { inboundMessage, type InboundMessage } from '#shared/domain/conversations/message.ts';
import { listUndone } from '#shared/queues/inbound-jobs.ts';
import type { WorkerDeps } from '../deps.ts';
import { recordMessage } from './record-message.ts';

/**
 * What this guest wrote before, and what is still on its way — its worker was killed over it, or it waits for a retry — is recorded
 * first, so that the answers keep the guest's order. Its own job finds the row; that it cannot be recorded is its job's affair.
 * Throws when the queue cannot be looked at: nobody knows then whether this message is the next.
 */
export async function recordOlderMessages(message: InboundMessage, deps: WorkerDeps): Promise<void> {
  const undone = await listUndone(deps.queues, 'conversations', 'reply-to-message', new Date(message.receivedAt));
  for (const older of findOlder(message, undone)) {
    try {
      await deps.inTransaction((stores) => recordMessage(older, stores));
    } catch (error) {
      deps.log.debug({ err: error }, 'an older message not recorded');
    }
  }
}

type Known = { message: InboundMessage; names: readonly string[] };
/** A backlog's listing serves for many messages: it is read once. */
const read = new WeakMap<readonly unknown[], Known[]>();

function readAll(payloads: readonly unknown[]): Known[] {
  const known =
    read.get(payloads) ??
    payloads.flatMap((payload) => {
      const message = inboundMessage.safeParse(payload).data;
      return message ? [{ message, names: namesOf(message) }] : [];
    });
  read.set(payloads, known);
  return known;
}

function findOlder(message: InboundMessage, payloads: readonly unknown[]): InboundMessage[] {
  const own = new Set(namesOf(message));
  return readAll(payloads)
    .filter(({ names }) => names.some((name) => own.has(name)))
    .map((known) => known.message)
    .filter((other) => other.providerMessageId !== message.providerMessageId && compare(other, message) < 0)
    .toSorted(compare);
}

function namesOf({ contact }: InboundMessage): string[] {
  return toIdentities(contact).map(({ kind, matchKey }) => `${kind} ${matchKey}`);
}

/** WhatsApp's time is whole seconds; within one, the order of arrival. */
function compare(one: InboundMessage, other: InboundMessage): number {
  return Date.parse(one.sentAt) - Date.parse(other.sentAt) || Date.parse(one.receivedAt) - Date.parse(other.receivedAt);
}
