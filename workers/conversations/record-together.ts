import { toIdentities } from '#shared/domain/contacts.ts';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import type { InTransaction, RecordedMessage, Stores } from '#shared/domain/ports.ts';
import { recordMessage } from './record-message.ts';

/** Records a message in a transaction that it may share with others (see `recordMessage`). */
export type Recorder = (message: InboundMessage) => Promise<RecordedMessage | undefined>;

type Recorded = Awaited<ReturnType<Recorder>>;
type Waiting = { message: InboundMessage; resolve: (recorded: Recorded) => void; reject: (error: unknown) => void };

/** A lock that one of them waits for keeps the others too. */
const mostTogether = 50;
/** They may wait for a reply to end: each is recorded alone. */
const alone: ReadonlySet<InboundMessage['type']> = new Set(['echo', 'system', 'edit', 'revoke']);

/**
 * What comes while a recording is under way is recorded next, in one transaction: of what a short message costs the server, most
 * is beginning, asking and committing. What fails together is tried again one by one, so nobody fails for another's sake.
 */
export function createRecorder(inTransaction: InTransaction): Recorder {
  const waiting: Waiting[] = [];
  let isUnderWay = false;
  const recordAlone: Recorder = (message) => inTransaction((stores) => recordMessage(message, stores));

  async function recordGroup(group: readonly Waiting[]): Promise<void> {
    if (group.length > 1) {
      try {
        const messages = group.map(({ message }) => message);
        const recorded = await inTransaction((stores) => recordSideBySide(messages, stores));
        return group.forEach(({ resolve }, index) => resolve(recorded[index]));
      } catch {
        // Whose fault it was shows below.
      }
    }
    await Promise.all(group.map(({ message, resolve, reject }) => recordAlone(message).then(resolve, reject)));
  }

  async function recordWaiting(): Promise<void> {
    isUnderWay = true;
    while (waiting.length > 0) await recordGroup(waiting.splice(0, mostTogether));
    isUnderWay = false;
  }

  return (message) => {
    if (alone.has(message.type)) return recordAlone(message);
    return new Promise((resolve, reject) => {
      waiting.push({ message, resolve, reject });
      if (!isUnderWay) void recordWaiting();
    });
  };
}

/** All at once on one connection; those of one guest, under any of its names, one after the other. */
function recordSideBySide(messages: readonly InboundMessage[], stores: Stores): Promise<Recorded[]> {
  const turns = new Map<string, Promise<Recorded>>();
  return Promise.all(
    messages.map((message) => {
      const names = toIdentities(message.contact).map(({ kind, matchKey }) => `${kind} ${matchKey}`);
      const turn = Promise.all(names.map(async (name) => turns.get(name))).then(() => recordMessage(message, stores));
      for (const name of names) turns.set(name, turn);
      return turn;
    }),
  );
}
