import { acceptQuarantine } from '../calendars/feeds.ts';
import { resume } from '../conversations/person.ts';
import { DomainError } from '../errors.ts';
import { acceptPayment } from '../payments/accept-payment.ts';
import { giveBack, markGivenByHand } from '../payments/give-back.ts';
import type { Stores } from '../ports.ts';
import { cancelReservation } from '../reservations/cancel.ts';
import type { OwnerNotice } from './notice.ts';

/** One thing the owner can choose; the button's title has at most 20 characters. Throws the refusals of what it does. */
type Decision = { title: string; run(notice: OwnerNotice, stores: Stores): Promise<void> };

/** Nothing but the notice itself is changed. */
const nothing = (): Promise<void> => Promise.resolve();

const parkedMoney: Record<string, Decision> = {
  accept: { title: 'Aceptar el pago', run: (notice, stores) => accept(notice, stores) },
  give_back: { title: 'Devolverlo', run: (notice, stores) => returnMoney(notice, stores) },
};

/**
 * What can be decided, per type of notice: at most two, the first "do it", the second "leave it" (a template has two generic
 * buttons). A new case gets its decisions here; types that are not listed only inform.
 */
const decisions: Readonly<Record<string, Readonly<Record<string, Decision>>>> = {
  payment_parked: parkedMoney,
  deposit_reversed: {
    cancel: {
      title: 'Cancelar estadía',
      run: async ({ reservationId }, stores) => {
        if (!reservationId) throw new DomainError('reservation_not_found');
        await cancelReservation(reservationId, stores, { actor: 'owner', reason: 'deposit_reversed' });
      },
    },
    keep: { title: 'Mantenerla', run: nothing },
  },
  refund_failed: { give_back: { title: 'Reintentar', run: (notice, stores) => returnMoney(notice, stores) } },
  refund_by_hand: {
    given: {
      title: 'Ya lo devolví',
      run: async ({ reservationId }, stores) => {
        if (!reservationId) throw new DomainError('reservation_not_found');
        await markGivenByHand({ reservationId }, stores);
      },
    },
  },
  calendar_quarantine: {
    accept: {
      title: 'Aceptar las bajas',
      run: async ({ data }, stores) => {
        await acceptQuarantine(Number(data['feedId']), stores);
      },
    },
    keep: { title: 'Seguir respetando', run: nothing },
  },
  guest_wants_person: {
    resume: {
      title: 'Que siga el bot',
      run: async ({ conversationId }, stores) => {
        if (!conversationId) throw new DomainError('conversation_not_found');
        await resume(conversationId, stores);
      },
    },
  },
  message_parked: { send_again: { title: 'Enviar de nuevo', run: (notice, stores) => sendAgain(notice, stores) } },
  message_failed: { send_again: { title: 'Enviar de nuevo', run: (notice, stores) => sendAgain(notice, stores) } },
};

async function accept({ paymentId }: OwnerNotice, stores: Stores): Promise<void> {
  if (!paymentId) throw new DomainError('payment_not_found');
  await acceptPayment({ paymentId, actor: 'owner' }, stores);
}

async function returnMoney({ paymentId }: OwnerNotice, stores: Stores): Promise<void> {
  if (!paymentId) throw new DomainError('payment_not_found');
  await giveBack({ paymentId, actor: 'owner' }, stores);
}

async function sendAgain({ data }: OwnerNotice, stores: Stores): Promise<void> {
  const messageId = data['messageId'];
  const conversationId = typeof messageId === 'string' ? await stores.notices.sendAgain(messageId) : undefined;
  if (!conversationId) throw new DomainError('invalid_state', { message: 'not waiting' });
  stores.nudge({ type: 'deliver', conversationId });
}

function decisionsOf(type: string): Readonly<Record<string, Decision>> {
  if (Object.hasOwn(decisions, type)) return decisions[type]!;
  return type.startsWith('payment_parked_') ? parkedMoney : {};
}

/** The buttons of a notice, in their order: what each does, and its title. */
export function listDecisions(type: string): { decision: string; title: string }[] {
  return Object.entries(decisionsOf(type)).map(([decision, { title }]) => ({ decision, title }));
}

export type DecisionOutcome =
  | { type: 'done'; title: string }
  /** Somebody decided before. */
  | { type: 'already_done' }
  | { type: 'refused'; code: string }
  | { type: 'unknown' };

/**
 * Does what the owner tapped, once: the notice is done afterwards, and a second tap (or the other button) hears so. Runs in the
 * caller's transaction, in the lock order of house.md. A refusal by a rule of the business is thrown (DomainError): something may
 * have been written before it, so the caller rolls back, and the notice stays open.
 */
export async function decide(noticeId: string, decision: string, stores: Stores): Promise<DecisionOutcome> {
  const notice = await stores.notices.lock(noticeId);
  if (!notice) return { type: 'unknown' };
  if (notice.state === 'done') return { type: 'already_done' };
  const known = decisionsOf(notice.type);
  const wanted = Object.hasOwn(known, decision) ? known[decision] : undefined;
  if (!wanted) return { type: 'unknown' };
  await wanted.run(notice, stores);
  await stores.notices.markDecided(noticeId, decision);
  return { type: 'done', title: wanted.title };
}
