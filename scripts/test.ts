import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { compileCache } from '../test/support/compile-cache.ts';
import { needsRedisServer } from '../test/support/services.ts';
import { findOrInstallAll, type Tool } from '../test/support/tools.ts';

const projectDir = resolve(import.meta.dirname, '..');
const log = (line: string): void => console.error(`test: ${line}`);

/** `npm test [-- mocha's arguments]`: gets the tools, runs mocha, prints `N passed, N failed` last, exits with mocha's code. */
async function main(args: string[]): Promise<number> {
  if (!isNewEnough(process.versions.node)) {
    log(`Node ${process.versions.node} is too old (24.12 is needed): run "npm ci" again with install scripts allowed`);
    return 1;
  }
  const tools = toolsFor(args);
  // Up front and with progress: an installation would not fit into a test's time-out.
  if (tools.length > 0 && (await needsRedisServer())) tools.push('redis-server');
  await findOrInstallAll(tools, { log });
  const lanes = args.length > 0 ? [args] : suite;
  const folder = await mkdtemp(join(tmpdir(), 'posada-summary-'));
  try {
    const runs = await Promise.all(lanes.map((lane, index) => runLane(lane, join(folder, `summary-${index}`), index)));
    const [passed, failed] = [sumOf(runs.map((run) => run.passed)), sumOf(runs.map((run) => run.failed))];
    console.log(`${passed} passed, ${failed} failed`);
    return Math.max(...runs.map((run) => run.code));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Much of the suite waits for processes and deadlines: three parts that take equally long side by side, each with stores of its
 * own. The first has the browsers, which wait least; the last has whatever the others do not name.
 */
const integration = (nouns: string[]): string[] => nouns.map((noun) => `test/integration/${noun}`);
const namedLanes = [
  ['test/e2e'],
  ['test/faults', ...integration(['calendars', 'deploy', 'queues', 'sweeps', 'voice'])],
];
const suite = [...namedLanes, namedLanes.flat().flatMap((folder) => ['--ignore', `${folder}/**`])];

type LaneRun = { code: number; passed: number; failed: number };

/** Runs mocha once. What a lane after the first prints is shown when the lane has ended. */
async function runLane(args: string[], summaryFile: string, index: number): Promise<LaneRun> {
  const { code, output } = await runMocha(args, summaryFile, index > 0);
  process.stdout.write(output);
  const summary = await readFile(summaryFile, 'utf8').catch(() => '');
  const [passed = 0, failed = 0] = (summary.match(/\d+/g) ?? []).map(Number);
  // A run that broke outside of its tests must not read as a success.
  return { code, passed, failed: code !== 0 && failed === 0 ? 1 : failed };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 12);
}

/** Files or folders among mocha's arguments. They cannot stand beside a `spec` in its configuration, which would run as well. */
function specsIn(args: string[]): string[] {
  return args.filter((arg) => !arg.startsWith('-') && (arg.endsWith('.ts') || existsSync(join(projectDir, arg))));
}

/** Named files under test/unit alone need no tools. */
function toolsFor(args: string[]): Tool[] {
  const specs = specsIn(args);
  if (specs.length > 0 && specs.every((spec) => spec.includes('test/unit'))) return [];
  return ['ffmpeg', 'chromium', 'nginx', 'shellcheck', 'openssl', 'postgresql', 'redis-cli'];
}

function runMocha(args: string[], summaryFile: string, isHeldBack: boolean): Promise<{ code: number; output: string }> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    NODE_ENV: 'test',
    TEST_SUMMARY_FILE: summaryFile,
    ...compileCache,
  };
  // The suite has stores of its own: an operator's must be out of its reach.
  delete env['DATABASE_URL'];
  delete env['REDIS_URL'];
  const mocha = join(projectDir, 'node_modules/mocha/bin/mocha.js');
  const named = specsIn(args);
  const specs = named.length > 0 ? [] : ['test/**/*.test.ts'];
  // A folder stands for all the tests below it.
  const toSpec = (arg: string): string => (named.includes(arg) && !arg.endsWith('.ts') ? `${arg}/**/*.test.ts` : arg);
  const child = spawn(process.execPath, [mocha, ...args.map(toSpec), ...specs], {
    cwd: projectDir,
    env,
    stdio: isHeldBack ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => output.push(chunk));
  // Ctrl-C reaches mocha by itself, which then tears down; we wait for it. A TERM is for us alone: hand it on.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGINT'));
  return new Promise((done, fail) =>
    child
      .once('error', fail)
      .once('close', (code) => done({ code: code ?? 1, output: Buffer.concat(output).toString('utf8') })),
  );
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
