import type { InboundMessage, OutboundMessage } from './conversations/message.ts';
import type { Templates } from './conversations/templates.ts';
import type { Identity } from './contacts.ts';
import type { ConversationState, Language } from './conversations/conversation.ts';
import type { ModelCallStore } from './conversations/model-answer.ts';
import type { VoiceNoteStore } from './conversations/voice-note.ts';
import type { VoiceProblem } from './conversations/voice.ts';
import type { CalendarStore } from './calendars/ports.ts';
import type { Accommodation, AccommodationId, Lodging } from './lodging/accommodation.ts';
import type { AccommodationDraft, ListedAccommodation } from './lodging/edit-accommodation.ts';
import type {
  AllocatedPayment,
  Allocations,
  Offer,
  OfferId,
  Payment,
  PaymentLink,
  PaymentLinkId,
  ProviderPayment,
  Refund,
  RefundReason,
} from './payments/payment.ts';
import type { NoticeStore } from './owner-notices/notice.ts';
import type { ReminderStore } from './reservations/remind-guest.ts';
import type { Actor, ContactId, Reservation, ReservationId } from './reservations/reservation.ts';
import type { Season } from './pricing.ts';
import type { CalendarDate, Stay } from './stay.ts';

export type ConversationId = string;

/** Numbers that the business sets by environment. */
export type Settings = {
  timeZone: string;
  currency: string;
  holdMinutes: number;
  /** Between what the guest is told and the release of the nights. */
  releaseDelayMinutes: number;
  paymentGraceMinutes: number;
  /** How long money that came too late waits for another choice. */
  offerHours: number;
  isProduction: boolean;
  /** What WhatsApp has approved, by our own names; absent: nothing. */
  templates?: Templates;
};

/** What somebody should look at once the transaction is committed. Losing one costs time, never truth: the sweeps come by. */
export type Nudge =
  | { type: 'deliver'; conversationId: ConversationId }
  | { type: 'answer'; conversationId: ConversationId }
  | { type: 'merge_contacts' }
  | { type: 'tell_owner' }
  | { type: 'make_link'; paymentLinkId: PaymentLinkId }
  | { type: 'close_link'; paymentLinkId: PaymentLinkId }
  | { type: 'make_refund'; refundId: string }
  | { type: 'import_feed'; feedId: number }
  | { type: 'expire_hold'; reservationId: ReservationId; at: Date }
  | {
      type: 'nights_taken';
      reservationId: ReservationId;
      accommodationId: AccommodationId;
      stay: Stay;
      until: Date | null;
    }
  | { type: 'nights_freed'; reservationId: ReservationId; accommodationId: AccommodationId; stay: Stay };

/** What an owner writes about the lodging; zone and currency are the environment's. */
export type LodgingDraft = Omit<Lodging, 'timeZone' | 'currency'>;

export type LodgingStore = {
  /** Throws when the lodging was never set up. */
  getLodging(): Promise<Lodging>;
  /** Active units with their prices, in the owner's order. */
  listAccommodations(): Promise<Accommodation[]>;
  /** Throws `accommodation_not_found`. */
  getAccommodation(id: AccommodationId): Promise<Accommodation>;
  /** Every unit, those that are no longer let too, in the owner's order. */
  listEveryAccommodation(): Promise<ListedAccommodation[]>;
  /** Throws `name_taken`. */
  insertAccommodation(unit: AccommodationDraft): Promise<AccommodationId>;
  /** Writes the fields that are there. Throws `accommodation_not_found` and `name_taken`. */
  updateAccommodation(id: AccommodationId, change: Partial<AccommodationDraft>): Promise<void>;
  /** Writes the shared facts of the lodging; makes it when it was never set up. */
  saveLodging(lodging: LodgingDraft): Promise<void>;
  /** These and no others, already checked. */
  replaceSeasons(id: AccommodationId, seasons: readonly Season[]): Promise<void>;
};

