import { toIdentities } from '#shared/domain/contacts.ts';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import type { InTransaction, RecordedMessage, Stores } from '#shared/domain/ports.ts';
import { inTurns } from '#shared/side-by-side.ts';
import { joinTogether } from '../join-together.ts';
import { recordMessage } from './record-message.ts';

/** Records a message in a transaction that it may share with others (see `recordMessage`). */
export type Recorder = (message: InboundMessage) => Promise<Recorded>;
type Recorded = RecordedMessage | undefined;

/** They may wait for a reply to end: each is recorded alone. */
const alone: ReadonlySet<InboundMessage['type']> = new Set(['echo', 'system', 'edit', 'revoke']);

/** Messages that come at the same time are recorded in one transaction. */
export function createRecorder(inTransaction: InTransaction): Recorder {
  const record = joinTogether<InboundMessage, Recorded>(
    (messages) => inTransaction((stores) => recordSideBySide(messages, stores)),
    async (message) => {
      const [recorded] = await inTransaction((stores) => recordSideBySide([message], stores));
      return recorded;
    },
  );
  return (message) =>
    alone.has(message.type) ? inTransaction((stores) => recordMessage(message, stores)) : record(message);
}

/**
 * All at once on one connection; those of one guest, under any of its names, one after the other. No lock is waited for: what a
 * worker that stands still holds comes again with its job, and must not keep the transactions of others.
 */
async function recordSideBySide(messages: readonly InboundMessage[], stores: Stores): Promise<Recorded[]> {
  await stores.waitBriefly();
  const namesOf = ({ contact }: InboundMessage): string[] =>
    toIdentities(contact).map(({ kind, matchKey }) => `${kind} ${matchKey}`);
  return inTurns(messages, namesOf, (message) => recordMessage(message, stores));
}
