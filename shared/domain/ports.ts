import type { InboundMessage, OutboundMessage } from './conversations/message.ts';
import type { Identity } from './contacts.ts';
import type { ConversationState, Language } from './conversations/conversation.ts';
import type { Accommodation, AccommodationId, Lodging } from './lodging/accommodation.ts';
import type { Allocations, Payment, PaymentLink, PaymentLinkId, ProviderPayment } from './payments/payment.ts';
import type { Actor, ContactId, Reservation, ReservationId } from './reservations/reservation.ts';
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
  isProduction: boolean;
};

/** What somebody should look at once the transaction is committed. Losing one costs time, never truth: the sweeps come by. */
export type Nudge =
  | { type: 'deliver'; conversationId: ConversationId }
  | { type: 'answer'; conversationId: ConversationId }
  | { type: 'make_link'; paymentLinkId: PaymentLinkId }
  | { type: 'close_link'; paymentLinkId: PaymentLinkId }
  | { type: 'expire_hold'; reservationId: ReservationId; at: Date }
  | { type: 'nights_taken'; reservationId: ReservationId; accommodationId: AccommodationId; stay: Stay; until: Date | null }
  | { type: 'nights_freed'; reservationId: ReservationId; accommodationId: AccommodationId; stay: Stay };

export type LodgingStore = {
  /** Throws when the lodging was never set up. */
  getLodging(): Promise<Lodging>;
  /** Active units with their prices, in the owner's order. */
  listAccommodations(): Promise<Accommodation[]>;
  /** Throws `accommodation_not_found`. */
  getAccommodation(id: AccommodationId): Promise<Accommodation>;
};

export type ReservationStore = {
  find(id: ReservationId): Promise<Reservation | undefined>;
  findByCode(code: string): Promise<Reservation | undefined>;
  /** Locks the row; the unit's lock is taken before. */
  lock(id: ReservationId): Promise<Reservation | undefined>;
  /** Inserts the reservation and its occupancy in a savepoint; false when the referee says the nights are taken. */
  insertHeld(reservation: Reservation): Promise<boolean>;
  /** Takes the nights again for a reservation that has none (rescue); false when they are taken. */
  takeNights(reservation: Reservation): Promise<boolean>;
  /** Writes the changed fields and `updated_at`. */
  update(id: ReservationId, change: Partial<Reservation> & { expiredAt?: Date; cancelledBy?: string; completedAt?: Date }): Promise<void>;
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
};

export type LockedConversation = {
  id: ConversationId;
  contactId: ContactId;
  state: ConversationState;
  language: Language;
  pausedUntil: Date | null;
  lastAnsweredAt: Date | null;
};

export type ConversationStore = {
  /**
   * Inserts contact, conversation and message (unique on the provider's id); a redelivery finds the row as it is.
   * Undefined when the sender shows no identity.
   */
  record(message: InboundMessage, identities: readonly Identity[]): Promise<{ conversationId: ConversationId; messageId: string; state: string } | undefined>;
  /** FOR NO KEY UPDATE SKIP LOCKED; undefined when somebody else has it. */
  lock(id: ConversationId): Promise<LockedConversation | undefined>;
  save(id: ConversationId, change: { state?: ConversationState; language?: Language; pausedUntil?: Date | null; lastAnsweredAt?: Date }): Promise<void>;
  /** Unanswered and due, by WhatsApp's time then arrival. */
  listUnanswered(id: ConversationId, limit: number): Promise<WaitingMessage[]>;
  markMessages(ids: readonly string[], state: 'answered' | 'failed' | 'left_to_person' | 'ignored'): Promise<void>;
  /** Counts a failed attempt on each and puts the next one off. */
  postpone(ids: readonly string[], seconds: number): Promise<void>;
  /** Conversations with a message due and unanswered for more than that many seconds. */
  listWaiting(overdueSeconds: number, limit: number): Promise<ConversationId[]>;
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
  }): Promise<void>;
  addOwnerNotice(notice: {
    type: string;
    reservationId?: ReservationId | null;
    paymentId?: string | null;
    conversationId?: ConversationId | null;
    data?: Record<string, unknown>;
  }): Promise<void>;
};

export type PaymentStore = {
  addLink(link: { reservationId: ReservationId; amountCents: number; currency: string; expiresAt: Date }): Promise<PaymentLinkId>;
  findLink(id: PaymentLinkId): Promise<PaymentLink | undefined>;
  lockLink(id: PaymentLinkId): Promise<PaymentLink | undefined>;
  /** The reservation's newest link. */
  findLinkOf(reservationId: ReservationId): Promise<PaymentLink | undefined>;
  updateLink(id: PaymentLinkId, change: Partial<PaymentLink> & { nextAttemptAt?: Date; madeAt?: Date; closedAt?: Date }): Promise<void>;
  /** Wanted or closing and due for more than that many seconds. */
  listWaitingLinks(overdueSeconds: number, limit: number): Promise<{ id: PaymentLinkId; state: 'wanted' | 'closing' }[]>;
  /** Held reservations with an open link, least recently asked about first. */
  listHoldsToAskAbout(limit: number): Promise<ReservationId[]>;
  /** Inserts the payment if it is new, then locks it. */
  lockPayment(payment: ProviderPayment, reservationId: ReservationId | null): Promise<{ payment: Payment; isNew: boolean }>;
  updatePayment(id: string, change: Partial<Payment> & { statusDetail?: string | null; receivedAt?: Date | null }): Promise<void>;
  /** Approved payments of a reservation in that currency and what each is allocated to. */
  listOf(reservationId: ReservationId): Promise<{ payment: Payment; allocations: Allocations }[]>;
  allocationsOf(paymentId: string): Promise<Allocations>;
  /** Adds rows so that the sums per purpose become these; nothing is deleted. */
  allocate(paymentId: string, target: Allocations, reason: string): Promise<void>;
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
  outbox: OutboxStore;
  payments: PaymentStore;
  /** Remembers a nudge for after the commit. */
  nudge(nudge: Nudge): void;
};

/** Runs work in one transaction (again from the start, at most 3 times, after a deadlock) and nudges after its commit. */
export type InTransaction = <T>(work: (stores: Stores) => Promise<T>) => Promise<T>;