export type ReservationStore = {
  find(id: ReservationId): Promise<Reservation | undefined>;
  findByCode(code: string): Promise<Reservation | undefined>;
  /** Locks the row; the unit's lock is taken before. */
  lock(id: ReservationId): Promise<Reservation | undefined>;
  /** Inserts reservation, nights, wanted link and first event; nothing of it, and false, when the referee says the nights are taken. */
  insertHeld(
    reservation: Reservation,
    beginning: { paymentLinkId: PaymentLinkId; actor: Actor; event: Record<string, unknown> },
  ): Promise<boolean>;
  /** Takes the nights again for a reservation that has none (rescue); false when they are taken. */
  takeNights(reservation: Reservation): Promise<boolean>;
  /** Writes the changed fields and `updated_at`. */
  update(
    id: ReservationId,
    change: Partial<Reservation> & { expiredAt?: Date; cancelledBy?: string; completedAt?: Date },
  ): Promise<void>;
  /** Deletes the reservation's occupancy and gives its nights to the blocks that wait under them. */
  freeNights(reservation: Reservation): Promise<void>;
  /** Held ones of a unit whose `release_at` is before that instant, locked. */
  lockOverdueHolds(accommodationId: AccommodationId, before: Date): Promise<Reservation[]>;
  /** Held, past `release_at` by more than the given seconds. */
  listDueHolds(overdueSeconds: number, limit: number): Promise<ReservationId[]>;
  /** Confirmed with a check-out before that day. */
  listStaysToComplete(today: CalendarDate, limit: number): Promise<ReservationId[]>;
  /** This contact's held and confirmed stays that are not over, soonest first. */
  listLiveOf(contactId: ContactId, today: CalendarDate): Promise<Reservation[]>;
  addEvent(id: ReservationId, actor: Actor, type: string, data?: Record<string, unknown>): Promise<void>;
};

export type OccupancyStore = {
  /** `pg_advisory_xact_lock` per unit, ascending; throws `nights_busy` after the lock time-out. */
  lockUnits(ids: readonly AccommodationId[]): Promise<void>;
  /** Units that have a taken night in that stay; holds overdue by more than 60 s do not count. */
  listTaken(stay: Stay): Promise<Set<AccommodationId>>;
  /** When the only thing in the way is a hold past its `hold_expires_at`, the nights are about to be free. */
  isSoonFree(accommodationId: AccommodationId, stay: Stay): Promise<boolean>;
  recordRefusal(accommodationId: AccommodationId, refusedBy: 'courtesy_lock' | 'occupancy'): Promise<void>;
};

/** What the conversation of a contact looks like from outside a reply: read without a lock, never written. */
export type Addressee = { conversationId: ConversationId; language: Language };

export type WaitingMessage = {
  id: string;
  providerMessageId: string;
  type: string;
  text: string | null;
  payload: InboundMessage;
  sentAt: Date;
  receivedAt: Date;
  attempts: number;
  /** A voice note without words: why. */
  mediaProblem: VoiceProblem | null;
  /** Something that the guest wrote after it, in the same second, was answered before it. */
  isOvertaken: boolean;
};

export type LockedConversation = {
  id: ConversationId;
  contactId: ContactId;
  state: ConversationState;
  language: Language;
  pausedUntil: Date | null;
  lastAnsweredAt: Date | null;
};

/** A message as it is in the database. `contactId` is known only of a new one. */
export type RecordedMessage = {
  conversationId: ConversationId;
  messageId: string;
  state: string;
  isNew: boolean;
  contactId: ContactId | null;
  /** Its sender turned out to be two contacts that are one: what hangs on the other is still to be moved. */
  isMergePending: boolean;
};

/** Where a merged contact's things went; its chat, when it had one. */
export type MergedContact = { contactId: ContactId; conversationId: ConversationId | undefined };

export type ContactStore = {
  /**
   * The contact with one of these names, made when there is none; several contacts become one, of which the oldest stays.
   * `at`: when the names were shown (a number that changed hands still names its old owner for what was written before).
   * `isReceived`: by WhatsApp itself, so that its spelling is what we send to from now on. `isHeard`: the person wrote, so that
   * messages arrive there again if they did not.
   */
  ensure(
    identities: readonly Identity[],
    about?: { name?: string | undefined; at?: Date | null; isReceived?: boolean; isHeard?: boolean },
  ): Promise<{ contactId: ContactId; isMergePending: boolean }>;
  /** WhatsApp shows more names of a contact (a status, an answer to a send). */
  learn(contactId: ContactId, identities: readonly Identity[]): Promise<{ isMergePending: boolean }>;
  /** The contact has another number since then: the old ones name nobody any more. */
  changePhone(contactId: ContactId, phone: Identity, at: Date): Promise<void>;
  isNamed(contactId: ContactId, identity: Identity): Promise<boolean>;
  /** Contacts that are another one, and not gone yet. */
  listToMerge(limit: number): Promise<ContactId[]>;
  /** Moves all that hangs on a merged contact, both chats locked; undefined when there is nothing to merge. */
  moveMerged(id: ContactId): Promise<MergedContact | undefined>;
  /** Removes a merged contact; throws when something came to hang on it meanwhile. A transaction of its own. */
  deleteMerged(id: ContactId): Promise<void>;
};

