import type {
  InboundContact,
  InboundMessage,
  InboundType,
  ProviderError,
  StatusUpdate,
} from '#shared/domain/conversations/message.ts';
import { fieldsOf, flagOf, listOf, numberOf, wordOf } from './fields.ts';
import type { Fields } from './fields.ts';
import type { IgnoredReason, WebhookValue } from './payload.ts';

/** Whence an element is: the change around it, our number, and when it came (ISO). */
type Context = { value: WebhookValue; phoneNumberId: string; receivedAt: string };

/** The object without its undefined fields: absent stays absent in the queue's JSON and in tests. */
function compact<T extends Record<string, unknown>>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const present: Record<string, unknown> = {};
  for (const key in value) if (value[key] !== undefined) present[key] = value[key];
  return present as never;
}

const dayMs = 24 * 60 * 60 * 1000;

/** ISO time of a Unix timestamp in seconds (milliseconds are understood); missing, absurd or of tomorrow: when it came. */
function toTime(timestamp: string | undefined, receivedAt: string): string {
  const value = timestamp === undefined || timestamp.trim() === '' ? Number.NaN : Number(timestamp);
  const ms = value > 100_000_000_000 ? value : value * 1000;
  if (!Number.isFinite(ms) || ms <= 0 || ms > Date.parse(receivedAt) + dayMs) return receivedAt;
  return new Date(ms).toISOString();
}

