import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from '../support/both-backends.ts';
import { openHouse, type WorkerProcess } from '../support/house.ts';
import { checkTraffic, createRandom, write, type Traffic } from './traffic.ts';

export type KillStorm = Traffic & { backend: Backend; kills: number; seed: number };

/**
 * Worker processes are killed with SIGKILL at random moments while guests write: each message is answered exactly once by effect,
 * in order per guest, with at most one send repeated per kill. A dead worker is replaced at once.
 */
export async function runKillStorm({ backend, kills, seed, ...traffic }: KillStorm) {
  const random = createRandom(seed);
  const house = await openHouse(backend, { pools: [] });
  try {
    const workers: (WorkerProcess | undefined)[] = await Promise.all(
      [0, 1].map(() => house.spawnWorkers('conversations', 'deliveries')),
    );
    const writing = write(house, traffic, createRandom(seed + 1));
    let killed = 0;
    const births: Promise<unknown>[] = [];
    while (killed < kills) {
      await sleep((traffic.overMs / kills) * (0.2 + 1.6 * random()));
      const alive = workers.flatMap((worker, index) => (worker ? [index] : []));
      const index = alive[Math.floor(random() * alive.length)];
      if (index === undefined) continue;
      const victim = workers[index]!;
      workers[index] = undefined;
      await victim.kill();
      killed += 1;
      births.push(
        house.spawnWorkers('conversations', 'deliveries').then((worker) => {
          workers[index] = worker;
        }),
      );
    }
    await writing;
    await Promise.all(births);
    await house.whatsapp.webhooks.idle();
    return await checkTraffic(house, { messages: traffic.messages, mostRepeats: kills, timeoutMs: 180_000 });
  } finally {
    await house.close();
  }
}
