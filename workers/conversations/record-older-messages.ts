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

type ByName = ReadonlyMap<string, ReadonlySet<unknown>>;
/** A backlog's listing serves for many messages: whose its payloads are is read once, the rest of them for who asks. */
const indexes = new WeakMap<readonly unknown[], ByName>();
const withContact = inboundMessage.pick({ contact: true });

function indexOf(payloads: readonly unknown[]): ByName {
  const known = indexes.get(payloads);
  if (known) return known;
  const index = new Map<string, Set<unknown>>();
  for (const payload of payloads) {
    const contact = withContact.safeParse(payload).data?.contact;
    for (const name of contact ? namesOf(contact) : []) index.set(name, (index.get(name) ?? new Set()).add(payload));
  }
  indexes.set(payloads, index);
  return index;
}

function findOlder(message: InboundMessage, payloads: readonly unknown[]): InboundMessage[] {
  const index = indexOf(payloads);
  const own = new Set(namesOf(message.contact).flatMap((name) => [...(index.get(name) ?? [])]));
  return [...own]
    .flatMap((payload) => inboundMessage.safeParse(payload).data ?? [])
    .filter((other) => other.providerMessageId !== message.providerMessageId && compare(other, message) < 0)
    .toSorted(compare);
}

function namesOf(contact: InboundMessage['contact']): string[] {
  return toIdentities(contact).map(({ kind, matchKey }) => `${kind} ${matchKey}`);
}

/** WhatsApp's time is whole seconds; within one, the order of arrival. */
function compare(one: InboundMessage, other: InboundMessage): number {
  return Date.parse(one.sentAt) - Date.parse(other.sentAt) || Date.parse(one.receivedAt) - Date.parse(other.receivedAt);
}
