import type { Merged } from '#shared/db/stores/delivery-report-store.ts';
import { hasUnsent } from '#shared/db/stores/delivery-store.ts';
import { listNewNames } from '#shared/db/stores/recipient-store.ts';
import { toIdentities } from '#shared/domain/contacts.ts';
import type { StatusUpdate } from '#shared/domain/conversations/message.ts';
import { classifyWhatsAppCode, WhatsAppError } from '#shared/integrations/whatsapp/errors.ts';
import type { WorkerDeps } from '../deps.ts';
import { followRefusal } from './follow-refusal.ts';

type MergedAs<Type> = Extract<Merged, { type: Type }>;

/** A status can overtake the answer to its own send, which is aborted after 8 s. */
const secondLookMs = 10_000;

/**
 * WhatsApp tells what became of a message of ours: merged once, its names of the guest learnt, a failure followed as its code
 * says. A message that we did not know was sent frees the rows behind it. A status about none of ours is looked at once more.
 */
export async function recordDelivery(status: StatusUpdate, deps: WorkerDeps): Promise<void> {
  const merged = await deps.mergeStatus(status);
  if (merged.type === 'unknown') {
    if (status.isSecondLook) return deps.log.debug('a status about none of our messages');
    return deps.enqueue('record-delivery', { ...status, isSecondLook: true }, { delayMs: secondLookMs });
  }
  if (merged.type === 'known') return;
  if (merged.type === 'failed') return followFailure(merged, status, deps);
  await learnNames(merged, deps);
  if (merged.hasUnsent) await deps.enqueue('deliver-messages', { conversationId: merged.conversationId });
}

/** It did not arrive. */
async function followFailure(
  { contactId, conversationId, messageId, wasTemplate, ...failed }: MergedAs<'failed'>,
  status: StatusUpdate,
  deps: WorkerDeps,
): Promise<void> {
  const newNames = await listNewNames(deps.database, contactId, toIdentities(status.recipient));
  await learnNames({ contactId, newNames }, deps);
  const code = status.errors[0]?.code;
  const kind = classifyWhatsAppCode(code);
  const about = { ...failed, contactId, conversationId, id: messageId, isTemplate: wasTemplate };
  await followRefusal({ kind, code }, about, deps);
  if (await hasUnsent(deps.database, conversationId)) await deps.enqueue('deliver-messages', { conversationId });
  // The queue rests, as after an answer that says so; when this job comes again its status is known.
  if (kind === 'number_rate') throw new WhatsAppError(kind, code === undefined ? {} : { code });
}

/** Statuses carry the number and the user id side by side. */
async function learnNames(
  { contactId, newNames }: Pick<MergedAs<'merged'>, 'contactId' | 'newNames'>,
  deps: WorkerDeps,
): Promise<void> {
  if (newNames.length === 0) return;
  await deps.inTransaction(async (stores) => {
    const { isMergePending } = await stores.contacts.learn(contactId, newNames);
    if (isMergePending) stores.nudge({ type: 'merge_contacts' });
  });
}
