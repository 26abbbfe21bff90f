/** Joins work that is asked for at the same time: what comes while a flush is under way goes with the next one. */
export type Batcher<T> = (items: readonly T[]) => Promise<void>;

/** How long an answer is waited for; `end` is told of each answer (true), failure and late answer (false). */
export type Patience = { ms: () => number; end: (isAnswered: boolean) => void };

type Waiting<T> = {
  items: readonly T[];
  resolve: () => void;
  reject: (error: unknown) => void;
  timer: NodeJS.Timeout | undefined;
};

/**
 * Calls `flush` with the items of all callers that wait, at most `mostFlights` at a time (default 2) and at most `mostItems`
 * at once (default 250, more only when one caller brings more). Each caller's promise ends as the flush that carried its items:
 * resolved means done, as it would be alone; or it is rejected when the patience that it found ends. Items that are not on their
 * way by then are taken back: a store that hangs must not fill the memory. Order is kept within a flush.
 */
export function createBatcher<T>(
  flush: (items: readonly T[]) => Promise<void>,
  patience: Patience,
  { mostFlights = 2, mostItems = 250 }: { mostFlights?: number; mostItems?: number } = {},
): Batcher<T> {
  const waiting: Waiting<T>[] = [];
  let flights = 0;

  async function fly(): Promise<void> {
    flights += 1;
    // One turn of the loop: requests that were read together are flushed together.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const group = takeGroup(waiting, mostItems);
      try {
        await flush(group.flatMap(({ items }) => items));
        patience.end(true);
        for (const { timer, resolve } of group) {
          clearTimeout(timer);
          resolve();
        }
      } catch (error) {
        patience.end(false);
        for (const { timer, reject } of group) {
          clearTimeout(timer);
          reject(error);
        }
      }
    }
    flights -= 1;
  }

  function giveUp(mine: Waiting<T>): void {
    const index = waiting.indexOf(mine);
    if (index >= 0) waiting.splice(index, 1);
    patience.end(false);
    mine.reject(new Error('no answer in time'));
  }

  return (items) =>
    new Promise((resolve, reject) => {
      const mine: Waiting<T> = { items, resolve, reject, timer: undefined };
      mine.timer = setTimeout(giveUp, patience.ms(), mine);
      waiting.push(mine);
      if (flights < mostFlights) void fly();
    });
}

function takeGroup<T>(waiting: Waiting<T>[], mostItems: number): Waiting<T>[] {
  let count = waiting[0]!.items.length;
  let length = 1;
  while (length < waiting.length && count + waiting[length]!.items.length <= mostItems) {
    count += waiting[length]!.items.length;
    length += 1;
  }
  return waiting.splice(0, length);
}
