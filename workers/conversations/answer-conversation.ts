import { listWithMore, lookForMore } from '#shared/db/stores/conversation-store.ts';
import { findStaleUnits, nudgeFeedsOf } from '#shared/domain/calendars/import-before-sale.ts';
import { importIfStale } from '#shared/domain/calendars/import-feed.ts';
import { answerAct } from '#shared/domain/conversations/answer-act.ts';
import { parseChoice } from '#shared/domain/conversations/choice-ids.ts';
import { decideReply, toUnderstandOptions } from '#shared/domain/conversations/decide-reply.ts';
import { apologyForFailure } from '#shared/domain/conversations/notices.ts';
import { handOverHours } from '#shared/domain/conversations/person.ts';
import type { ActOutcome, Act, Booking, GuestMessage, Look } from '#shared/domain/conversations/conversation.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { applyCredit, closeOffer, findCredit } from '#shared/domain/payments/offers.ts';
import type { AccommodationId } from '#shared/domain/lodging/accommodation.ts';
import type { LockedConversation, Stores, WaitingMessage } from '#shared/domain/ports.ts';
import { cancelReservation } from '#shared/domain/reservations/cancel.ts';
import { holdStay, type CourtesyLock } from '#shared/domain/reservations/hold-stay.ts';
import { sideBySide } from '#shared/side-by-side.ts';
import type { WorkerDeps } from '../deps.ts';
import { refineMessages, understandWith, type ModelAnswers } from './refine-messages.ts';
import { explainRefusal, isOrder, obeyOwner, upToOrder } from './obey-owner.ts';

/** Messages drained in one transaction; more than a person sends while we think. */
const batchSize = 20;
/** A message that fails this often gets one apology and leaves the drain. */
const mostAttempts = 5;

/**
 * Answers everything that waits in a conversation, a transaction per batch, in WhatsApp's order. Somebody else holds the
 * conversation? Leave: the holder looks again after its commit. A failing batch is counted on its rows and taken apart, one
 * message at a time; what fails alone waits for its next attempt, and the error goes up when the others are answered.
 */
export async function answerConversation(conversationId: string, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  let failure: unknown;
  let waitMs: number | null = null;
  const run: Run = { answers: new Map(), imported: new Set() };
  for (;;) {
    signal.throwIfAborted();
    let batch: WaitingMessage[] = [];
    try {
      await refineMessages((stores) => peekAt(conversationId, stores), run.answers, deps, signal);
      const next = await deps.inTransaction(async (stores): Promise<Next> => {
        const [{ conversation, waiting }, house] = await sideBySide([
          takeUp(conversationId, stores),
          readHouse(stores),
        ]);
        if (!conversation) return 'leave';
        batch = waiting;
        if (batch.some((message) => message.attempts > 0)) batch = batch.slice(0, 1);
        batch = upToOrder(batch);
        if (batch.length === 0) return 'look_again';
        if (isOrder(batch[0]!)) {
          await obeyOwner(conversation, batch[0]!, stores, deps);
          return 'look_again';
        }
        return answerBatch(conversation, batch, house, stores, deps, run);
      });
      if (next === 'leave' || next === 'alone') break;
      if (next === 'look_again') {
        batch = []; // done: what fails from here on is no failure of theirs
        const more = await lookForMore(deps.database, conversationId);
        waitMs = more.noteWaitMs;
        if (!more.isAnswerable) break;
      } else await importFirst(next.importFirst, deps, run, signal);
    } catch (error) {
      if (batch.length === 0) throw error;
      if (isOrder(batch[0]!) && (await explainRefusal(conversationId, batch[0]!, error, deps))) continue;
      await countFailure(conversationId, batch, deps);
      failure = error;
    }
  }
  // Somebody spoke, then wrote: when the note takes too long, what was written is answered without it.
  if (waitMs !== null) await deps.enqueue('sweep-unanswered-messages', { conversationId }, { delayMs: waitMs + 50 });
  if (failure !== undefined) throw failure;
}

/**
 * Several conversations in one transaction, side by side on its connection: those where all that waits only wants words. For each,
 * in order, whether nothing is left to do there; what is more than words, or failed before, is answered alone.
 */
export async function answerInWords(conversationIds: readonly string[], deps: WorkerDeps): Promise<boolean[]> {
  const ids = [...new Set(conversationIds)];
  const run: Run = { answers: new Map(), imported: new Set(), isInWords: true };
  const answered = await deps.inTransaction(async (stores) => {
    const house = await readHouse(stores);
    const nexts = await sideBySide(
      ids.map(async (id): Promise<Next> => {
        const { conversation, waiting } = await takeUp(id, stores);
        if (!conversation) return 'leave';
        if (waiting.length === 0) return 'look_again';
        if (waiting.some((message) => message.attempts > 0 || isOrder(message))) return 'alone';
        return answerBatch(conversation, waiting, house, stores, deps, run);
      }),
    );
    return new Map(ids.map((id, index) => [id, nexts[index]!]));
  });
  const again = ids.filter((id) => answered.get(id) === 'look_again');
  const more = new Set(await listWithMore(deps.database, again));
  const isDone = (id: string): boolean => answered.get(id) === 'leave' || (again.includes(id) && !more.has(id));
  return conversationIds.map(isDone);
}

