import type { Handlers } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { completeStays } from './complete-stays.ts';
import { expireHoldById } from './expire-hold.ts';
import { sweepDueHolds } from './sweep-due-holds.ts';
import { sweepDueReminders } from './sweep-due-reminders.ts';
import { sweepOldMedia } from './sweep-old-media.ts';
import { sweepOldPayloads } from './sweep-old-payloads.ts';

/** What ends by time. */
export const expirationHandlers: Handlers<'expirations', WorkerDeps> = {
  'expire-hold': expireHoldById,
  'sweep-due-holds': sweepDueHolds,
  'sweep-due-reminders': sweepDueReminders,
  'complete-stays': completeStays,
  'sweep-old-media': sweepOldMedia,
  'sweep-old-payloads': sweepOldPayloads,
};
