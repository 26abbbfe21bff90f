/**
 * `Promise.all` for what runs on one transaction: rejects as it does, but only when all of them have ended. One that went on after
 * the rollback would write without a transaction.
 */
export async function sideBySide<T extends readonly Promise<unknown>[]>(
  work: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work) as Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>;
}

/** `sideBySide` for each item, but one after the other where two have a name in common. */
export function inTurns<Item, Result>(
  items: readonly Item[],
  namesOf: (item: Item) => readonly string[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const turns = new Map<string, Promise<Result>>();
  return sideBySide(
    items.map((item) => {
      const names = namesOf(item);
      const turn = Promise.all(names.map(async (name) => turns.get(name))).then(() => work(item));
      for (const name of names) turns.set(name, turn);
      return turn;
    }),
  );
}

/** Does `work` with the items by ascending `rank` (those of one rank as they came), and gives the results as the items came. */
export async function inOrderOf<Item, Result>(
  items: readonly Item[],
  rank: (item: Item) => number,
  work: (ordered: readonly Item[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const places = items.map((_, place) => place).toSorted((a, b) => rank(items[a]!) - rank(items[b]!) || a - b);
  const ordered = await work(places.map((place) => items[place]!));
  const results: Result[] = [];
  for (const [index, place] of places.entries()) results[place] = ordered[index]!;
  return results;
}
