import type { Backend } from '../support/both-backends.ts';
import { faults } from './faults.ts';

export type PlayedFault = { fault: string; backend?: Backend; seconds: number } & Record<string, unknown>;
export type Violation = { fault: string; backend?: Backend; problem: string };
export type FaultReport = { seed: number; violations: Violation[]; runs: PlayedFault[] };

export type PlayOptions = {
  names: readonly string[];
  backends: readonly Backend[];
  seed: number;
  isShort: boolean;
  onProgress?: (line: string) => void;
};

type Play = { name: string; backend: Backend | undefined };

/** Short runs side by side: they mostly wait, and more of them would starve each other. */
const sideBySide = 4;

/**
 * Plays the named faults, on each backend where that makes a difference, and collects what broke a promise: short ones a few at a
 * time, long ones one after the other.
 */
export async function playFaults(options: PlayOptions): Promise<FaultReport> {
  const report: FaultReport = { seed: options.seed, violations: [], runs: [] };
  const plays = options.names.flatMap((name): Play[] =>
    faults[name]!.perBackend ? options.backends.map((backend) => ({ name, backend })) : [{ name, backend: undefined }],
  );
  const alone = plays.filter(({ name }) => faults[name]!.runsAlone || !options.isShort);
  const together = plays.filter((play) => !alone.includes(play));
  for (const play of alone) await playOne(play, options, report);
  const lanes = Array.from({ length: sideBySide }, async () => {
    for (let play = together.shift(); play; play = together.shift()) await playOne(play, options, report);
  });
  await Promise.all(lanes);
  return report;
}

async function playOne(
  { name, backend }: Play,
  { seed, isShort, onProgress = () => {} }: PlayOptions,
  report: FaultReport,
): Promise<void> {
  const about = { fault: name, ...(backend ? { backend } : {}) };
  const title = [name, backend].filter(Boolean).join(' on ');
  onProgress(`${title} …`);
  const begunAt = performance.now();
  const seconds = (): number => Math.round((performance.now() - begunAt) / 100) / 10;
  try {
    const counted = await faults[name]!.run({ backend: backend ?? 'postgres', seed, isShort });
    report.runs.push({ ...about, seconds: seconds(), ...counted });
    onProgress(`${title}: kept, ${seconds()} s ${JSON.stringify(counted)}`);
  } catch (error) {
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report.runs.push({ ...about, seconds: seconds() });
    report.violations.push({ ...about, problem });
    onProgress(`${title}: BROKEN after ${seconds()} s: ${problem}`);
  }
}