/** Asked in one go, answered in this order: what waits is read once the conversation is ours. */
async function takeUp(conversationId: string, { conversations }: Stores) {
  const [conversation, waiting] = await sideBySide([
    conversations.lock(conversationId),
    conversations.listUnanswered(conversationId, batchSize),
  ]);
  return { conversation, waiting };
}

type House = Pick<Look, 'lodging' | 'accommodations'>;

async function readHouse({ lodging }: Stores): Promise<House> {
  const [accommodations, about] = await sideBySide([lodging.listAccommodations(), lodging.getLodging()]);
  return { accommodations, lodging: about };
}

type Run = {
  answers: ModelAnswers;
  /** Units whose feeds were fetched for this run, with or without success: a guest waits for that once. */
  readonly imported: Set<AccommodationId>;
  /** Others are answered in the same transaction: nothing may be done that waits or can be refused. */
  readonly isInWords?: boolean;
};
/**
 * `importFirst`: nothing was done, because what waits may confirm units whose feeds are stale. `alone`: nothing was done, because it
 * wants more than words.
 */
type Next = 'leave' | 'look_again' | 'alone' | { importFirst: readonly AccommodationId[] };

/** Hears what the platforms sold, ≤ 3 s, with no transaction open. */
async function importFirst(
  units: readonly AccommodationId[],
  { inTransaction, calendars }: WorkerDeps,
  { imported }: Run,
  signal: AbortSignal,
): Promise<void> {
  for (const unit of units) imported.add(unit);
  await Promise.all(units.map((unit) => importIfStale(unit, { inTransaction, calendars }, signal)));
}

/** What waits, read as a guest's messages; nothing when nobody will answer it here. */
async function peekAt(conversationId: string, stores: Stores) {
  const conversation = await stores.conversations.peek(conversationId);
  if (!conversation || (conversation.pausedUntil && conversation.pausedUntil > stores.now)) return undefined;
  const waiting = await stores.conversations.listUnanswered(conversationId, batchSize);
  return {
    contactId: conversation.contactId,
    state: conversation.state,
    language: conversation.language,
    messages: waiting.map((message) => toGuestMessage(message, conversation, stores)),
  };
}

async function answerBatch(
  conversation: LockedConversation,
  batch: readonly WaitingMessage[],
  { lodging, accommodations }: House,
  stores: Stores,
  { courtesy }: WorkerDeps,
  { answers, imported, isInWords = false }: Run,
): Promise<Next> {
  if (conversation.pausedUntil && conversation.pausedUntil > stores.now) {
    await stores.conversations.markMessages(
      batch.map((message) => message.id),
      'left_to_person',
    );
    return 'look_again';
  }
  const messages = batch.map((message) => toGuestMessage(message, conversation, stores, answers));
  const stale = await findStaleUnits(conversation.state, messages, { accommodations }, stores);
  const toImport = stale.filter((unit) => !imported.has(unit));
  if (toImport.length > 0) return { importFirst: toImport };
  const look = createLook(conversation, stores, lodging, accommodations);
  const decision = await decideReply(conversation.state, conversation.language, messages, look);
  if (decision.act && isInWords) return 'alone';
  const covered = batch.slice(0, Math.max(1, decision.covered));
  const outcome = decision.act ? await perform(decision.act, conversation, stores, courtesy, look) : null;
  const final = outcome ? await answerAct(decision, outcome, look) : decision;

  const last = covered.at(-1)!;
  const isHeld = outcome?.type === 'held' || outcome?.type === 'held_with_credit';
  const shown = final.state.summary;
  if (shown && shown.shownAt !== conversation.state.summary?.shownAt) await nudgeFeedsOf(shown.accommodationId, stores);
  const lastAnsweredAt = new Date(Math.max(last.sentAt.getTime(), conversation.lastAnsweredAt?.getTime() ?? 0));
  await sideBySide([
    ...final.replies.map((payload) =>
      stores.outbox.add({
        conversationId: conversation.id,
        payload,
        purpose: 'reply',
        answersMessageId: last.id,
        ...(isHeld ? { reservationId: outcome.reservation.id } : {}),
      }),
    ),
    stores.conversations.markMessages(
      covered.map((message) => message.id),
      'answered',
    ),
    stores.conversations.save(conversation.id, {
      state: final.state,
      language: final.language,
      lastAnsweredAt,
      ...(outcome?.type === 'handed_over'
        ? { pausedUntil: new Date(stores.now.getTime() + handOverHours * 3_600_000) }
        : {}),
    }),
  ]);
  return 'look_again';
}

function toGuestMessage(
  message: WaitingMessage,
  conversation: LockedConversation,
  stores: Stores,
  answers?: ModelAnswers,
): GuestMessage {
  const { state, language, lastAnsweredAt } = conversation;
  const choiceId = ownChoiceOf(message);
  return {
    id: message.id,
    type: message.type,
    text: message.text,
    choiceId,
    isVoice: message.type === 'audio',
    isLate: message.isOvertaken || (lastAnsweredAt !== null && message.sentAt < lastAnsweredAt),
    voiceProblem: message.mediaProblem,
    understanding: understandWith(
      choiceId === null ? (message.text ?? '') : '',
      toUnderstandOptions(state, language, stores.today),
      answers?.get(message.id),
    ),
  };
}

