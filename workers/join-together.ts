import { AsyncLocalStorage } from 'node:async_hooks';

/** Who comes last waits for all of them. */
const mostTogether = 50;
/** What takes longer than that, in milliseconds, as on a connection that died unnoticed, does not keep those who come after. */
const patienceMs = 1_000;

/**
 * Joins what is asked for while the same is under way: the first goes at once, what comes meanwhile goes next, together. Of what a
 * short transaction costs the server, most is beginning, asking and committing. What fails together is done one by one, so that
 * nobody fails for another's sake. `together` gives a result for each, in order; it runs under the correlation id of its first.
 */
export function joinTogether<Item, Result>(
  together: (items: readonly Item[]) => Promise<Result[]>,
  alone: (item: Item) => Promise<Result>,
): (item: Item) => Promise<Result> {
  type Waiting = {
    item: Item;
    /** Runs work in the context of whoever asked: correlation id and trace. */
    inContext: <T>(work: () => T) => T;
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  };
  const waiting: Waiting[] = [];
  let isUnderWay = false;

  async function run(group: readonly Waiting[]): Promise<void> {
    if (group.length > 1) {
      try {
        const results = await group[0]!.inContext(() => together(group.map(({ item }) => item)));
        return group.forEach(({ resolve }, index) => resolve(results[index]!));
      } catch {
        // Whose fault it was shows below.
      }
    }
    await Promise.all(
      group.map(({ item, inContext, resolve, reject }) => inContext(() => alone(item)).then(resolve, reject)),
    );
  }

  async function runAll(): Promise<void> {
    isUnderWay = true;
    while (waiting.length > 0) await atMost(patienceMs, run(waiting.splice(0, mostTogether)));
    isUnderWay = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, inContext: AsyncLocalStorage.snapshot(), resolve, reject });
      if (!isUnderWay) void runAll();
    });
}

function atMost(ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void work.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
