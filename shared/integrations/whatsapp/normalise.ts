import { z } from 'zod';
import type {
  InboundContact,
  InboundMessage,
  InboundType,
  ProviderError,
  StatusUpdate,
} from '#shared/domain/conversations/message.ts';
import type { IgnoredReason, WebhookValue } from './payload.ts';

type Context = { value: WebhookValue; phoneNumberId: string; receivedAt: Date };

/** Text that Postgres can hold: no NUL, no half of a surrogate pair. */
function clean(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** A lenient field: a string or number as text, anything else as absent. */
const word = z
  .union([z.string(), z.number()])
  .transform((value) => clean(String(value)))
  .optional()
  .catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const coordinate = z
  .union([z.number(), z.string().trim().min(1).transform(Number).pipe(z.number())])
  .optional()
  .catch(undefined);
const part = <Shape extends z.ZodRawShape>(shape: Shape) => z.looseObject(shape).optional().catch(undefined);

const mediaShape = { id: word, mime_type: word, sha256: word, voice: flag, filename: word, caption: word };
const tapped = part({ id: word, title: word });

const contentShape = z.looseObject({
  type: word,
  text: part({ body: word }),
  button: part({ payload: word, text: word }),
  interactive: part({
    type: word,
    button_reply: tapped,
    list_reply: tapped,
    nfm_reply: part({ name: word, body: word, response_json: word }),
  }),
  audio: part(mediaShape),
  voice: part(mediaShape),
  image: part(mediaShape),
  video: part(mediaShape),
  document: part(mediaShape),
  sticker: part(mediaShape),
  location: part({ latitude: coordinate, longitude: coordinate, name: word, address: word }),
  reaction: part({ message_id: word, emoji: word }),
  order: part({ text: word }),
  revoke: part({ original_message_id: word }),
  edit: part({ original_message_id: word, message: z.unknown() }),
});
type Content = z.output<typeof contentShape>;

const messageShape = contentShape.extend({
  id: word,
  from: word,
  from_user_id: word,
  user_id: word,
  to: word,
  to_user_id: word,
  timestamp: word,
  group_id: word,
  context: part({ id: word, forwarded: flag, frequently_forwarded: flag }),
  referral: part({ source_type: word, source_id: word }),
  system: part({
    type: word,
    body: word,
    wa_id: word,
    new_wa_id: word,
    customer: word,
    user_id: word,
    previous_user_id: word,
  }),
  errors: z.array(z.unknown()).default([]).catch([]),
});
type Message = z.output<typeof messageShape>;

const statusShape = z.looseObject({
  id: word,
  status: word,
  timestamp: word,
  recipient_id: word,
  recipient_user_id: word,
  biz_opaque_callback_data: word,
  errors: z.array(z.unknown()).default([]).catch([]),
  pricing: part({ category: word, billable: flag, pricing_model: word }),
});

const contactShape = z.looseObject({ wa_id: word, user_id: word, profile: part({ name: word }) });
const errorShape = z.looseObject({
  code: z.coerce.number().int(),
  title: word,
  message: word,
  details: word,
  error_data: part({ details: word }),
});

/** The object without its undefined fields: absent stays absent in the queue's JSON and in tests. */
function compact<T extends Record<string, unknown>>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const present: Record<string, unknown> = {};
  for (const key in value) if (value[key] !== undefined) present[key] = value[key];
  return present as never;
}

const dayMs = 24 * 60 * 60 * 1000;

/** ISO time of a Unix timestamp in seconds (milliseconds are understood); missing, absurd or of tomorrow: when it came. */
function toTime(timestamp: string | undefined, receivedAt: Date): string {
  const value = timestamp === undefined || timestamp.trim() === '' ? Number.NaN : Number(timestamp);
  const ms = value > 100_000_000_000 ? value : value * 1000;
  if (!Number.isFinite(ms) || ms <= 0 || ms > receivedAt.getTime() + dayMs) return receivedAt.toISOString();
  return new Date(ms).toISOString();
}