/** The id of a tapped button of ours; a button of somebody else's template says what its words say. */
function ownChoiceOf({ payload }: WaitingMessage): string | null {
  const id = payload.choice?.id ?? '';
  return parseChoice(id) === null ? null : id;
}

function createLook(
  conversation: LockedConversation,
  stores: Stores,
  lodging: Look['lodging'],
  accommodations: Look['accommodations'],
): Look {
  return {
    now: stores.now,
    today: stores.today,
    hourNow: stores.hourNow,
    lodging,
    holdMinutes: stores.settings.holdMinutes,
    accommodations,
    async freeAccommodationIds(stay) {
      const taken = await stores.occupancies.listTaken(stay);
      return new Set(accommodations.filter((unit) => !taken.has(unit.id)).map((unit) => unit.id));
    },
    async bookings() {
      const reservations = await stores.reservations.listLiveOf(conversation.contactId, stores.today);
      const bookings: Booking[] = [];
      for (const reservation of reservations) {
        const link = await stores.payments.findLinkOf(reservation.id);
        bookings.push({
          reservation,
          accommodation: await stores.lodging.getAccommodation(reservation.accommodationId),
          paymentUrl: link?.state === 'open' ? link.url : null,
        });
      }
      return bookings;
    },
    async credit() {
      const found = await findCredit(conversation.contactId, stores);
      if (!found) return null;
      const { offer, creditCents, currency } = found;
      return { offerId: offer.id, cents: creditCents, currency, expiresAt: offer.expiresAt };
    },
  };
}

/** Does what the decision asks for; a refusal by a rule of the business is an outcome, not a failure. */
async function perform(
  act: Act,
  conversation: LockedConversation,
  stores: Stores,
  courtesy: CourtesyLock,
  look: Look,
): Promise<ActOutcome> {
  try {
    switch (act.type) {
      case 'hold': {
        const accommodation = look.accommodations.find((unit) => unit.id === act.accommodationId);
        if (!accommodation) throw new DomainError('accommodation_not_found');
        const outcome = await holdStay(
          {
            accommodation,
            contactId: conversation.contactId,
            channel: 'whatsapp',
            actor: 'guest',
            ...act.stay,
            adults: act.party.adults,
            children: act.party.children,
          },
          stores,
          courtesy,
        );
        const applied = outcome.type === 'held' ? await applyCredit(outcome.reservation, stores) : undefined;
        return applied ? { type: 'held_with_credit', ...applied } : outcome;
      }
      case 'give_back': {
        const offer = await stores.offers.find(act.offerId);
        if (offer?.contactId !== conversation.contactId) return { type: 'giving_back', cents: 0, currency: '' };
        const closed = await closeOffer(offer.id, { actor: 'guest', as: 'declined' }, stores);
        return { type: 'giving_back', cents: closed?.refundedCents ?? 0, currency: closed?.currency ?? '' };
      }
      case 'cancel': {
        const own = await stores.reservations.find(act.reservationId);
        if (own?.contactId !== conversation.contactId) throw new DomainError('reservation_not_found');
        const { reservation, keepsDeposit } = await cancelReservation(act.reservationId, stores, { actor: 'guest' });
        return { type: 'cancelled', reservation, keepsDeposit };
      }
      case 'hand_over':
        await stores.outbox.addOwnerNotice({
          type: 'guest_wants_person',
          conversationId: conversation.id,
          data: { reason: act.reason },
        });
        return { type: 'handed_over' };
    }
  } catch (error) {
    // Thrown before anything was written by the act (rules are checked first), so the transaction goes on.
    if (error instanceof DomainError && error.code !== 'nights_busy')
      return { type: 'refused', code: error.code, data: error.data };
    throw error;
  }
}

/** After a rollback: one more failed attempt on the rows; a message at its limit gets one apology and leaves the drain. */
async function countFailure(conversationId: string, batch: readonly WaitingMessage[], deps: WorkerDeps): Promise<void> {
  const lost = batch.length === 1 && batch[0]!.attempts + 1 >= mostAttempts ? batch[0]! : null;
  await deps.inTransaction(async (stores) => {
    if (!lost) {
      const seconds = batch.length > 1 ? 0 : Math.min(60, 2 ** batch[0]!.attempts);
      await stores.conversations.postpone(
        batch.map((message) => message.id),
        seconds,
      );
      return;
    }
    const conversation = await stores.conversations.lock(conversationId);
    if (!conversation) return;
    await stores.conversations.markMessages([lost.id], 'failed');
    await stores.outbox.add({
      conversationId,
      payload: apologyForFailure(conversation.language),
      purpose: 'apology',
      answersMessageId: lost.id,
    });
    await stores.outbox.addOwnerNotice({
      type: 'message_not_understood',
      conversationId,
      data: { messageId: lost.id },
    });
  });
}
