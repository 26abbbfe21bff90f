import type { OutboundMessage } from '../conversations/conversation.ts';
import type { NoticeContext } from '../conversations/notices.ts';
import type { Stores } from '../ports.ts';
import type { Reservation } from './reservation.ts';

/** Puts a message for the reservation's guest in the outbox, in the guest's language; says nothing when there is no chat. */
export async function tellGuest(
  reservation: Reservation,
  stores: Stores,
  purpose: string,
  write: (context: NoticeContext) => OutboundMessage,
): Promise<void> {
  if (!reservation.contactId) return;
  const addressee = await stores.conversations.findAddressee(reservation.contactId);
  if (!addressee) return;
  const context: NoticeContext = {
    language: addressee.language,
    reservation,
    accommodation: await stores.lodging.getAccommodation(reservation.accommodationId),
    lodging: await stores.lodging.getLodging(),
    now: stores.now,
  };
  await stores.outbox.add({
    conversationId: addressee.conversationId,
    payload: write(context),
    purpose,
    reservationId: reservation.id,
  });
}
