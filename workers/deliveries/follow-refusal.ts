import {
  demandTemplate,
  keepMessage,
  markAmbiguous,
  markSendFailed,
  postponeSend,
} from '#shared/db/stores/delivery-store.ts';
import { findRecipient, flagUndeliverable, forgetSibling, trySibling } from '#shared/db/stores/recipient-store.ts';
import { readVendorHealth, recordVendorError, stopVendor } from '#shared/db/stores/vendor-health-store.ts';
import { siblingOf } from '#shared/domain/contacts.ts';
import type { WhatsAppErrorKind } from '#shared/integrations/whatsapp/errors.ts';
import type { WorkerDeps } from '../deps.ts';

/** Why a message was not taken or did not arrive, by an answer of WhatsApp or by a status. */
export type Refusal = {
  kind: WhatsAppErrorKind;
  status?: number | undefined;
  code?: number | undefined;
  retryAfterMs?: number | undefined;
};

export type RefusedMessage = {
  id: string;
  conversationId: string;
  contactId: string;
  attempts: number;
  createdAt: Date;
  isTemplate: boolean;
};

/** Refusals of one message, while others pass, before it is the message itself that is wrong. */
const mostAttempts = 12;
/** Nobody wants to read it after that. */
const mostAgeMs = 24 * 3_600_000;
/** WhatsApp allows one message every 6 s to one person, after a burst. */
const userRateMs = 6_000;

/** The table of providers.md (WhatsApp, 5), for answers and statuses alike; what is to be done is written on the rows. */
export async function followRefusal(refusal: Refusal, message: RefusedMessage, deps: WorkerDeps): Promise<void> {
  const { database } = deps;
  const code = String(refusal.code ?? refusal.status ?? refusal.kind);
  const backoffMs = Math.min(60_000, 500 * 2 ** message.attempts) * (0.75 + Math.random() / 2);
  const askedMs = refusal.retryAfterMs ?? 0;
  switch (refusal.kind) {
    case 'ambiguous':
      await recordVendorError(database, 'whatsapp', code);
      return markAmbiguous(database, message.id);
    case 'number_rate':
      return postponeSend(database, message.id, refusal.retryAfterMs ?? 1_000, code);
    case 'user_rate':
      return postponeSend(database, message.id, Math.max(askedMs, userRateMs, backoffMs), code);
    case 'auth':
    case 'app_limit': {
      const { restMs, isFirst } = await stopVendor(database, 'whatsapp', code, askedMs);
      await postponeSend(database, message.id, restMs, code);
      if (isFirst) await pageOwner(refusal.kind, code, deps);
      return;
    }
    case 'temporary': {
      await recordVendorError(database, 'whatsapp', code);
      if (await isTheMessageItself(message, deps)) return markSendFailed(database, message.id, code);
      return postponeSend(database, message.id, Math.max(askedMs, backoffMs), code);
    }
    case 'outside_window':
      // A template that is refused so would be refused again.
      return message.isTemplate ? keepMessage(database, message.id) : demandTemplate(database, message.id, code);
    case 'undeliverable':
    case 'not_in_test_list':
      return trySiblingOnce(refusal.kind, message, code, deps);
    case 'do_not_retry':
    case 'invalid':
      return markSendFailed(database, message.id, code);
  }
}

/** Others pass and it does not, again and again; or it is too old. While nothing passes nobody's message is to blame. */
async function isTheMessageItself({ attempts, createdAt }: RefusedMessage, deps: WorkerDeps): Promise<boolean> {
  const age = Date.now() - createdAt.getTime();
  if (age > mostAgeMs) return true;
  if (attempts < mostAttempts) return false;
  const { lastSuccessAt } = await readVendorHealth(deps.database, 'whatsapp');
  return lastSuccessAt !== null && lastSuccessAt > createdAt;
}

/** The owner's page, once until it works again. The console and /healthz show it too: no message could. */
async function pageOwner(kind: 'auth' | 'app_limit', code: string, deps: WorkerDeps): Promise<void> {
  deps.log.error({ kind, code }, 'WhatsApp takes no messages: sending rests');
  await deps.inTransaction((stores) =>
    stores.outbox.addOwnerNotice({ type: 'whatsapp_stopped', data: { reason: kind, code } }),
  );
}

/** In Argentina it is usually the 9: the other form of the number, once in a contact's life, remembered when it works. */
async function trySiblingOnce(
  kind: 'undeliverable' | 'not_in_test_list',
  message: RefusedMessage,
  code: string,
  { database }: WorkerDeps,
): Promise<void> {
  const to = await findRecipient(database, message.conversationId);
  const sibling = to?.phone ? siblingOf(to.phone) : null;
  if (to && sibling !== null && !to.isSiblingTried && (await trySibling(database, to.contactId, sibling)))
    return postponeSend(database, message.id, 0, code);
  await forgetSibling(database, message.contactId);
  if (kind === 'undeliverable') await flagUndeliverable(database, message.contactId);
  return markSendFailed(database, message.id, code);
}
