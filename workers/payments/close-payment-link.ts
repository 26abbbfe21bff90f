import type { Payload } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';

/** After so many refusals the preference's own expiry has long closed it. */
const mostAttempts = 10;

/** Ends a preference whose hold ended early, as well as can be had; money that comes all the same is settled as late. */
export async function closePaymentLink(
  { paymentLinkId }: Payload<'close-payment-link'>,
  deps: Pick<WorkerDeps, 'inTransaction' | 'payments'>,
  signal: AbortSignal,
): Promise<void> {
  const link = await deps.inTransaction(async (stores) => {
    const current = await stores.payments.lockLink(paymentLinkId);
    if (current?.state !== 'closing') return undefined;
    const isHopeless = !current.preferenceId || current.attempts >= mostAttempts;
    if (isHopeless) await stores.payments.updateLink(current.id, { state: 'closed', closedAt: stores.now });
    else
      await stores.payments.updateLink(current.id, {
        attempts: current.attempts + 1,
        nextAttemptAt: new Date(stores.now.getTime() + 60_000),
      });
    return isHopeless ? undefined : current;
  });
  if (!link?.preferenceId) return;
  await deps.payments.closePaymentLink(link.preferenceId, signal);
  await deps.inTransaction((stores) => stores.payments.updateLink(link.id, { state: 'closed', closedAt: stores.now }));
}