function toErrors(errors: readonly unknown[]): ProviderError[] {
  return errors.flatMap((error) => {
    const parsed = errorShape.safeParse(error);
    if (!parsed.success) return [];
    const { code, title, message, details, error_data: data } = parsed.data;
    return [compact({ code, title: title ?? message, details: data?.details ?? details }) as ProviderError];
  });
}

/** `AR.1349…` and `AR.ENT.1181…`: a business-scoped user id (Meta, "Business-scoped user IDs"), also met in `from`. */
export function isBsuid(id: string): boolean {
  return /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]+$/.test(id);
}

type Identity = { number: string | undefined; userId: string | undefined };

/**
 * The contact entry of a sender: by id, else the only one there is (`wa_id` and `from` need not be equal), unless the batch
 * has messages of several people: then an entry of one must not name another.
 */
function entryOf(identity: Identity, value: WebhookValue): z.output<typeof contactShape> | undefined {
  const entries = value.contacts
    .map((entry) => contactShape.safeParse(entry).data)
    .filter((entry) => entry !== undefined);
  const mine = entries.find(
    (entry) =>
      (identity.number !== undefined && entry.wa_id === identity.number) ||
      (identity.userId !== undefined && entry.user_id === identity.userId),
  );
  return mine ?? (entries.length === 1 && countSenders(value) === 1 ? entries[0] : undefined);
}

function countSenders({ messages, message_echoes: echoes }: WebhookValue): number {
  const senders = [...messages, ...echoes].map((raw) => {
    const { from, from_user_id, user_id, to, to_user_id } = messageShape.safeParse(raw).data ?? {};
    return echoes.includes(raw) ? (to ?? to_user_id) : (from ?? from_user_id ?? user_id);
  });
  return new Set(senders).size;
}

function toContact(identity: Identity, value: WebhookValue): InboundContact {
  const entry = entryOf(identity, value);
  const present = (id: string | undefined): string | undefined => (isUsableId(id) ? id : undefined);
  const from = present(identity.number);
  const waId = present(entry?.wa_id);
  const phone = from !== undefined && !isBsuid(from) ? from : undefined;
  const ownWaId = waId !== undefined && !isBsuid(waId) ? waId : undefined;
  const scoped = [present(identity.userId), present(entry?.user_id), from, waId].filter((id) => id !== undefined);
  // A user id of another form counts only when there is nothing else to know the person by.
  const isKnown = phone !== undefined || ownWaId !== undefined;
  const bsuid = scoped.find(isBsuid) ?? (isKnown ? undefined : (present(identity.userId) ?? present(entry?.user_id)));
  return compact({ waId: ownWaId, phone, bsuid, profileName: present(entry?.profile?.name) }) as InboundContact;
}

function isNobody(contact: InboundContact): boolean {
  return contact.waId === undefined && contact.phone === undefined && contact.bsuid === undefined;
}

const plainTypes: ReadonlySet<string> = new Set(['location', 'contacts', 'order', 'system', 'reaction', 'revoke']);
const mediaTypes: ReadonlySet<string> = new Set(['audio', 'voice', 'image', 'video', 'document', 'sticker']);

type Body = Pick<InboundMessage, 'type'> & Partial<InboundMessage>;

function toMedia(content: Content, type: string): Body | undefined {
  const media = content[type as 'audio' | 'voice' | 'image' | 'video' | 'document' | 'sticker'];
  if (media?.id === undefined) return undefined;
  const { id, mime_type: mimeType, sha256, filename, caption } = media;
  const voice = type === 'voice' ? true : media.voice;
  return {
    type: (type === 'voice' ? 'audio' : type) as InboundType,
    ...compact({ text: caption }),
    media: compact({ id, mimeType, sha256, voice, filename, caption }) as NonNullable<InboundMessage['media']>,
  };
}

