import type { Backend } from '../support/both-backends.ts';
import { runGraphOutage, type Outage } from './graph-outage.ts';
import { runKillStorm } from './kill-storm.ts';
import { runMoneyModel } from './money-model.ts';
import { runPostgresRestart } from './postgres-restart.ts';
import { runQueueFlush } from './queue-flush.ts';
import { runStorm } from './storm/storm.ts';

/** What one run is asked for; `isShort` is the size that the suite and `--short` can afford. */
export type FaultRequest = { backend: Backend; seed: number; isShort: boolean };

/** A fault that can be played. `run` throws when a promise of the house is broken, and returns what it counted. */
export type Fault = {
  /** Is there anything about it that differs by where the queues live? */
  perBackend: boolean;
  /** Left out of the short round unless it is named. Default: it is played. */
  isInShort?: boolean;
  /** Whether it changes its whole process (a faked clock), so that nothing may run beside it. */
  runsAlone?: boolean;
  run(request: FaultRequest): Promise<Record<string, unknown>>;
};

const outageSizes = {
  short: { guests: 4, messages: 12, overMs: 6_000, downMs: 3_000, slowMs: 3_000, slowByMs: 1_000, limitedMs: 1_500 },
  full: {
    guests: 10,
    messages: 120,
    overMs: 100_000,
    downMs: 60_000,
    slowMs: 20_000,
    slowByMs: 3_000,
    limitedMs: 15_000,
  },
};

/** Short ones run side by side on a busy machine: the 10 s are promised, and asked for, in full size. */
const restartSizes = {
  short: { restarts: 1, downMs: 500, backWithinMs: 60_000, guests: 4, messages: 16, overMs: 4_000 },
  full: { restarts: 3, downMs: 2_000, backWithinMs: 10_000, guests: 10, messages: 150, overMs: 60_000 },
};

function graphOutage(outage: Outage, isInShort: boolean): Fault {
  return {
    perBackend: true,
    isInShort,
    run: ({ backend, seed, isShort }) =>
      runGraphOutage({ backend, seed, outage, ...outageSizes[isShort ? 'short' : 'full'] }),
  };
}

/** As fast as two cores carry with everything on them: queues in PostgreSQL cost it three milliseconds a job. */
const stormMs = { redis: 360_000, postgres: 600_000 };

/** Every fault by its name, the one that waits longest first: `npm run faults -- <name>` plays one. */
export const faults: Record<string, Fault> = {
  'money-model': {
    perBackend: false,
    runsAlone: true,
    async run({ seed, isShort }) {
      const histories = isShort ? 24 : 2_000;
      await runMoneyModel({ runs: histories, seed });
      return { histories };
    },
  },
  'queue-flush': { perBackend: true, run: runQueueFlush },
  'kill-storm': {
    perBackend: true,
    run: ({ backend, seed, isShort }) =>
      isShort
        ? runKillStorm({ backend, seed, kills: 3, guests: 5, messages: 20, overMs: 6_000 })
        : runKillStorm({ backend, seed, kills: 50, guests: 30, messages: 300, overMs: 120_000 }),
  },
  'postgres-restart': {
    perBackend: true,
    run: ({ backend, seed, isShort }) =>
      isShort
        ? runPostgresRestart({ backend, seed, ...restartSizes.short })
        : runPostgresRestart({ backend, seed, ...restartSizes.full }),
  },
  /** Everything at once, with bookings and money. */
  storm: {
    perBackend: true,
    isInShort: false,
    run: ({ backend, seed, isShort }) =>
      isShort
        ? runStorm({ backend, seed, askers: 6, questions: 60, bookings: 10, overMs: 30_000 })
        : runStorm({ backend, seed, askers: 60, questions: 7_500, bookings: 1_000, overMs: stormMs[backend] }),
  },
  'graph-outage-reset': graphOutage('reset', true),
  'graph-outage-gateway': graphOutage('gateway', false),
  'graph-outage-refused': graphOutage('graph', false),
};
