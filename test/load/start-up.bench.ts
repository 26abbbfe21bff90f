import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions, Row } from './rows.ts';
import { openStage, residentMegabytes, type Stage } from './stage.ts';

const processes = [
  { name: 'API', file: 'api/server.ts', args: [], ready: /"port":(\d+)/ },
  { name: 'all pools in one process', file: 'workers/main.ts', args: [], ready: /"working"/ },
  { name: 'one pool', file: 'workers/main.ts', args: ['conversations'], ready: /"working"/ },
] as const;

/** From `node …` to the line that says ready, against a Node that does nothing; and the memory that a ready process has. */
export async function bench({ short }: BenchOptions): Promise<Row[]> {
  const rounds = short ? 2 : 5;
  const bareMs = await bestOf(rounds, async () => {
    const startedAt = performance.now();
    await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
    return performance.now() - startedAt;
  });
  const rows: Row[] = [{ name: 'bare Node, start to end', value: bareMs, unit: 'ms' }];
  for (const backend of ['redis', 'postgres'] as const) {
    const stage = await openStage(backend);
    try {
      for (const one of processes) rows.push(...(await measure(one, stage, rounds, bareMs)));
    } finally {
      await stage.close();
    }
  }
  return rows;
}

async function measure(
  { name, file, args, ready }: (typeof processes)[number],
  stage: Stage,
  rounds: number,
  bareMs: number,
): Promise<Row[]> {
  let [megabytes, ms] = [0, Infinity];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    const { child } = await stage.spawn(file, args, ready);
    ms = Math.min(ms, performance.now() - startedAt);
    await sleep(2_000); // what starting needed is given back
    megabytes = await residentMegabytes(child.pid!);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
  return [
    {
      name: `${name}: ready (${stage.backend})`,
      value: ms,
      unit: 'ms',
      ratio: { of: 'bare Node', value: ms / bareMs },
    },
    { name: `${name}: memory (${stage.backend})`, value: megabytes, unit: 'MB' },
  ];
}

async function bestOf(rounds: number, work: () => Promise<number>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) best = Math.min(best, await work());
  return best;
}