function toChoice(id: string | undefined, title: string | undefined): Body {
  if (id === undefined && title === undefined) return { type: 'unsupported' };
  return { type: 'choice', choice: { id: id ?? '', title: title ?? '' }, ...compact({ text: title }) };
}

function toInteractive(interactive: Content['interactive']): Body {
  const reply = interactive?.button_reply ?? interactive?.list_reply;
  if (reply !== undefined) return toChoice(reply.id, reply.title);
  // Whether we may call is a setting, not something said.
  if (interactive?.type === 'call_permission_reply') return { type: 'system' };
  const form = interactive?.nfm_reply;
  if (form?.response_json === undefined) return { type: 'unsupported' };
  return { type: 'form', form: compact({ name: form.name, response: form.response_json }) as { response: string } };
}

function toBody(content: Content): Body {
  const type = content.type ?? (content.text === undefined ? '' : 'text');
  if (type === 'text' && content.text?.body !== undefined) return { type: 'text', text: content.text.body };
  if (type === 'button') return toChoice(content.button?.payload, content.button?.text);
  if (type === 'interactive') return toInteractive(content.interactive);
  if (mediaTypes.has(type)) return toMedia(content, type) ?? { type: 'unsupported' };
  // Meta, "Conversational components": the chat was opened for the first time, and a greeting is asked for.
  if (type === 'request_welcome') return { type: 'opened' };
  if (type === 'edit') {
    const edited = contentShape.safeParse(content.edit?.message);
    const body = edited.success ? toBody(edited.data) : undefined;
    return { ...compact({ text: body?.text, original: content.edit?.original_message_id }), type: 'edit' };
  }
  if (!plainTypes.has(type)) return { type: 'unsupported' };
  return {
    type: type as InboundType,
    ...compact({
      text: content.order?.text === '' ? undefined : content.order?.text,
      original: content.revoke?.original_message_id,
    }),
    ...(type === 'location' ? { location: toLocation(content) } : {}),
    ...(type === 'reaction' && content.reaction?.message_id !== undefined ? { reaction: toReaction(content) } : {}),
  };
}

function toLocation(content: Content): NonNullable<InboundMessage['location']> {
  const { latitude, longitude, name, address } = content.location ?? {};
  return compact({ latitude, longitude, name, address }) as NonNullable<InboundMessage['location']>;
}

function toReaction(content: Content): NonNullable<InboundMessage['reaction']> {
  const { message_id: messageId = '', emoji } = content.reaction ?? {};
  return compact({ messageId, emoji: emoji === '' ? undefined : emoji }) as NonNullable<InboundMessage['reaction']>;
}

/** Old and new identity out of "User A changed from X to Y", for system messages that say it only there. */
function changedIds(body: string | undefined): { from?: string; to?: string } {
  const match = body === undefined ? null : /changed from (\S+) to (\S+?)\.?$/.exec(body.trim());
  return match === null ? {} : { from: match[1]!, to: match[2]! };
}

/** Graph API versions call it either way. */
const changedNumber: ReadonlySet<string> = new Set(['user_changed_number', 'customer_changed_number']);

function toSystem(message: Message): InboundMessage['system'] {
  const system = message.system;
  if (system === undefined) return undefined;
  const said = changedIds(system.body);
  const type = changedNumber.has(system.type ?? '') ? 'user_changed_number' : (system.type ?? 'unknown');
  const newWaId = system.wa_id ?? system.new_wa_id ?? (type === 'user_changed_number' ? said.to : undefined);
  const newBsuid = system.user_id ?? (type === 'user_changed_user_id' ? said.to : undefined);
  return compact({ type, body: system.body, newWaId, newBsuid }) as NonNullable<InboundMessage['system']>;
}

