import { z } from 'zod';
import type { GraphSend } from './simulator-graph.ts';

/** A guest's phone: a number, a business-scoped user id, or both; the name is the WhatsApp profile's. */
export type SimulatedGuest = { phone?: string; bsuid?: string; name?: string };

/** What a guest does with the phone. `raw` is any message object; id, sender and time are filled in where missing. */
export type GuestContent =
  | { text: string; replyTo?: string }
  /** A button or list row of a message of ours, by its id; `on` names the message, else the latest that shows it. */
  | { tap: string; on?: string }
  | {
      media: {
        id: string;
        type: 'audio' | 'image' | 'video' | 'document' | 'sticker';
        voice?: boolean;
        caption?: string;
      };
    }
  | { location: { latitude: number; longitude: number; name?: string; address?: string } }
  | { reaction: { messageId: string; emoji?: string } }
  | { raw: Record<string, unknown> };

/** A status of a message of ours, as the guest's phone reports it. */
export type SimulatedStatus = 'sent' | 'delivered' | 'read' | 'failed';

/** One bubble of a chat. `message` is Meta's object: the guest's in a webhook, ours in a send. */
export type ChatEntry = {
  id: string;
  /** ISO. */
  at: string;
  direction: 'in' | 'out' | 'echo';
  text: string;
  message: unknown;
  /** Ours: how far it came. Theirs: `read` when we marked it. */
  statuses: SimulatedStatus[];
  opaqueId?: string;
};

/** One guest's chat, oldest entry first. */
export type Chat = {
  key: string;
  guest: SimulatedGuest;
  entries: ChatEntry[];
  /** ISO; we show "writing…" until then. */
  typingUntil?: string;
};

/** A message that our app sent: the same send twice is two of these. */
export type SentMessage = {
  id: string;
  at: string;
  to?: string;
  recipient?: string;
  opaqueId?: string;
  text: string;
  choices: { id: string; title: string }[];
  message: GraphSend;
};

/** A file on Meta's side. */
export type SimulatedMedia = { id: string; mimeType: string; base64: string; sha256: string };

const pendingWebhook = z.object({
  id: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  attempts: z.number(),
});

const stateShape = z.object({
  counter: z.number(),
  chats: z.array(z.custom<Chat>((chat) => typeof chat === 'object' && chat !== null && 'entries' in chat)),
  sent: z.array(z.custom<SentMessage>((sent) => typeof sent === 'object' && sent !== null)),
  media: z.array(z.custom<SimulatedMedia>((media) => typeof media === 'object' && media !== null)),
  pending: z.array(pendingWebhook),
});

/** All that the simulator remembers; the form of its state file. */
export type WhatsAppState = z.output<typeof stateShape>;

/** The state of a file, or a fresh one when it is none of ours. */
export function toWhatsAppState(raw: unknown): WhatsAppState {
  const parsed = stateShape.safeParse(raw);
  return parsed.success ? parsed.data : { counter: 0, chats: [], sent: [], media: [], pending: [] };
}

/** The chat of a guest by any of the identities; made when there is none, identities and name added when new. */
export function chatOf(state: WhatsAppState, guest: SimulatedGuest): Chat {
  const isSame = (chat: Chat): boolean =>
    (guest.phone !== undefined && chat.guest.phone === guest.phone) ||
    (guest.bsuid !== undefined && chat.guest.bsuid === guest.bsuid);
  const known = state.chats.find(isSame);
  if (known !== undefined) {
    known.guest = { ...known.guest, ...guest };
    return known;
  }
  const key = guest.phone ?? guest.bsuid;
  if (key === undefined || key === '') throw new Error('a guest needs a phone or a BSUID');
  const chat: Chat = { key, guest: { ...guest }, entries: [] };
  state.chats.push(chat);
  return chat;
}
