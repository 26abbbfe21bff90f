import { toIdentities } from '#shared/domain/contacts.ts';
import { inboundMessage, type InboundMessage } from '#shared/domain/conversations/message.ts';
import { listUnrecorded } from '#shared/db/stores/lost-messages.ts';
import { listUndone, type Undone } from '#shared/queues/inbound-jobs.ts';
import type { WorkerDeps } from '../deps.ts';
import { isTroubleOfDatabase } from '../failure-policy.ts';
import { recordMessage } from './record-message.ts';

/** What else a guest wrote that is still on its way, each in the guest's order. */
export type QueuedMessages = { older: InboundMessage[]; younger: InboundMessage[] };

/** More than a person writes while we think; their own jobs record the others. */
const mostYounger = 20;
/** They say something about other messages than themselves: each waits for its own turn, and so does what comes behind. */
const turning: ReadonlySet<InboundMessage['type']> = new Set(['echo', 'system', 'edit', 'revoke']);

/**
 * What this guest wrote besides this message and has no row yet. Younger is what could be answered together with it: due, and up to
 * the first that is more than a message. Throws when the queue cannot be looked at: nobody knows then whether this message is the
 * next.
 */
export async function findQueuedMessages(message: InboundMessage, deps: WorkerDeps): Promise<QueuedMessages> {
  const undone = await listUndone(deps.queues, 'conversations', 'reply-to-message', new Date(message.receivedAt));
  const own = await selectUnrecorded(selectOwn(message, undone), deps);
  const due = own
    .filter(({ other, isDelayed }) => !isDelayed && compare(other, message) >= 0)
    .map(({ other }) => other);
  const turn = due.findIndex(({ type }) => turning.has(type));
  return {
    older: own.map(({ other }) => other).filter((other) => compare(other, message) < 0),
    younger: due.slice(0, turn < 0 ? mostYounger : Math.min(turn, mostYounger)),
  };
}

/**
 * What this guest wrote before — its worker was killed over it, or it waits for a retry — is recorded first, so that the answers
 * keep the guest's order. Its own job finds the row. That a message itself cannot be recorded is its job's affair; throws when the
 * database has its troubles, since who goes on then overtakes.
 */
export async function recordOlder(older: readonly InboundMessage[], deps: WorkerDeps): Promise<void> {
  for (const message of older) {
    try {
      await deps.inTransaction((stores) => recordMessage(message, stores));
    } catch (error) {
      if (isTroubleOfDatabase(error)) throw error;
      deps.log.debug({ err: error }, 'an older message not recorded');
    }
  }
}

/** What the guest wrote meanwhile, in one transaction: who writes five times in a row gets an answer to all of it. */
export async function recordYounger(younger: readonly InboundMessage[], deps: WorkerDeps): Promise<void> {
  if (younger.length === 0) return;
  try {
    await deps.inTransaction(async (stores) => {
      for (const message of younger) await recordMessage(message, stores);
    });
  } catch (error) {
    deps.log.debug({ err: error }, 'younger messages left to their own jobs');
  }
}

type ByName = ReadonlyMap<string, ReadonlySet<Undone>>;
/** A backlog's listing serves for many messages: whose its payloads are is read once, the rest of them for who asks. */
const indexes = new WeakMap<readonly Undone[], ByName>();
const withContact = inboundMessage.pick({ contact: true });

function indexOf(undone: readonly Undone[]): ByName {
  const known = indexes.get(undone);
  if (known) return known;
  const index = new Map<string, Set<Undone>>();
  for (const each of undone) {
    const contact = withContact.safeParse(each.payload).data?.contact;
    for (const name of contact ? namesOf(contact) : []) index.set(name, (index.get(name) ?? new Set()).add(each));
  }
  indexes.set(undone, index);
  return index;
}

type Other = { other: InboundMessage; isDelayed: boolean };

function selectOwn(message: InboundMessage, undone: readonly Undone[]): Other[] {
  const index = indexOf(undone);
  const own = new Set(namesOf(message.contact).flatMap((name) => [...(index.get(name) ?? [])]));
  return [...own]
    .flatMap(({ payload, isDelayed }) => {
      const other = inboundMessage.safeParse(payload).data;
      return other && other.providerMessageId !== message.providerMessageId ? [{ other, isDelayed }] : [];
    })
    .toSorted((one, two) => compare(one.other, two.other));
}

/** A listing is a moment old: much of it may be done. */
async function selectUnrecorded(others: readonly Other[], deps: WorkerDeps): Promise<Other[]> {
  const isUnrecorded = await listUnrecorded(
    deps.database,
    others.map(({ other }) => ({ kind: 'message', providerMessageId: other.providerMessageId, status: '' })),
  );
  return others.filter((_, index) => isUnrecorded[index]);
}

function namesOf(contact: InboundMessage['contact']): string[] {
  return toIdentities(contact).map(({ kind, matchKey }) => `${kind} ${matchKey}`);
}

/** WhatsApp's time is whole seconds; within one, the order of arrival. */
function compare(one: InboundMessage, other: InboundMessage): number {
  return Date.parse(one.sentAt) - Date.parse(other.sentAt) || Date.parse(one.receivedAt) - Date.parse(other.receivedAt);
}