/** The old identity of a system message, where it is told. */
function senderOf(message: Message): Identity {
  const userId = message.from_user_id ?? message.user_id;
  const { system } = message;
  if (system === undefined) return { number: message.from, userId };
  // A new number brings a new user id too (Meta's changelog, 11 August 2026).
  const said = changedIds(system.body).from;
  const scoped = said !== undefined && isBsuid(said) ? said : undefined;
  return { number: message.from ?? system.customer, userId: system.previous_user_id ?? userId ?? scoped };
}

function rest(message: Message): Partial<InboundMessage> {
  const errors = toErrors(message.errors);
  const isForwarded = message.context?.forwarded === true || message.context?.frequently_forwarded === true;
  const referral = message.referral;
  return compact({
    providerType: message.type,
    replyTo: message.context?.id,
    groupId: message.group_id,
    isForwarded: isForwarded ? true : undefined,
    referral: referral && compact({ sourceType: referral.source_type, sourceId: referral.source_id }),
    errors: errors.length > 0 ? errors : undefined,
  }) as Partial<InboundMessage>;
}

function isUsableId(id: string | undefined): id is string {
  return id !== undefined && id !== '' && id.length <= 512;
}

/** One element of `messages`; a word instead of a message says why there is none. */
export function toInboundMessage(raw: unknown, context: Context): InboundMessage | IgnoredReason {
  const parsed = messageShape.safeParse(raw);
  if (!parsed.success || !isUsableId(parsed.data.id)) return 'malformed';
  const message = parsed.data;
  const contact = toContact(senderOf(message), context.value);
  if (isNobody(contact)) return 'no_sender';
  const system = toSystem(message);
  return {
    providerMessageId: parsed.data.id,
    phoneNumberId: context.phoneNumberId,
    contact,
    sentAt: toTime(message.timestamp, context.receivedAt),
    receivedAt: context.receivedAt.toISOString(),
    ...rest(message),
    ...toBody(message),
    ...(system === undefined ? {} : { system }),
  };
}

/** One element of `message_echoes`: the owner wrote from the phone (coexistence). `contact` is who it was written to. */
export function toEcho(raw: unknown, context: Context): InboundMessage | IgnoredReason {
  const parsed = messageShape.safeParse(raw);
  if (!parsed.success || !isUsableId(parsed.data.id)) return 'malformed';
  const message = parsed.data;
  const contact = toContact({ number: message.to, userId: message.to_user_id }, context.value);
  if (isNobody(contact)) return 'no_sender';
  return {
    providerMessageId: parsed.data.id,
    phoneNumberId: context.phoneNumberId,
    contact,
    sentAt: toTime(message.timestamp, context.receivedAt),
    receivedAt: context.receivedAt.toISOString(),
    ...rest(message),
    ...toBody(message),
    type: 'echo',
  };
}

/** One element of `statuses`; undefined when it has no id or no status to go by. */
export function toStatusUpdate(raw: unknown, context: Context): StatusUpdate | undefined {
  const parsed = statusShape.safeParse(raw);
  if (!parsed.success || !isUsableId(parsed.data.id) || parsed.data.status === undefined) return undefined;
  const status = parsed.data;
  const to = status.recipient_id === '' ? undefined : status.recipient_id;
  const isScoped = to !== undefined && isBsuid(to);
  const recipient = { waId: isScoped ? undefined : to, bsuid: status.recipient_user_id ?? (isScoped ? to : undefined) };
  const pricing = status.pricing;
  return compact({
    providerMessageId: parsed.data.id,
    phoneNumberId: context.phoneNumberId,
    status: parsed.data.status,
    at: toTime(status.timestamp, context.receivedAt),
    receivedAt: context.receivedAt.toISOString(),
    recipient: compact(recipient) as StatusUpdate['recipient'],
    opaqueId: status.biz_opaque_callback_data,
    errors: toErrors(status.errors),
    pricing:
      pricing && compact({ category: pricing.category, billable: pricing.billable, model: pricing.pricing_model }),
  }) as StatusUpdate;
}