export type ConversationStore = {
  /**
   * Inserts contact, conversation and message (unique on the provider's id); a redelivery finds the row as it is.
   * Undefined when the sender shows no identity. A voice note begins as `untranscribed`.
   */
  record(
    message: InboundMessage,
    identities: readonly Identity[],
    state?: 'unanswered' | 'untranscribed',
  ): Promise<RecordedMessage | undefined>;
  /** As it is now, without a lock: a peek before a transaction, never a ground for writing. */
  peek(id: ConversationId): Promise<LockedConversation | undefined>;
  /** FOR NO KEY UPDATE SKIP LOCKED; undefined when somebody else has it. */
  lock(id: ConversationId): Promise<LockedConversation | undefined>;
  save(
    id: ConversationId,
    change: { state?: ConversationState; language?: Language; pausedUntil?: Date | null; lastAnsweredAt?: Date },
  ): Promise<void>;
  /** Unanswered and due, by WhatsApp's time then arrival. What follows an untranscribed note waits 20 s for it, from its own arrival. */
  listUnanswered(id: ConversationId, limit: number): Promise<WaitingMessage[]>;
  markMessages(ids: readonly string[], state: 'answered' | 'failed' | 'left_to_person' | 'ignored'): Promise<void>;
  /** Counts a failed attempt on each and puts the next one off. */
  postpone(ids: readonly string[], seconds: number): Promise<void>;
  /** Conversations with a message due and unanswered for more than that many seconds. */
  listWaiting(overdueSeconds: number, limit: number): Promise<ConversationId[]>;
  /** As `lock`, but waits for whoever has it; undefined when there is no such conversation. */
  lockPatiently(id: ConversationId): Promise<LockedConversation | undefined>;
  /** The contact with one of these identities, made with a conversation when there is none; a known name is not replaced. */
  ensureContact(identities: readonly Identity[], name?: string): Promise<ContactId>;
  /** A message by the provider's id. */
  findMessage(
    providerMessageId: string,
  ): Promise<{ id: string; conversationId: ConversationId; state: string; text: string | null } | undefined>;
  /** An unanswered message reads otherwise now; its conversation is locked. */
  rewrite(id: string, text: string): Promise<void>;
  /** Where to write to a contact; undefined when the contact has no conversation. */
  findAddressee(contactId: ContactId): Promise<Addressee | undefined>;
};

export type OutboxStore = {
  add(message: {
    conversationId: ConversationId;
    payload: OutboundMessage;
    /** Why it is said, in one or two words; counted and searched by. */
    purpose: string;
    reservationId?: ReservationId;
    answersMessageId?: string;
    /** What its template says instead, when that is in another language than the guest's. */
    templateText?: string;
    /** The notice that it tells the owner of. */
    ownerNoticeId?: string;
  }): Promise<void>;
  addOwnerNotice(notice: {
    type: string;
    reservationId?: ReservationId | null;
    paymentId?: string | null;
    conversationId?: ConversationId | null;
    data?: Record<string, unknown>;
  }): Promise<void>;
  /** Nothing is left to do about it; false when there is no such notice. */
  finishOwnerNotice(id: string): Promise<boolean>;
};

export type PaymentStore = {
  findLink(id: PaymentLinkId): Promise<PaymentLink | undefined>;
  lockLink(id: PaymentLinkId): Promise<PaymentLink | undefined>;
  /** The reservation's newest link. */
  findLinkOf(reservationId: ReservationId): Promise<PaymentLink | undefined>;
  updateLink(
    id: PaymentLinkId,
    change: Partial<PaymentLink> & { nextAttemptAt?: Date; madeAt?: Date; closedAt?: Date },
  ): Promise<void>;
  /** Wanted or closing and due for more than that many seconds. */
  listWaitingLinks(
    overdueSeconds: number,
    limit: number,
  ): Promise<{ id: PaymentLinkId; state: 'wanted' | 'closing' }[]>;
  /** Held reservations whose open link was neither made nor asked about in the last two minutes, the longest ago first. */
  listHoldsToAskAbout(limit: number): Promise<ReservationId[]>;
  /** Notes that the provider was asked about a reservation's links. */
  markAsked(reservationId: ReservationId): Promise<void>;
  /** By the provider's id, without a lock. */
  findPayment(providerPaymentId: string): Promise<Payment | undefined>;
  /** By our id or the provider's, without a lock. */
  findPaymentByAnyId(id: string): Promise<Payment | undefined>;
  /** Inserts the payment if it is new, then locks it. */
  lockPayment(
    payment: ProviderPayment,
    reservationId: ReservationId | null,
  ): Promise<{ payment: Payment; isNew: boolean }>;
  /** Locks a payment by our id; its reservation is locked before. */
  lockPaymentById(id: string): Promise<Payment | undefined>;
  /** Cash or a transfer, once per reference: false when that reference was recorded before. */
  insertReceived(payment: {
    provider: 'cash' | 'transfer';
    reference: string;
    reservationId: ReservationId;
    amountCents: number;
    currency: string;
  }): Promise<{ payment: Payment; isNew: boolean }>;
  updatePayment(
    id: string,
    change: Partial<Payment> & { receivedAt?: Date | null; paymentLinkId?: PaymentLinkId },
  ): Promise<void>;
  /** Payments of a reservation, oldest first, and what each is allocated to. */
  listOf(reservationId: ReservationId): Promise<AllocatedPayment[]>;
  allocationsOf(paymentId: string): Promise<Allocations>;
  /** Adds rows so that the sums per purpose become these; nothing is deleted. */
  allocate(paymentId: string, target: Allocations, reason: string): Promise<void>;
  /** Was the owner told so about this payment, or (without one) is such a case of the reservation still open? */
  hasOwnerNotice(type: string, about: { paymentId?: string; reservationId?: ReservationId }): Promise<boolean>;
};

