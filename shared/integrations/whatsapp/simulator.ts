import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import { createFaults, playFault } from '../simulator-kit/faults.ts';
import type { FaultSwitches } from '../simulator-kit/faults.ts';
import { createEventStreams, createSimulatedServer, parseJson, readRequest, sendJson } from '../simulator-kit/http.ts';
import type { Listening, SimulatedAnswer, SimulatedRequest } from '../simulator-kit/http.ts';
import { createStateFile, loadState } from '../simulator-kit/state-file.ts';
import { createWebhookSender } from '../simulator-kit/webhooks.ts';
import type { WebhookSender } from '../simulator-kit/webhooks.ts';
import { signWhatsApp } from './signature.ts';
import { choicesOf, judgeSend, textOf, toGraphError } from './simulator-graph.ts';
import type { GraphRead, GraphSend } from './simulator-graph.ts';
import { answerGuestPage } from './simulator-page.ts';
import { toMessage, toStatus, toTimestamp, toWebhook } from './simulator-guest.ts';
import { chatOf, toWhatsAppState } from './simulator-state.ts';
import type { Chat, GuestContent, SentMessage, SimulatedGuest, SimulatedStatus } from './simulator-state.ts';

/** What the simulated WhatsApp is made with; it must agree with our app's settings. */
export type WhatsAppSimulatorOptions = {
  appSecret: string;
  phoneNumberId: string;
  accessToken: string;
  /** Our app's webhook; may be set later with `setWebhookUrl`. */
  webhookUrl?: string;
  /** Keeps chats and undelivered webhooks over a restart. Without it everything is in memory. */
  stateFile?: string;
  /** Where `handler` is mounted, such as `/sandbox/whatsapp`; taken off the paths. */
  prefix?: string;
  /** The address of the simulator, for media links; by default where it listens. */
  publicUrl?: string;
  /** Statuses that follow each accepted send by themselves (`['sent', 'delivered']`), each `statusDelayMs` (0) later. */
  statuses?: readonly SimulatedStatus[];
  statusDelayMs?: number;
  /** `on`: free-form messages outside the guest's 24 hours are accepted and then fail with 131047, as at Meta. Default off. */
  window?: 'off' | 'on';
  /** Random instead of counted ids: for a simulator that outlives its state but not our database. */
  randomIds?: boolean;
  retryDelaysMs?: readonly number[];
  now?: () => Date;
};

/** WhatsApp as our app and our guests see it. Faults apply to calls of our app only. */
export type WhatsAppSimulator = FaultSwitches & {
  /** Mountable under `prefix`; also serves the chat page's JSON under `/guest/…` (see `simulator-page.ts`). */
  handler: RequestListener;
  /** Listens on a free port of loopback by default; `url` is what `WHATSAPP_API_URL` is made of (add `/v26.0`). */
  listen(port?: number, host?: string): Promise<Listening>;
  close(): Promise<void>;
  setWebhookUrl(url: string): void;
  setStatuses(statuses: readonly SimulatedStatus[]): void;
  /** The guest acts; several contents travel in one POST. Resolves with the message ids after the first attempt. */
  write(guest: SimulatedGuest, ...contents: GuestContent[]): Promise<string[]>;
  /** The owner types on the phone (coexistence). */
  echo(guest: SimulatedGuest, text: string): Promise<string>;
  /** Posts any body, signed, `copies` (1) times at once; resolves with the statuses of the first attempts. */
  post(payload: unknown, copies?: number): Promise<number[]>;
  /** A status of a message of ours, posted as a webhook. */
  postStatus(providerMessageId: string, status: SimulatedStatus, code?: number): Promise<number>;
  /** All that our app sent, oldest first; of one recipient (phone or BSUID) when named. */
  sent(recipient?: string): SentMessage[];
  /** Sends to this phone or BSUID are refused with this Graph code until `undefined`. */
  refuseRecipient(recipient: string, code: number | undefined): void;
  chats(): Chat[];
  forget(key: string): void;
  addMedia(bytes: Buffer, mimeType: string): string;
  removeMedia(id: string): void;
  findMedia(id: string): { bytes: Buffer; mimeType: string } | undefined;
  /** Called after every change; returns how to stop. */
  onChange(listener: () => void): () => void;
  /** Webhooks that our app has not taken yet. */
  webhooks: Pick<WebhookSender, 'pending' | 'retryNow' | 'idle'>;
};

