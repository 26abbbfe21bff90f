import { listUnrecorded } from '#shared/db/stores/lost-messages.ts';
import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import { listDeadLetters, putBack, type DeadLetter } from '#shared/queues/dead-letters.ts';
import type { WorkerDeps } from '../deps.ts';

/** A job that failed finally gets one more try after so long, and then each time so much later. */
const restMs = 3_600_000;
/** At most so many in one run, so that the queue's other work goes on. */
const mostPerRun = 500;

/**
 * Inbound jobs hold the only copy of what WhatsApp told us until a row has it. Those that failed finally and left no row are put
 * back, at most once an hour each, for as long as the store keeps them (14 days): a later release may understand them.
 */
export async function sweepLostMessages(_: object, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const failed = (await listDeadLetters(deps.queues)).filter(isDue);
  const lost = await selectUnrecorded(failed, deps);
  let count = 0;
  for (const letter of lost.slice(0, mostPerRun)) {
    signal.throwIfAborted();
    if (await putBack(deps.queues, letter, { tries: 'one' })) count += 1;
  }
  if (count > 0) deps.log.warn({ count }, 'put back inbound jobs that left no row');
  await recordSweep(deps.database, 'sweep-lost-messages', count);
}

function isDue({ isInbound, putBackAt }: DeadLetter): boolean {
  return isInbound && (putBackAt === undefined || putBackAt.getTime() + restMs <= Date.now());
}

/** A job without a readable id is nobody's: it is put back as well. */
async function selectUnrecorded(letters: readonly DeadLetter[], deps: WorkerDeps): Promise<DeadLetter[]> {
  const told = letters.map(({ job, payload }) => {
    const { providerMessageId, status } = (payload ?? {}) as { providerMessageId?: unknown; status?: unknown };
    return {
      kind: job === 'record-delivery' ? ('status' as const) : ('message' as const),
      providerMessageId: typeof providerMessageId === 'string' ? providerMessageId : '',
      status: typeof status === 'string' ? status : '',
    };
  });
  const unrecorded = await listUnrecorded(deps.database, told);
  return letters.filter((_, index) => unrecorded[index]);
}
