import type { ConversationId } from '../ports.ts';
import type { ReservationId } from '../reservations/reservation.ts';

/** Something that the owner must hear, or decide. Its words are made when it is told, from its type and data. */
export type OwnerNotice = {
  id: string;
  type: string;
  reservationId: ReservationId | null;
  paymentId: string | null;
  conversationId: ConversationId | null;
  data: Record<string, unknown>;
  /** kept: not told yet; told: in the owner's chat; done: nothing is left to do. */
  state: 'kept' | 'told' | 'done';
};

export type NoticeStore = {
  /** Kept ones, oldest first, locked against another teller. */
  lockUntold(limit: number): Promise<OwnerNotice[]>;
  markTold(ids: readonly string[]): Promise<void>;
  lock(id: string): Promise<OwnerNotice | undefined>;
  /** The owner decided: nothing is left to do. */
  markDecided(id: string, decision: string): Promise<void>;
  /** Was the owner told of something with that in its data? */
  isKnown(type: string, data: Record<string, unknown>): Promise<boolean>;
  /** A message that was parked or failed is to be sent again; false when it is none of those. */
  sendAgain(messageId: string): Promise<ConversationId | undefined>;
};
