import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { within } from './within.ts';

export type CheckStatus = 'ok' | 'degraded' | 'error';
/** What one check found; `detail` is a sentence for an operator, without a value of the configuration or a person's datum. */
export type CheckResult = { status: CheckStatus; latencyMs?: number; detail?: string };
export type HealthReport = { status: 'healthy' | 'degraded' | 'unhealthy'; checks: Record<string, CheckResult> };

export type HealthCheck = {
  name: string;
  /** Milliseconds before it counts as failed. */
  timeoutMs: number;
  /** Its failure makes the whole unhealthy; any other one degrades. Default false. */
  isVital?: boolean;
  /** Resolves with nothing when all is well; a rejection is an error. */
  run(): Promise<Omit<CheckResult, 'latencyMs'> | void>;
};

/** Runs the checks side by side, each with its own time-out; never throws. */
export async function checkHealth(checks: readonly HealthCheck[]): Promise<HealthReport> {
  const results = await Promise.all(checks.map(async (check) => [check, await runCheck(check)] as const));
  const isUnhealthy = results.some(([check, { status }]) => check.isVital && status === 'error');
  const isDegraded = results.some(([, { status }]) => status !== 'ok');
  return {
    status: isUnhealthy ? 'unhealthy' : isDegraded ? 'degraded' : 'healthy',
    checks: Object.fromEntries(results.map(([check, result]) => [check.name, result])),
  };
}

async function runCheck(check: HealthCheck): Promise<CheckResult> {
  const startedAt = performance.now();
  const latency = (): { latencyMs: number } => ({ latencyMs: Math.round(performance.now() - startedAt) });
  try {
    const found = await within(check.timeoutMs, check.run());
    return { ...(found ?? { status: 'ok' }), ...latency() };
  } catch (error) {
    return { status: 'error', ...latency(), detail: plainDetail(error) };
  }
}

/** The kind of an error; its message may hold addresses and credentials. */
function plainDetail(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  if (error.message.startsWith('no answer within')) return error.message;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `failed: ${code}` : 'failed';
}

/** Degrades when less than 5 % of the machine's memory is free or this process's heap is above 90 % of `heapLimitBytes`. */
export function memoryCheck(heapLimitBytes: number): HealthCheck {
  return {
    name: 'memory',
    timeoutMs: 500,
    run: async () => {
      const { rss, heapUsed } = process.memoryUsage();
      const isTight = freemem() / totalmem() < 0.05 || heapUsed / heapLimitBytes > 0.9;
      const detail = `${toMb(rss)} MB used by this process, ${toMb(freemem())} of ${toMb(totalmem())} MB free`;
      return { status: isTight ? 'degraded' : 'ok', detail };
    },
  };
}

/** Degrades when the disk of `folder` has less than 5 % or 200 MB left. */
export function diskCheck(folder: string): HealthCheck {
  return {
    name: 'disk',
    timeoutMs: 1_000,
    run: async () => {
      const { bavail, blocks, bsize } = await statfs(folder);
      const freeBytes = bavail * bsize;
      const isTight = freeBytes / (blocks * bsize) < 0.05 || freeBytes < 200_000_000;
      return {
        status: isTight ? 'degraded' : 'ok',
        detail: `${toMb(freeBytes)} of ${toMb(blocks * bsize)} MB free`,
      };
    },
  };
}

function toMb(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