export type RefundStore = {
  add(refund: {
    paymentId: string;
    reservationId: ReservationId | null;
    cents: number;
    reason: RefundReason;
    requestedBy: Actor;
    state: 'wanted' | 'by_hand';
  }): Promise<string>;
  find(id: string): Promise<Refund | undefined>;
  lock(id: string): Promise<Refund | undefined>;
  update(
    id: string,
    change: Partial<Refund> & { nextAttemptAt?: Date; madeAt?: Date; failure?: string | null },
  ): Promise<void>;
  /** Refunds of a payment, oldest first; the payment is locked. */
  listOf(paymentId: string): Promise<Refund[]>;
  /** Refunds of a reservation, oldest first. */
  listOfReservation(reservationId: ReservationId): Promise<Refund[]>;
  /** Wanted or processing and due for more than that many seconds. */
  listWaiting(overdueSeconds: number, limit: number): Promise<string[]>;
};

export type OfferStore = {
  add(offer: { reservationId: ReservationId; contactId: ContactId; expiresAt: Date }): Promise<OfferId>;
  find(id: OfferId): Promise<Offer | undefined>;
  lock(id: OfferId): Promise<Offer | undefined>;
  update(id: OfferId, change: Partial<Offer> & { closedAt?: Date | null }): Promise<void>;
  /** The newest open offer of a contact, not locked. */
  findOpenOf(contactId: ContactId): Promise<Offer | undefined>;
  /** The newest offer whose money is or was this reservation's. */
  findOfReservation(reservationId: ReservationId): Promise<Offer | undefined>;
  /** The offer that was accepted as this hold. */
  findAcceptedAs(reservationId: ReservationId): Promise<Offer | undefined>;
  /** Open and over. */
  listDue(limit: number): Promise<OfferId[]>;
};

/** A request that may come twice: who asks, under which key, and a digest of what is asked. */
export type IdempotencyStore = {
  /** Inserts the key; what it finds instead is the first request's. `erased`: its answer held a person's data and is gone. */
  claim(request: {
    operator: string;
    key: string;
    fingerprint: string;
  }): Promise<
    | { type: 'new' }
    | { type: 'answered'; status: number; answer: string }
    | { type: 'in_progress' }
    | { type: 'other_request' }
    | { type: 'erased' }
  >;
  /** Keeps the answer; it commits together with what it tells of. */
  finish(answer: { operator: string; key: string; status: number; answer: string }): Promise<void>;
  /** Forgets the key: nothing was done, and the next request asks anew. */
  release(request: { operator: string; key: string }): Promise<void>;
};

/** Everything one transaction can read and write; `now` is the database's clock, read once at its start. */
export type Stores = {
  now: Date;
  today: CalendarDate;
  hourNow: number;
  settings: Settings;
  lodging: LodgingStore;
  reservations: ReservationStore;
  occupancies: OccupancyStore;
  conversations: ConversationStore;
  contacts: ContactStore;
  voiceNotes: VoiceNoteStore;
  outbox: OutboxStore;
  modelCalls: ModelCallStore;
  notices: NoticeStore;
  payments: PaymentStore;
  calendars: CalendarStore;
  refunds: RefundStore;
  offers: OfferStore;
  reminders: ReminderStore;
  idempotency: IdempotencyStore;
  /** From here on this transaction gives a lock up after 200 ms instead of 5 s: others share it. */
  waitBriefly(): Promise<void>;
  /** Remembers a nudge for after the commit. */
  nudge(nudge: Nudge): void;
};

/** An operator at work, by their account: the timeline names them. */
export type ByOperator = { account: string };

/** Runs work in one transaction (again from the start, at most 3 times, after a deadlock) and nudges after its commit. */
export type InTransaction = <T>(work: (stores: Stores) => Promise<T>, by?: ByOperator) => Promise<T>;
