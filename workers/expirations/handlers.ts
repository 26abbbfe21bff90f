import type { Handlers } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { completeStays } from './complete-stays.ts';
import { expireHoldById } from './expire-hold.ts';
import { sweepDueHolds } from './sweep-due-holds.ts';

/** What ends by time. */
export const expirationHandlers: Handlers<'expirations', WorkerDeps> = {
  'expire-hold': expireHoldById,
  'sweep-due-holds': sweepDueHolds,
  'complete-stays': completeStays,
};
