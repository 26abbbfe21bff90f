import type { PendingWebhook } from '#shared/integrations/simulator-kit/webhooks.ts';
import { choicesOf } from '#shared/integrations/whatsapp/simulator-graph.ts';
import type { GraphSend } from '#shared/integrations/whatsapp/simulator-graph.ts';
import type { Chat, ChatEntry } from '#shared/integrations/whatsapp/simulator-state.ts';
import type { SandboxGuest } from './guest-book.ts';

type Choice = { id: string; title: string };

/** How far a message came: `pending` = our app has not taken it yet. */
export type MessageStatus = 'pending' | 'sent' | 'delivered' | 'read' | 'failed';

/** One bubble, as the chat page draws it. */
export type MessageView = {
  id: string;
  /** ISO. */
  at: string;
  from: 'guest' | 'lodging';
  text: string;
  status: MessageStatus;
  header?: string;
  footer?: string;
  /** What a tap answers. */
  quote?: string;
  /** A small remark above the words: a template's name, or that the owner wrote. */
  note?: string;
  /** `src` only when it can be shown without leaving this host. */
  image?: { link: string; src?: string };
  /** A voice note, to be played. */
  audio?: { src: string };
  buttons?: Choice[];
  list?: { button: string; sections: { title?: string; rows: (Choice & { description?: string })[] }[] };
};

/** A guest in the switch between guests. */
export type GuestView = SandboxGuest & { unread: number; last?: { at: string; text: string } };

/** All that the chat page shows for one guest. */
export type ChatView = {
  guest: SandboxGuest;
  messages: MessageView[];
  /** Milliseconds for which "writing…" still shows; 0 = nobody writes. */
  typingMs: number;
  guests: GuestView[];
};

/** The page shows so many at most. */
const shownMessages = 400;

/** The chat of one guest among `chats` as the page draws it. `origin` is where we are reached: images from there are shown. */
export function toChatView(
  guest: SandboxGuest,
  about: {
    guests: readonly SandboxGuest[];
    chats: readonly Chat[];
    pending: readonly PendingWebhook[];
    origin: string;
    now: Date;
  },
): ChatView {
  const chat = about.chats.find((each) => each.key === guest.waId);
  const entries = chat?.entries ?? [];
  const undelivered = about.pending.map((webhook) => webhook.body).join('\n');
  return {
    guest: { waId: guest.waId, name: guest.name },
    messages: entries.slice(-shownMessages).map((entry) => toMessageView(entry, { entries, undelivered, ...about })),
    typingMs: Math.max(0, Date.parse(chat?.typingUntil ?? '') - about.now.getTime() || 0),
    guests: about.guests.map((each) =>
      toGuestView(
        each,
        about.chats.find((one) => one.key === each.waId),
      ),
    ),
  };
}

/** The messages to this guest that the phone has and nobody has looked at. */
export function findUnread(chat: Chat | undefined): ChatEntry[] {
  return (chat?.entries ?? []).filter(
    ({ direction, statuses }) => direction === 'out' && statuses.includes('delivered') && !statuses.includes('read'),
  );
}

function toGuestView(guest: SandboxGuest, chat: Chat | undefined): GuestView {
  const last = chat?.entries.at(-1);
  return {
    waId: guest.waId,
    name: guest.name,
    unread: findUnread(chat).length,
    ...(last === undefined ? {} : { last: { at: last.at, text: last.text } }),
  };
}

function toMessageView(
  entry: ChatEntry,
  about: { entries: readonly ChatEntry[]; undelivered: string; origin: string },
): MessageView {
  const { id, at, text } = entry;
  if (entry.direction === 'in') {
    const quote = quoteOf(entry, about.entries);
    const status = entry.statuses.includes('read') ? 'read' : about.undelivered.includes(id) ? 'pending' : 'delivered';
    const audio = audioOf(entry);
    const words = audio === undefined ? { text } : { text: '', audio };
    return { id, at, from: 'guest', status, ...words, ...(quote === undefined ? {} : { quote }) };
  }
  const status = entry.statuses.includes('failed') ? 'failed' : (entry.statuses.at(-1) ?? 'sent');
  const plain = { id, at, from: 'lodging', text, status } as const;
  if (entry.direction === 'echo') return { ...plain, note: 'Escrito por una persona del alojamiento' };
  // What went out was judged by the simulator when it came in.
  return { ...plain, ...extrasOf(entry.message as GraphSend, about.origin) };
}

/** What our message has beyond its words. */
function extrasOf(message: GraphSend, origin: string): Partial<MessageView> {
  if (message.type === 'image') return { image: toImage(message.image.link, origin) };
  if (message.type === 'template') {
    const buttons = choicesOf(message).map(({ id, title }) => ({ id, title }));
    return { note: `Plantilla «${message.template.name}»`, ...(buttons.length === 0 ? {} : { buttons }) };
  }
  if (message.type !== 'interactive') return {};
  const { interactive } = message;
  const frame = {
    ...(interactive.header === undefined ? {} : { header: interactive.header.text }),
    ...(interactive.footer === undefined ? {} : { footer: interactive.footer.text }),
  };
  if (interactive.type === 'button') return { ...frame, buttons: interactive.action.buttons.map((each) => each.reply) };
  const sections = interactive.action.sections.map(({ title, rows }) => ({
    ...(title === undefined ? {} : { title }),
    rows: rows.map(({ id, title: name, description }) => ({
      id,
      title: name,
      ...(description === undefined ? {} : { description }),
    })),
  }));
  return { ...frame, list: { button: interactive.action.button, sections } };
}

/** By path alone when it is ours, so that localhost and 127.0.0.1 are the same place to the browser. */
function toImage(link: string, origin: string): { link: string; src?: string } {
  const url = new URL(link);
  return url.origin === origin ? { link, src: `${url.pathname}${url.search}` } : { link };
}

function audioOf({ message }: ChatEntry): { src: string } | undefined {
  const { audio } = (message ?? {}) as { audio?: { id?: unknown } };
  return typeof audio?.id === 'string' ? { src: `/sandbox/api/media/${encodeURIComponent(audio.id)}` } : undefined;
}

function quoteOf(entry: ChatEntry, entries: readonly ChatEntry[]): string | undefined {
  const { context } = (entry.message ?? {}) as { context?: { id?: unknown } };
  return entries.find((each) => each.id === context?.id)?.text;
}
