import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '#shared/integrations/simulator-kit/faults.ts';
import type { Backend } from '../support/both-backends.ts';
import { openHouse } from '../support/house.ts';
import { checkTraffic, createRandom, write, type Traffic } from './traffic.ts';

/** How the Graph API is down: no answer, a gateway's page, or its own error. */
export type Outage = 'reset' | 'gateway' | 'graph';

export type GraphOutage = Traffic & {
  backend: Backend;
  outage: Outage;
  seed: number;
  downMs: number;
  slowMs: number;
  /** How late each answer comes while it is slow. */
  slowByMs: number;
  limitedMs: number;
};

const outages: Record<Outage, Fault> = {
  reset: { kind: 'reset' },
  gateway: { kind: 'status', status: 502, html: true },
  graph: { kind: 'status', status: 503, code: 131016 },
};

/** The Graph API is down, then slow, then limits us, then is back, while guests write: everything arrives, in order, nothing twice. */
export async function runGraphOutage({
  backend,
  outage,
  seed,
  downMs,
  slowMs,
  slowByMs,
  limitedMs,
  ...traffic
}: GraphOutage) {
  const house = await openHouse(backend);
  try {
    const writing = write(house, traffic, createRandom(seed));
    await sleep(Math.min(2_000, downMs / 2));
    house.whatsapp.failAlways(outages[outage]);
    await sleep(downMs);
    house.whatsapp.failAlways({ kind: 'delay', ms: slowByMs });
    await sleep(slowMs);
    house.whatsapp.failAlways({ kind: 'status', status: 429, code: 130429, retryAfterS: 1 });
    await sleep(limitedMs);
    house.whatsapp.failAlways(undefined);
    await writing;
    await house.whatsapp.webhooks.idle();
    return await checkTraffic(house, { messages: traffic.messages, mostRepeats: 0, timeoutMs: 180_000 });
  } finally {
    await house.close();
  }
}
