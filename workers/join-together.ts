/** Who comes last waits for all of them. */
const mostTogether = 50;

/**
 * Joins what is asked for while the same is under way: the first goes at once, what comes meanwhile goes next, together. Of what a
 * short transaction costs the server, most is beginning, asking and committing. What fails together is done one by one, so that
 * nobody fails for another's sake. `together` gives a result for each, in order.
 */
export function joinTogether<Item, Result>(
  together: (items: readonly Item[]) => Promise<Result[]>,
  alone: (item: Item) => Promise<Result>,
): (item: Item) => Promise<Result> {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };
  const waiting: Waiting[] = [];
  let isUnderWay = false;

  async function run(group: readonly Waiting[]): Promise<void> {
    if (group.length > 1) {
      try {
        const results = await together(group.map(({ item }) => item));
        return group.forEach(({ resolve }, index) => resolve(results[index]!));
      } catch {
        // Whose fault it was shows below.
      }
    }
    await Promise.all(group.map(({ item, resolve, reject }) => alone(item).then(resolve, reject)));
  }

  async function runAll(): Promise<void> {
    isUnderWay = true;
    while (waiting.length > 0) await run(waiting.splice(0, mostTogether));
    isUnderWay = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isUnderWay) void runAll();
    });
}
