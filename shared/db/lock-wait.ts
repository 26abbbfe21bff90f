import type { EntityManager } from 'typeorm';

/** For several in one transaction: where somebody stands still with a lock that one of them wants, the others do not wait for it. */
export async function waitBriefly(manager: EntityManager): Promise<void> {
  await manager.query(`SET LOCAL lock_timeout = '200ms'`);
}