function toErrors(errors: readonly unknown[]): ProviderError[] {
  return errors.flatMap((raw) => {
    const error = fieldsOf(raw);
    const code = numberOf(error?.['code']);
    if (error === undefined || !Number.isSafeInteger(code)) return [];
    const title = wordOf(error['title']) ?? wordOf(error['message']);
    const details = wordOf(fieldsOf(error['error_data'])?.['details']) ?? wordOf(error['details']);
    return [compact({ code, title, details }) as ProviderError];
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
function entryOf(identity: Identity, value: WebhookValue): Entry | undefined {
  const entries = value.contacts.map(toEntry).filter((entry) => entry !== undefined);
  const mine = entries.find(
    (entry) =>
      (identity.number !== undefined && entry.waId === identity.number) ||
      (identity.userId !== undefined && entry.userId === identity.userId),
  );
  return mine ?? (entries.length === 1 && countSenders(value) === 1 ? entries[0] : undefined);
}

type Entry = { waId: string | undefined; userId: string | undefined; name: string | undefined };

function toEntry(raw: unknown): Entry | undefined {
  const entry = fieldsOf(raw);
  return (
    entry && {
      waId: wordOf(entry['wa_id']),
      userId: wordOf(entry['user_id']),
      name: wordOf(fieldsOf(entry['profile'])?.['name']),
    }
  );
}

function countSenders({ messages, echoes }: WebhookValue): number {
  const senders = [...messages, ...echoes].map((raw) => {
    const { from, from_user_id, user_id, to, to_user_id } = fieldsOf(raw) ?? {};
    return echoes.includes(raw)
      ? (wordOf(to) ?? wordOf(to_user_id))
      : (wordOf(from) ?? wordOf(from_user_id) ?? wordOf(user_id));
  });
  return new Set(senders).size;
}

function toContact(identity: Identity, value: WebhookValue): InboundContact {
  const entry = entryOf(identity, value);
  const present = (id: string | undefined): string | undefined => (isUsableId(id) ? id : undefined);
  const from = present(identity.number);
  const waId = present(entry?.waId);
  const phone = from !== undefined && !isBsuid(from) ? from : undefined;
  const ownWaId = waId !== undefined && !isBsuid(waId) ? waId : undefined;
  const scoped = [present(identity.userId), present(entry?.userId), from, waId].filter((id) => id !== undefined);
  // A user id of another form counts only when there is nothing else to know the person by.
  const isKnown = phone !== undefined || ownWaId !== undefined;
  const bsuid = scoped.find(isBsuid) ?? (isKnown ? undefined : (present(identity.userId) ?? present(entry?.userId)));
  return compact({ waId: ownWaId, phone, bsuid, profileName: present(entry?.name) }) as InboundContact;
}

function isNobody(contact: InboundContact): boolean {
  return contact.waId === undefined && contact.phone === undefined && contact.bsuid === undefined;
}

const plainTypes: ReadonlySet<string> = new Set(['location', 'contacts', 'order', 'system', 'reaction', 'revoke']);
const mediaTypes: ReadonlySet<string> = new Set(['audio', 'voice', 'image', 'video', 'document', 'sticker']);

type Body = Pick<InboundMessage, 'type'> & Partial<InboundMessage>;

function toMedia(message: Fields, type: string): Body | undefined {
  const media = fieldsOf(message[type]);
  const id = wordOf(media?.['id']);
  if (media === undefined || id === undefined) return undefined;
  const caption = wordOf(media['caption']);
  return {
    type: (type === 'voice' ? 'audio' : type) as InboundType,
    ...compact({ text: caption }),
    media: compact({
      id,
      mimeType: wordOf(media['mime_type']),
      sha256: wordOf(media['sha256']),
      voice: type === 'voice' ? true : flagOf(media['voice']),
      filename: wordOf(media['filename']),
      caption,
    }) as NonNullable<InboundMessage['media']>,
  };
}

function toChoice(id: string | undefined, title: string | undefined): Body {
  if (id === undefined && title === undefined) return { type: 'unsupported' };
  return { type: 'choice', choice: { id: id ?? '', title: title ?? '' }, ...compact({ text: title }) };
}

function toInteractive(interactive: Fields | undefined): Body {
  const reply = fieldsOf(interactive?.['button_reply']) ?? fieldsOf(interactive?.['list_reply']);
  if (reply !== undefined) return toChoice(wordOf(reply['id']), wordOf(reply['title']));
  // Whether we may call is a setting, not something said.
  if (wordOf(interactive?.['type']) === 'call_permission_reply') return { type: 'system' };
  const form = fieldsOf(interactive?.['nfm_reply']);
  const response = wordOf(form?.['response_json']);
  if (response === undefined) return { type: 'unsupported' };
  return { type: 'form', form: compact({ name: wordOf(form?.['name']), response }) as { response: string } };
}

function toBody(message: Fields): Body {
  const type = wordOf(message['type']) ?? (fieldsOf(message['text']) === undefined ? '' : 'text');
  if (type === 'text') {
    const text = wordOf(fieldsOf(message['text'])?.['body']);
    return text === undefined ? { type: 'unsupported' } : { type: 'text', text };
  }
  if (type === 'button') {
    const button = fieldsOf(message['button']);
    return toChoice(wordOf(button?.['payload']), wordOf(button?.['text']));
  }
  if (type === 'interactive') return toInteractive(fieldsOf(message['interactive']));
  if (mediaTypes.has(type)) return toMedia(message, type) ?? { type: 'unsupported' };
  // Meta, "Conversational components": the chat was opened for the first time, and a greeting is asked for.
  if (type === 'request_welcome') return { type: 'opened' };
  if (type === 'edit') {
    const edit = fieldsOf(message['edit']);
    const edited = fieldsOf(edit?.['message']);
    const text = edited && toBody(edited).text;
    return { ...compact({ text, original: wordOf(edit?.['original_message_id']) }), type: 'edit' };
  }
  if (!plainTypes.has(type)) return { type: 'unsupported' };
  const text = wordOf(fieldsOf(message['order'])?.['text']);
  const reaction = toReaction(fieldsOf(message['reaction']));
  return {
    type: type as InboundType,
    ...compact({
      text: text === '' ? undefined : text,
      original: wordOf(fieldsOf(message['revoke'])?.['original_message_id']),
    }),
    ...(type === 'location' ? { location: toLocation(fieldsOf(message['location'])) } : {}),
    ...(type === 'reaction' && reaction !== undefined ? { reaction } : {}),
  };
}

function toLocation(location: Fields | undefined): NonNullable<InboundMessage['location']> {
  return compact({
    latitude: numberOf(location?.['latitude']),
    longitude: numberOf(location?.['longitude']),
    name: wordOf(location?.['name']),
    address: wordOf(location?.['address']),
  }) as NonNullable<InboundMessage['location']>;
}

function toReaction(reaction: Fields | undefined): InboundMessage['reaction'] {
  const messageId = wordOf(reaction?.['message_id']);
  const emoji = wordOf(reaction?.['emoji']);
  if (messageId === undefined) return undefined;
  return compact({ messageId, emoji: emoji === '' ? undefined : emoji }) as NonNullable<InboundMessage['reaction']>;
}

/** Old and new identity out of "User A changed from X to Y", for system messages that say it only there. */
function changedIds(body: string | undefined): { from?: string; to?: string } {
  const match = body === undefined ? null : /changed from (\S+) to (\S+?)\.?$/.exec(body.trim());
  return match === null ? {} : { from: match[1]!, to: match[2]! };
}

/** Graph API versions call it either way. */
const changedNumber: ReadonlySet<string> = new Set(['user_changed_number', 'customer_changed_number']);

function toSystem(message: Fields): InboundMessage['system'] {
  const system = fieldsOf(message['system']);
  if (system === undefined) return undefined;
  const body = wordOf(system['body']);
  const said = changedIds(body);
  const named = wordOf(system['type']) ?? 'unknown';
  const type = changedNumber.has(named) ? 'user_changed_number' : named;
  const newWaId =
    wordOf(system['wa_id']) ?? wordOf(system['new_wa_id']) ?? (type === 'user_changed_number' ? said.to : undefined);
  const newBsuid = wordOf(system['user_id']) ?? (type === 'user_changed_user_id' ? said.to : undefined);
  return compact({ type, body, newWaId, newBsuid }) as NonNullable<InboundMessage['system']>;
}

/** The old identity of a system message, where it is told. */
function senderOf(message: Fields): Identity {
  const number = wordOf(message['from']);
  const userId = wordOf(message['from_user_id']) ?? wordOf(message['user_id']);
  const system = fieldsOf(message['system']);
  if (system === undefined) return { number, userId };
  // A new number brings a new user id too (Meta's changelog, 11 August 2026).
  const said = changedIds(wordOf(system['body'])).from;
  const scoped = said !== undefined && isBsuid(said) ? said : undefined;
  return {
    number: number ?? wordOf(system['customer']),
    userId: wordOf(system['previous_user_id']) ?? userId ?? scoped,
  };
}

function rest(message: Fields): Partial<InboundMessage> {
  const errors = toErrors(listOf(message['errors']));
  const context = fieldsOf(message['context']);
  const isForwarded = context?.['forwarded'] === true || context?.['frequently_forwarded'] === true;
  const referral = fieldsOf(message['referral']);
  return compact({
    providerType: wordOf(message['type']),
    replyTo: wordOf(context?.['id']),
    groupId: wordOf(message['group_id']),
    isForwarded: isForwarded ? true : undefined,
    referral:
      referral && compact({ sourceType: wordOf(referral['source_type']), sourceId: wordOf(referral['source_id']) }),
    errors: errors.length > 0 ? errors : undefined,
  }) as Partial<InboundMessage>;
}

function isUsableId(id: string | undefined): id is string {
  return id !== undefined && id !== '' && id.length <= 512;
}

/** One element of `messages`; a word instead of a message says why there is none. */
export function toInboundMessage(raw: unknown, context: Context): InboundMessage | IgnoredReason {
  const message = fieldsOf(raw);
  const id = wordOf(message?.['id']);
  if (message === undefined || !isUsableId(id)) return 'malformed';
  const contact = toContact(senderOf(message), context.value);
  if (isNobody(contact)) return 'no_sender';
  const system = toSystem(message);
  return { ...toWhole(message, id, contact, context), ...(system === undefined ? {} : { system }) };
}

/** One element of `message_echoes`: the owner wrote from the phone (coexistence). `contact` is who it was written to. */
export function toEcho(raw: unknown, context: Context): InboundMessage | IgnoredReason {
  const message = fieldsOf(raw);
  const id = wordOf(message?.['id']);
  if (message === undefined || !isUsableId(id)) return 'malformed';
  const contact = toContact({ number: wordOf(message['to']), userId: wordOf(message['to_user_id']) }, context.value);
  if (isNobody(contact)) return 'no_sender';
  return { ...toWhole(message, id, contact, context), type: 'echo' };
}

function toWhole(message: Fields, id: string, contact: InboundContact, context: Context): InboundMessage {
  return {
    providerMessageId: id,
    phoneNumberId: context.phoneNumberId,
    contact,
    sentAt: toTime(wordOf(message['timestamp']), context.receivedAt),
    receivedAt: context.receivedAt,
    ...rest(message),
    ...toBody(message),
  };
}

/** One element of `statuses`; undefined when it has no id or no status to go by. */
export function toStatusUpdate(raw: unknown, context: Context): StatusUpdate | undefined {
  const fields = fieldsOf(raw);
  const id = wordOf(fields?.['id']);
  const status = wordOf(fields?.['status']);
  if (fields === undefined || !isUsableId(id) || status === undefined) return undefined;
  const recipientId = wordOf(fields['recipient_id']);
  const to = recipientId === '' ? undefined : recipientId;
  const isScoped = to !== undefined && isBsuid(to);
  const pricing = fieldsOf(fields['pricing']);
  return compact({
    providerMessageId: id,
    phoneNumberId: context.phoneNumberId,
    status,
    at: toTime(wordOf(fields['timestamp']), context.receivedAt),
    receivedAt: context.receivedAt,
    recipient: compact({
      waId: isScoped ? undefined : to,
      bsuid: wordOf(fields['recipient_user_id']) ?? (isScoped ? to : undefined),
    }) as StatusUpdate['recipient'],
    opaqueId: wordOf(fields['biz_opaque_callback_data']),
    errors: toErrors(listOf(fields['errors'])),
    pricing:
      pricing &&
      compact({
        category: wordOf(pricing['category']),
        billable: flagOf(pricing['billable']),
        model: wordOf(pricing['pricing_model']),
      }),
  }) as StatusUpdate;
}
