import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '#shared/integrations/simulator-kit/faults.ts';
import type { Member } from './member.ts';
import type { StormHouse } from './storm-house.ts';

type Random = () => number;
const between = (random: Random, low: number, high: number): number => low + random() * (high - low);
const oneOf = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
const anyWorker = (house: StormHouse, random: Random): Member => oneOf(random, house.workers);

const sixHoursMs = 6 * 3_600_000;
const vendorTroubles: readonly Fault[] = [
  { kind: 'delay', ms: 1_500 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502, html: true },
  { kind: 'reset' },
  { kind: 'reset', acted: true },
];

/** What is done to the house, by name: resolves when it is over, and the house has to be well again 10 s later. */
export const stormFaults: Record<string, (house: StormHouse, random: Random) => Promise<void>> = {
  'a worker is killed': (house, random) => anyWorker(house, random).kill(),
  'a worker is killed and comes back with a wrong clock': (house, random) =>
    anyWorker(house, random).kill(random() < 0.5 ? sixHoursMs : -sixHoursMs),
  'both workers are killed': async ({ workers }) => void (await Promise.all(workers.map((worker) => worker.kill()))),
  'the API is killed': ({ api }) => api.kill(),
  'a worker stands still': (house, random) => anyWorker(house, random).freeze(between(random, 1_000, 7_000)),
  'the API stands still': ({ api }, random) => api.freeze(between(random, 500, 3_000)),
  'PostgreSQL restarts': (house, random) => house.restartPostgres(between(random, 0, 1_500)),
  'connections to PostgreSQL are cut': async ({ postgres }, random) => {
    await postgres.cut();
    await sleep(between(random, 200, 2_000));
    await postgres.restore();
  },
  'PostgreSQL does not answer': async ({ postgres }, random) => {
    postgres.freeze();
    await sleep(between(random, 500, 4_000));
    await postgres.restore();
  },
  'WhatsApp is in trouble': async ({ whatsapp }, random) => {
    whatsapp.failAlways(oneOf(random, vendorTroubles));
    await sleep(between(random, 1_000, 5_000));
    whatsapp.failAlways(undefined);
  },
  'Mercado Pago is in trouble': async ({ mercadopago }, random) => {
    mercadopago.failAlways(oneOf(random, vendorTroubles));
    await sleep(between(random, 1_000, 5_000));
    mercadopago.failAlways(undefined);
  },
};

/** What is done to Redis besides, where the queues are there. */
export const redisFaults: typeof stormFaults = {
  'Redis is killed': async ({ redis }, random) => redis!.restart(between(random, 0, 1_500)),
  'connections to Redis are cut': async ({ redis }, random) => {
    await redis!.proxy.cut();
    await sleep(between(random, 200, 2_000));
    await redis!.proxy.restore();
  },
  'Redis does not answer': async ({ redis }, random) => {
    redis!.proxy.freeze();
    await sleep(between(random, 500, 4_000));
    await redis!.proxy.restore();
  },
  'Redis takes no writes': ({ redis }, random) => redis!.fill(between(random, 500, 4_000)),
};