type Answer = SimulatedAnswer;
const dayMs = 24 * 60 * 60 * 1000;

function refuse(status: number, code: number, details?: string): Answer {
  return { status, body: toGraphError(code, details) };
}

/** A WhatsApp of our own over real HTTP: the Graph API for our app, a phone for guests, signed webhooks between them. */
export function createWhatsAppSimulator(options: WhatsAppSimulatorOptions): WhatsAppSimulator {
  const { appSecret, phoneNumberId, accessToken, prefix = '', now = () => new Date(), statusDelayMs = 0 } = options;
  const state = toWhatsAppState(loadState(options.stateFile));
  const changes = new EventEmitter().setMaxListeners(0);
  const streams = createEventStreams();
  const faults = createFaults();
  const held = new Set<ServerResponse>();
  const refused = new Map<string, number>();
  const timers = new Set<NodeJS.Timeout>();
  let webhookUrl = options.webhookUrl;
  let statuses = options.statuses ?? ['sent', 'delivered'];
  let baseUrl = options.publicUrl?.replace(/\/+$/, '');

  const file = createStateFile(options.stateFile, () => ({ ...state, pending: webhooks.pending() }));
  const changed = (): void => {
    file.save();
    changes.emit('change');
    streams.push({ at: now().toISOString() });
  };
  const webhooks = createWebhookSender({
    ...(options.retryDelaysMs === undefined ? {} : { retryDelaysMs: options.retryDelaysMs }),
    onChange: () => file.save(),
  });
  webhooks.resume(state.pending);

  function nextId(mark: string): string {
    state.counter += 1;
    return options.randomIds === true
      ? `wamid.${mark}${randomBytes(12).toString('hex')}`
      : `wamid.${mark}${String(state.counter).padStart(6, '0')}`;
  }

  function post(payload: unknown, copies = 1): Promise<number[]> {
    if (webhookUrl === undefined) return Promise.reject(new Error('the simulator has no webhook URL yet'));
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const headers = {
      'content-type': 'application/json',
      'x-hub-signature-256': signWhatsApp(Buffer.from(body, 'utf8'), appSecret),
    };
    const url = webhookUrl;
    return Promise.all(Array.from({ length: copies }, () => webhooks.send({ id: nextId('hook'), url, headers, body })));
  }

  const about = { phoneNumberId, displayPhone: '5491100000000' };

  async function write(guest: SimulatedGuest, ...contents: GuestContent[]): Promise<string[]> {
    const chat = chatOf(state, guest);
    const at = now();
    const messages = contents.map((content) => {
      const { message, text } = toMessage(content, sentTo(chat));
      const full: Record<string, unknown> = {
        id: nextId('in'),
        ...(chat.guest.phone === undefined ? {} : { from: chat.guest.phone }),
        ...(chat.guest.bsuid === undefined ? {} : { from_user_id: chat.guest.bsuid }),
        timestamp: toTimestamp(at),
        ...message,
      };
      const id = String(full['id']);
      chat.entries.push({ id, at: at.toISOString(), direction: 'in', text, message: full, statuses: [] });
      return { id, full };
    });
    changed();
    await post(toWebhook(about, { messages: messages.map(({ full }) => full) }, chat.guest));
    return messages.map(({ id }) => id);
  }

  async function echo(guest: SimulatedGuest, text: string): Promise<string> {
    const chat = chatOf(state, guest);
    const at = now();
    const id = nextId('echo');
    const message = {
      id,
      from: about.displayPhone,
      ...(chat.guest.phone === undefined ? {} : { to: chat.guest.phone }),
      ...(chat.guest.bsuid === undefined ? {} : { to_user_id: chat.guest.bsuid }),
      timestamp: toTimestamp(at),
      type: 'text',
      text: { body: text },
    };
    chat.entries.push({ id, at: at.toISOString(), direction: 'echo', text, message, statuses: [] });
    changed();
    await post(toWebhook({ ...about, field: 'smb_message_echoes' }, { message_echoes: [message] }, chat.guest));
    return id;
  }

  function sentTo(chat: Chat): SentMessage[] {
    const { phone, bsuid } = chat.guest;
    return state.sent.filter((each) => (each.to ?? '') === phone || (each.recipient ?? '') === bsuid);
  }

  function chatOfSend(sent: Pick<SentMessage, 'to' | 'recipient'>): Chat {
    if (sent.to !== undefined) return chatOf(state, { phone: sent.to });
    return chatOf(state, { bsuid: sent.recipient ?? '' });
  }

  async function postStatus(providerMessageId: string, status: SimulatedStatus, code?: number): Promise<number> {
    const sent = state.sent.find((each) => each.id === providerMessageId);
    if (sent === undefined) throw new Error('no such message was sent');
    const chat = chatOfSend(sent);
    chat.entries.find((entry) => entry.id === sent.id)?.statuses.push(status);
    changed();
    const [first] = await post(toWebhook(about, { statuses: [toStatus(sent, status, chat, now(), code)] }, chat.guest));
    return first ?? 0;
  }

  function follow(sent: SentMessage, isInWindow: boolean): void {
    if (webhookUrl === undefined) return;
    const wanted: readonly SimulatedStatus[] = isInWindow ? statuses : ['failed'];
    wanted.forEach((status, index) => {
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          postStatus(sent.id, status, isInWindow ? undefined : 131047).catch(() => undefined);
        },
        statusDelayMs * (index + 1),
      ).unref();
      timers.add(timer);
    });
  }

  function accept(message: GraphSend): Answer {
    const { to, recipient, biz_opaque_callback_data: opaqueId } = message;
    const code = refused.get(to ?? '') ?? refused.get(recipient ?? '');
    if (code !== undefined) return refuse(400, code, 'this recipient is refused');
    const phone = to?.replace('+', '');
    const sent: SentMessage = {
      id: nextId('out'),
      at: now().toISOString(),
      ...(phone === undefined ? {} : { to: phone }),
      ...(recipient === undefined ? {} : { recipient }),
      ...(opaqueId === undefined ? {} : { opaqueId }),
      text: textOf(message),
      choices: choicesOf(message).map(({ id, title }) => ({ id, title })),
      message,
    };
    state.sent.push(sent);
    const chat = chatOfSend(sent);
    const lastIn = chat.entries.findLast((entry) => entry.direction === 'in');
    const isOpen = lastIn !== undefined && now().getTime() - Date.parse(lastIn.at) < dayMs;
    const { id, at, text } = sent;
    chat.entries.push({
      id,
      at,
      direction: 'out',
      text,
      message,
      statuses: [],
      ...(opaqueId === undefined ? {} : { opaqueId }),
    });
    delete chat.typingUntil;
    changed();
    follow(sent, options.window !== 'on' || message.type === 'template' || isOpen);
    const contact = { input: to ?? recipient, ...(chat.guest.phone === undefined ? {} : { wa_id: chat.guest.phone }) };
    return { status: 200, body: { messaging_product: 'whatsapp', contacts: [contact], messages: [{ id }] } };
  }

  function markRead(read: GraphRead): Answer {
    const chat = state.chats.find((each) => each.entries.some((entry) => entry.id === read.message_id));
    const entry = chat?.entries.find((each) => each.id === read.message_id);
    if (chat === undefined || entry === undefined) return refuse(400, 131009, 'unknown message id');
    if (!entry.statuses.includes('read')) entry.statuses.push('read');
    if (read.typing_indicator !== undefined) chat.typingUntil = new Date(now().getTime() + 25_000).toISOString();
    changed();
    return { status: 200, body: { success: true } };
  }

  function messages(request: SimulatedRequest): Answer {
    const judged = judgeSend(parseJson(request.body));
    if ('refusal' in judged) return refuse(judged.refusal.status, judged.refusal.code, judged.refusal.details);
    return 'read' in judged ? markRead(judged.read) : accept(judged.send);
  }

  function media(request: SimulatedRequest, response: ServerResponse, parts: readonly string[]): Answer | undefined {
    const found = state.media.find((each) => each.id === parts.at(-1));
    if (found === undefined) return refuse(404, 100, 'no such media');
    const bytes = Buffer.from(found.base64, 'base64');
    if (parts[0] === 'media') {
      response.writeHead(200, { 'content-type': found.mimeType, 'content-length': bytes.length });
      response.end(bytes);
      return undefined;
    }
    const url = `${baseUrl ?? `http://${request.headers.host ?? 'localhost'}${prefix}`}/media/${found.id}`;
    const { id, mimeType, sha256 } = found;
    const body = { messaging_product: 'whatsapp', id, url, mime_type: mimeType, sha256, file_size: bytes.length };
    return { status: 200, body };
  }

  async function graph(request: SimulatedRequest, response: ServerResponse): Promise<Answer | undefined> {
    if (request.headers.authorization !== `Bearer ${accessToken}`) return refuse(401, 190, 'invalid access token');
    const parts = request.path.split('/').filter((part, index) => part !== '' && !(index === 1 && /^v\d/.test(part)));
    const isMessages = request.method === 'POST' && parts.length === 2 && parts[1] === 'messages';
    if (isMessages && parts[0] !== phoneNumberId) return refuse(400, 100, 'unknown phone number id');
    const isNumber = request.method === 'GET' && parts.length === 1 && parts[0] === phoneNumberId;
    const isMedia =
      !isNumber && request.method === 'GET' && (parts.length === 1 || (parts.length === 2 && parts[0] === 'media'));
    const fault = faults.take(request);
    const act = (): Answer | undefined =>
      isNumber
        ? { status: 200, body: { id: phoneNumberId } }
        : isMessages
          ? messages(request)
          : isMedia
            ? media(request, response, parts)
            : refuse(404, 100, 'unknown path');
    if (fault === undefined) return act();
    return playFault(fault, response, {
      act: () => Promise.resolve(act() ?? { status: 200, body: {} }),
      toError: (_status, code) => toGraphError(code),
      held,
    });
  }

  async function answer(request: SimulatedRequest, response: ServerResponse): Promise<void> {
    const isGuest = request.path.startsWith('/guest/');
    const found = isGuest
      ? await answerGuestPage(request, response, { simulator, streams })
      : await graph(request, response);
    if (found !== undefined) sendJson(response, found.status, found.body, found.headers);
  }

  const handler: RequestListener = (incoming, response) => {
    readRequest(incoming, prefix)
      .then((request) => answer(request, response))
      .catch((error: unknown) => sendJson(response, 400, { error: { message: String(error), code: 100 } }));
  };
  const server = createSimulatedServer(handler);

  const simulator: WhatsAppSimulator = {
    failNext: faults.failNext,
    failAlways: faults.failAlways,
    handler,
    async listen(port, host) {
      const listening = await server.listen(port, host);
      baseUrl ??= listening.url;
      return listening;
    },
    async close() {
      webhooks.close();
      streams.close();
      for (const timer of timers) clearTimeout(timer);
      for (const response of held) response.destroy();
      await server.close();
      file.flush();
    },
    setWebhookUrl(url) {
      webhookUrl = url;
    },
    setStatuses(wanted) {
      statuses = wanted;
    },
    write,
    echo,
    post,
    postStatus,
    sent: (recipient) =>
      state.sent.filter((each) => recipient === undefined || each.to === recipient || each.recipient === recipient),
    refuseRecipient(recipient, code) {
      if (code === undefined) refused.delete(recipient);
      else refused.set(recipient, code);
    },
    chats: () => structuredClone(state.chats),
    forget(key) {
      state.chats = state.chats.filter((chat) => chat.key !== key);
      changed();
    },
    addMedia(bytes, mimeType) {
      const id = nextId('media').replace('wamid.', '');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      state.media.push({ id, mimeType, sha256, base64: bytes.toString('base64') });
      changed();
      return id;
    },
    findMedia(id) {
      const found = state.media.find((each) => each.id === id);
      return found && { bytes: Buffer.from(found.base64, 'base64'), mimeType: found.mimeType };
    },
    removeMedia(id) {
      state.media = state.media.filter((each) => each.id !== id);
      changed();
    },
    onChange(listener) {
      changes.on('change', listener);
      return () => changes.off('change', listener);
    },
    webhooks,
  };
  return simulator;
}
