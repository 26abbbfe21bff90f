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
