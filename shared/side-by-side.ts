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
