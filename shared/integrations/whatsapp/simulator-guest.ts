import { choicesOf } from './simulator-graph.ts';
import type { Chat, GuestContent, SentMessage, SimulatedGuest, SimulatedStatus } from './simulator-state.ts';

type Json = Record<string, unknown>;

/** One webhook body around a change's value. */
export function toWebhook(
  about: { phoneNumberId: string; displayPhone: string; field?: string },
  value: Json,
  guest?: SimulatedGuest,
): Json {
  const contact = guest && {
    profile: { name: guest.name ?? 'Guest' },
    ...(guest.phone === undefined ? {} : { wa_id: guest.phone }),
    ...(guest.bsuid === undefined ? {} : { user_id: guest.bsuid }),
  };
  return {
    object: 'whatsapp_business_account',
    entry: [
      {
        id: 'WABA-SIM',
        changes: [
          {
            field: about.field ?? 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: about.displayPhone, phone_number_id: about.phoneNumberId },
              ...(contact === undefined ? {} : { contacts: [contact] }),
              ...value,
            },
          },
        ],
      },
    ],
  };
}

/** Whole seconds, as WhatsApp writes them. */
export function toTimestamp(at: Date): string {
  return String(Math.floor(at.getTime() / 1000));
}

/** What a tap sends, found among the messages that our app sent to this guest; throws when none shows that choice. */
function toTap(tap: { tap: string; on?: string }, sent: readonly SentMessage[]): { message: Json; text: string } {
  const shown = sent
    .filter((each) => tap.on === undefined || each.id === tap.on)
    .toReversed()
    .flatMap((each) => choicesOf(each.message).map((choice) => ({ ...choice, messageId: each.id })))
    .find((choice) => choice.id === tap.tap);
  if (shown === undefined) throw new Error('the guest was shown no such choice');
  const { id, title, via, messageId } = shown;
  const context = { context: { from: 'business', id: messageId } };
  const message: Json =
    via === 'button'
      ? { ...context, type: 'button', button: { payload: id, text: title } }
      : { ...context, type: 'interactive', interactive: { type: via, [via]: { id, title } } };
  return { message, text: title };
}

/** Meta's message object (without id, sender and time) for what a guest does, and the words of its bubble. */
export function toMessage(content: GuestContent, sent: readonly SentMessage[]): { message: Json; text: string } {
  if ('text' in content) {
    const context = content.replyTo === undefined ? {} : { context: { from: 'business', id: content.replyTo } };
    return { message: { ...context, type: 'text', text: { body: content.text } }, text: content.text };
  }
  if ('tap' in content) return toTap(content, sent);
  if ('media' in content) {
    const { type, id, voice, caption } = content.media;
    const mimeType =
      type === 'audio' ? 'audio/ogg; codecs=opus' : type === 'image' ? 'image/jpeg' : 'application/octet-stream';
    const media = {
      id,
      mime_type: mimeType,
      ...(type === 'audio' ? { voice: voice ?? true } : {}),
      ...(caption === undefined ? {} : { caption }),
    };
    return { message: { type, [type]: media }, text: caption ?? `[${type}]` };
  }
  if ('location' in content) return { message: { type: 'location', location: content.location }, text: '[location]' };
  if ('reaction' in content) {
    const { messageId, emoji = '' } = content.reaction;
    return { message: { type: 'reaction', reaction: { message_id: messageId, emoji } }, text: emoji };
  }
  return { message: content.raw, text: '[raw]' };
}

/** A status object for a message of ours; `code` gives a failed one its reason. */
export function toStatus(sent: SentMessage, status: SimulatedStatus, chat: Chat, at: Date, code?: number): Json {
  const category = sent.message.type === 'template' ? 'utility' : 'service';
  return {
    id: sent.id,
    status,
    timestamp: toTimestamp(at),
    ...(chat.guest.phone === undefined ? {} : { recipient_id: chat.guest.phone }),
    ...(chat.guest.bsuid === undefined ? {} : { recipient_user_id: chat.guest.bsuid }),
    ...(sent.opaqueId === undefined ? {} : { biz_opaque_callback_data: sent.opaqueId }),
    ...(status === 'failed'
      ? { errors: [{ code: code ?? 131000, title: 'simulated', error_data: { details: 'simulated' } }] }
      : { pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category } }),
  };
}
