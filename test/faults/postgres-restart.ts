import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { startEmbeddedPostgres } from '#shared/db/embedded-postgres.ts';
import { migrate } from '#shared/db/migrate.ts';
import { migrateQueues } from '#shared/queues/connections.ts';
import { startTcpProxy } from '../integration/queues/tcp-proxy.ts';
import type { Backend } from '../support/both-backends.ts';
import { eventually } from '../support/eventually.ts';
import { createPhone, openHouse } from '../support/house.ts';
import { makeTestFolder } from '../support/services.ts';
import { checkTraffic, createRandom, write, type Traffic } from './traffic.ts';

export type PostgresRestart = Traffic & {
  backend: Backend;
  seed: number;
  restarts: number;
  downMs: number;
  /** So long at most until a guest is answered after the server is back. */
  backWithinMs: number;
};

/**
 * PostgreSQL is stopped and started again in the middle of traffic, under worker processes: a message written after it is back
 * is answered in time, and nothing written before or meanwhile is lost or answered twice.
 */
export async function runPostgresRestart({
  backend,
  seed,
  restarts,
  downMs,
  backWithinMs,
  ...traffic
}: PostgresRestart) {
  const folder = await makeTestFolder('restart');
  const options = { dataDir: join(folder, 'postgres'), fallbackRoot: join(folder, 'fallback') };
  let server = await startEmbeddedPostgres(options);
  const proxy = await startTcpProxy(server.url);
  const url = proxy.through(server.url);
  await migrate(url);
  if (backend === 'postgres') await migrateQueues(url);
  const house = await openHouse(backend, { pools: [], database: { url } });
  const backAfterMs: number[] = [];
  try {
    await house.spawnWorkers('conversations', 'deliveries');
    const writing = write(house, traffic, createRandom(seed));
    let extra = 0;
    for (let round = 0; round < restarts; round += 1) {
      await sleep(traffic.overMs / (restarts + 1));
      await proxy.cut();
      await server.stop();
      await sleep(downMs);
      server = await startEmbeddedPostgres(options);
      proxy.retarget(server.url);
      await proxy.restore();
      const backAt = Date.now();
      const phone = createPhone(house);
      extra += 1;
      // The API may still say 503 for a moment: WhatsApp sends again.
      await phone.say('tienen wifi?');
      await phone.waitFor(/wifi/i, 30_000);
      backAfterMs.push(Date.now() - backAt);
      expect(backAfterMs.at(-1), 'until an answer after the restart').to.be.at.most(backWithinMs);
    }
    await writing;
    await eventually(() => expect(house.whatsapp.webhooks.pending()).to.deep.equal([]), { timeoutMs: 60_000 });
    const messages = traffic.messages + extra;
    // The queue may be in the store that is away: an add that our webhook gave up can still arrive within its 10 s.
    const checked = await checkTraffic(house, {
      messages,
      mostRepeats: restarts,
      timeoutMs: 120_000,
      takenWithinS: 12,
    });
    return { ...checked, backAfterMs };
  } finally {
    await house.close();
    await proxy.close();
    await server.stop();
  }
}
