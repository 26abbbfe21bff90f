import type { OutboundMessage } from '../conversations/conversation.ts';
import type { NoticeContext } from '../conversations/notices.ts';
import { languageOfTemplate, templateFor, toTemplateText } from '../conversations/templates.ts';
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
  const templateText = inTemplateLanguage(purpose, context, stores, write);
  await stores.outbox.add({
    conversationId: addressee.conversationId,
    payload: write(context),
    purpose,
    reservationId: reservation.id,
    ...(templateText === undefined ? {} : { templateText }),
  });
}

/** A template is approved in one language: its variable words must not be in the guest's other one. */
function inTemplateLanguage(
  purpose: string,
  context: NoticeContext,
  { settings }: Stores,
  write: (context: NoticeContext) => OutboundMessage,
): string | undefined {
  const name = templateFor(purpose);
  const approved = name && settings.templates?.[name];
  const language = approved && languageOfTemplate(approved);
  if (language === undefined || language === context.language) return undefined;
  return toTemplateText(write({ ...context, language }));
}
