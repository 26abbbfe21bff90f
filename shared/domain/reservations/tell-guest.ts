import type { Language, OutboundMessage } from '../conversations/conversation.ts';
import type { Stores } from '../ports.ts';
import type { Reservation } from './reservation.ts';

/** Puts a message for the reservation's guest in the outbox, in the guest's language; says nothing when there is no chat. */
export async function tellGuest(
  reservation: Pick<Reservation, 'id' | 'contactId'>,
  stores: Stores,
  purpose: string,
  write: (language: Language) => OutboundMessage,
): Promise<void> {
  if (!reservation.contactId) return;
  const addressee = await stores.conversations.findAddressee(reservation.contactId);
  if (!addressee) return;
  await stores.outbox.add({
    conversationId: addressee.conversationId,
    payload: write(addressee.language),
    purpose,
    reservationId: reservation.id,
  });
}
