import { toIdentities } from '#shared/domain/contacts.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { decide, type DecisionOutcome } from '#shared/domain/owner-notices/decisions.ts';
import { wordsOfOutcome } from '#shared/domain/owner-notices/messages.es.ts';
import { isDecisionId, readDecision } from '#shared/domain/owner-notices/sign-decision.ts';
import type { LockedConversation, Stores, WaitingMessage } from '#shared/domain/ports.ts';
import type { WorkerDeps } from '../deps.ts';

type Order = Pick<WaitingMessage, 'id' | 'payload'>;

/** A tap on a button of an owner's message, from whatever phone. */
export function isOrder({ payload }: Order): boolean {
  return isDecisionId(payload.choice?.id ?? '');
}

/** An order is followed alone; what was written before it is answered before. */
export function upToOrder<T extends Order>(batch: readonly T[]): T[] {
  const at = batch.findIndex(isOrder);
  return at < 0 ? [...batch] : batch.slice(0, Math.max(1, at));
}

/**
 * Follows what the owner tapped, in the transaction that marks it answered. It is valid only from OWNER_WHATSAPP and with our
 * signature; from any other phone it is ignored in silence, whoever sent it.
 */
export async function obeyOwner(
  conversation: LockedConversation,
  message: Order,
  stores: Stores,
  { env, log }: WorkerDeps,
): Promise<void> {
  const [owner] = toIdentities({ phone: env.ownerWhatsapp });
  if (!owner || !(await stores.contacts.isNamed(conversation.contactId, owner))) {
    log.warn({ conversationId: conversation.id }, "an owner's button tapped by somebody else");
    await stores.conversations.markMessages([message.id], 'ignored');
    return;
  }
  const decision = readDecision(message.payload.choice?.id ?? '', env.jwtSecret);
  const outcome: DecisionOutcome = decision
    ? await decide(decision.noticeId, decision.decision, stores)
    : { type: 'unknown' };
  await answer(conversation.id, message, outcome, stores);
}

/** A rule of the business said no and the transaction was rolled back: the owner hears why. False for any other error. */
export async function explainRefusal(
  conversationId: string,
  message: Order,
  error: unknown,
  { inTransaction }: WorkerDeps,
): Promise<boolean> {
  if (!(error instanceof DomainError) || error.code === 'nights_busy') return false;
  await inTransaction((stores) => answer(conversationId, message, { type: 'refused', code: error.code }, stores));
  return true;
}

async function answer(conversationId: string, message: Order, outcome: DecisionOutcome, stores: Stores): Promise<void> {
  await stores.outbox.add({
    conversationId,
    payload: { kind: 'text', body: wordsOfOutcome(outcome) },
    purpose: 'reply',
    answersMessageId: message.id,
  });
  await stores.conversations.markMessages([message.id], 'answered');
}
