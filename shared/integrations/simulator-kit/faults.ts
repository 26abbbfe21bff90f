import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SimulatedAnswer, SimulatedRequest } from './http.ts';

/**
 * How a simulated vendor misbehaves. `acted` says whether it did what was asked before it misbehaved (default false):
 * `{ kind: 'silence', acted: true }` is the time-out after having acted.
 */
export type Fault =
  /** Answers `status`; with `code` as the vendor's own error, with `html` as a gateway's page, else an empty object. */
  | { kind: 'status'; status: number; code?: number; html?: boolean; retryAfterS?: number; acted?: boolean }
  /** Never answers. */
  | { kind: 'silence'; acted?: boolean }
  /** Drops the connection. */
  | { kind: 'reset'; acted?: boolean }
  /** Does all, but late. */
  | { kind: 'delay'; ms: number };

type Match = (request: SimulatedRequest) => boolean;

/** The switches: faults for the next calls that match, and one that stays until it is taken away. */
export type FaultSwitches = {
  /** The next `count` matching calls fail so, after those asked for before. */
  failNext: (count: number, fault: Fault, match?: Match) => void;
  /** Every matching call fails so until `undefined` is set; `failNext` goes first. */
  failAlways: (fault: Fault | undefined, match?: Match) => void;
};

/** The switches and `take`: the fault of this call, used up by asking. */
export function createFaults(): FaultSwitches & { take: (request: SimulatedRequest) => Fault | undefined } {
  let waiting: { left: number; fault: Fault; match: Match }[] = [];
  let lasting: { fault: Fault; match: Match } | undefined;
  return {
    failNext(count, fault, match = () => true) {
      if (count > 0) waiting.push({ left: count, fault, match });
    },
    failAlways(fault, match = () => true) {
      lasting = fault === undefined ? undefined : { fault, match };
    },
    take(request) {
      const next = waiting.find(({ match }) => match(request));
      if (next !== undefined) {
        next.left -= 1;
        waiting = waiting.filter(({ left }) => left > 0);
        return next.fault;
      }
      return lasting !== undefined && lasting.match(request) ? lasting.fault : undefined;
    },
  };
}

/**
 * Plays a fault around `act`, which answers the response itself when it is allowed to. `toError` is the vendor's error
 * body for a code. `held` keeps the responses that get no answer, so that closing can drop them.
 */
export async function playFault(
  fault: Fault,
  response: ServerResponse,
  tools: {
    act: () => Promise<SimulatedAnswer>;
    toError: (status: number, code: number) => unknown;
    held: Set<ServerResponse>;
  },
): Promise<SimulatedAnswer | undefined> {
  if (fault.kind === 'delay') {
    await sleep(fault.ms, undefined, { ref: false });
    return tools.act();
  }
  if (fault.acted === true) await tools.act();
  if (fault.kind === 'reset') {
    response.destroy();
    return undefined;
  }
  if (fault.kind === 'silence') {
    tools.held.add(response);
    response.on('close', () => tools.held.delete(response));
    return undefined;
  }
  const headers: Record<string, string> =
    fault.retryAfterS === undefined ? {} : { 'retry-after': String(fault.retryAfterS) };
  if (fault.html === true) {
    response.writeHead(fault.status, { 'content-type': 'text/html', ...headers });
    response.end('<html><body>Bad gateway</body></html>');
    return undefined;
  }
  const body = fault.code === undefined ? {} : tools.toError(fault.status, fault.code);
  return { status: fault.status, body, headers };
}
