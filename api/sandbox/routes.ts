import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { z } from 'zod';
import type { MercadoPagoSimulator } from '#shared/integrations/mercadopago/simulator.ts';
import type { WhatsAppSimulator } from '#shared/integrations/whatsapp/simulator.ts';
import type { Chat, GuestContent } from '#shared/integrations/whatsapp/simulator-state.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { rawBody, rawBodyOf } from '../middleware/raw-body.ts';
import { HttpProblem } from '../problem.ts';
import { chatPage } from './chat-page.ts';
import { findUnread, toChatView } from './chat-view.ts';
import type { ChatView } from './chat-view.ts';
import { actOnCheckout, checkoutActions, findCheckout, listCheckouts } from './checkout.ts';
import { checkoutPage, checkoutsPage, noCheckoutPage } from './checkout-page.ts';
import { platformChannels } from './calendars.ts';
import type { ActResult, CalendarPlay } from './calendars.ts';
import { calendarsPage } from './calendars-page.ts';
import type { StateStreams } from './event-stream.ts';
import { toSimulatedGuest } from './guest-book.ts';
import type { GuestBook, SandboxGuest } from './guest-book.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import { FfmpegError } from '#shared/integrations/ffmpeg/run-ffmpeg.ts';
import { listReadyNotes, makeVoiceNote, readReadyNote, readyNoteNames } from './voice.ts';

export type SandboxRoutesDeps = {
  whatsapp: WhatsAppSimulator;
  mercadopago: MercadoPagoSimulator;
  guests: GuestBook;
  streams: StateStreams;
  log: Logger;
  timeZone: string;
  /** Nobody listens: whoever records is asked what was said. */
  isSpeechSimulated: boolean;
  /** Where a recording lies while it is converted. */
  recordingsDir: string;
  /** Where the outside reaches us. */
  publicUrl: () => string;
  lodgingName: () => Promise<string>;
  /** Undefined where there are no real calendars to play with: its page is 404 then. */
  calendars: CalendarPlay | undefined;
};

const newGuest = z.object({
  name: z.string().trim().min(1).max(60),
  waId: z
    .string()
    .regex(/^\d{8,15}$/)
    .optional(),
});
const said = z.union([
  z.object({ text: z.string().trim().min(1).max(4096) }),
  z.object({
    choice: z.object({ id: z.string().min(1).max(256), title: z.string().optional() }),
    /** The message that shows the choice; the latest one by default. */
    on: z.string().optional(),
  }),
]);
const spoken = z.union([
  z.object({ note: z.enum(readyNoteNames) }),
  z.object({ audio: z.base64().min(1), words: z.string().trim().max(4096).optional() }),
]);
const played = z.object({
  action: z.enum(['book', 'cancel', 'sync']),
  from: z.string().max(20).default(''),
  unit: z.coerce.number().int().positive().default(1),
  channel: z.enum(platformChannels).default('airbnb'),
  checkIn: z.string().max(20).default(''),
  checkOut: z.string().max(20).default(''),
  booking: z.string().max(20).default(''),
});
const paid = z.object({ action: z.enum(checkoutActions), seen: z.coerce.number().int() });

/**
 * The pages and what they call: the chat page at `/sandbox`, the checkout pages, `/sandbox/events?guest=` (server-sent
 * `ChatView`s), and the JSON under `/sandbox/api`: GET and POST `guests` `{name, waId?}`, GET and DELETE `guests/:waId`
 * (a `ChatView`), POST `guests/:waId/messages` (`{text}` or `{choice: {id, title}, on?}` → `{ids}`), `POST guests/:waId/voice` (`{note}` ready-made or `{audio: base64, words?}` recorded → `{ids}`),
 * GET `media/:id` (what was said), POST `guests/:waId/read`.
 */
export function createSandboxRouter(deps: SandboxRoutesDeps): Router {
  const router = new Router({ prefix: '/sandbox' });
  router.use(pageHeaders, sameOrigin);
  addPages(router, deps);
  if (deps.calendars) addCalendars(router, deps, deps.calendars);
  addApi(router, deps);
  return router;
}

function addPages(router: Router, deps: SandboxRoutesDeps): void {
  const { mercadopago, whatsapp, timeZone, lodgingName, isSpeechSimulated } = deps;
  router.get('/', async (ctx) => {
    const notes = await listReadyNotes();
    show(ctx, chatPage({ lodging: await lodgingName(), timeZone, notes, isSpeechSimulated }));
  });
  router.get('/public/:file', async (ctx) => {
    await sendPublic(ctx, ctx.params.file ?? '');
  });
  router.get('/checkout', (ctx) => {
    show(ctx, checkoutsPage(listCheckouts(mercadopago), { timeZone }));
  });
  router.get('/checkout/:preferenceId', (ctx) => {
    const view = findCheckout(mercadopago, ctx.params.preferenceId ?? '');
    if (view === undefined) {
      show(ctx, noCheckoutPage(), 404);
      return;
    }
    const toldTo = whatsapp.chats().findLast(({ entries }) => entries.some(({ text }) => text.includes(view.id)));
    const query = toldTo === undefined ? '' : `?guest=${encodeURIComponent(toldTo.key)}`;
    show(ctx, checkoutPage(view, { timeZone, backTo: `/sandbox${query}` }));
  });
  router.post('/checkout/:preferenceId', rawBody(10_000), async (ctx) => {
    const { action, seen } = paid.parse(Object.fromEntries(new URLSearchParams(rawBodyOf(ctx).toString())));
    const view = findCheckout(mercadopago, ctx.params.preferenceId ?? '');
    if (view === undefined) throw new HttpProblem(404, 'not_found');
    // A form that was sent twice, or that is older than the last payment, changes nothing.
    if (view.payments.length === seen) await actOnCheckout(mercadopago, view, action);
    ctx.status = 303;
    ctx.set('Location', `/sandbox/checkout/${encodeURIComponent(view.id)}`);
    ctx.body = '';
  });
}

function addCalendars(router: Router, { lodgingName, timeZone }: SandboxRoutesDeps, calendars: CalendarPlay): void {
  router.get('/calendars', async (ctx) => {
    const given = (name: string): string => String(ctx.query[name] ?? '').slice(0, 40);
    const form = {
      unit: given('unit'),
      channel: given('channel'),
      checkIn: given('checkIn'),
      checkOut: given('checkOut'),
    };
    const view = await calendars.view(given('from'));
    show(ctx, calendarsPage(view, { said: given('said'), form, lodging: await lodgingName(), timeZone }));
  });
  router.post('/calendars', rawBody(10_000), async (ctx) => {
    const act = played.parse(Object.fromEntries(new URLSearchParams(rawBodyOf(ctx).toString())));
    const said = await play(calendars, act);
    const query = new URLSearchParams({ said, from: act.from });
    if (act.action === 'book')
      for (const name of ['unit', 'channel', 'checkIn', 'checkOut'] as const) query.set(name, String(act[name]));
    ctx.status = 303;
    ctx.set('Location', `/sandbox/calendars?${query.toString()}`);
    ctx.body = '';
  });
}

function play(calendars: CalendarPlay, act: z.output<typeof played>): ActResult | Promise<ActResult> {
  const { action, unit, channel, checkIn, checkOut, booking } = act;
  if (action === 'sync') return calendars.sync();
  if (action === 'cancel') return calendars.cancel(unit, channel, booking);
  return calendars.book(unit, channel, { checkIn, checkOut });
}

function addApi(router: Router, deps: SandboxRoutesDeps): void {
  const { whatsapp, guests, streams, log } = deps;
  const view = (ctx: Context, waId: string): ChatView => viewOf(deps, getGuest(deps, waId));

  router.get('/events', (ctx) => {
    const guest = getGuest(deps, z.string().parse(ctx.query['guest']));
    streams.open(ctx, () => viewOf(deps, guest));
  });
  router.get('/api/guests', (ctx) => {
    ctx.body = { guests: allGuests(deps) };
  });
  router.post('/api/guests', rawBody(10_000), (ctx) => {
    const { name, waId } = newGuest.parse(jsonOf(ctx));
    ctx.status = 201;
    ctx.body = guests.add(name, waId);
    streams.touch();
  });
  router.get('/api/guests/:waId', (ctx) => {
    ctx.body = view(ctx, ctx.params.waId ?? '');
  });
  router.delete('/api/guests/:waId', (ctx) => {
    whatsapp.forget(getGuest(deps, ctx.params.waId ?? '').waId);
    ctx.status = 204;
  });
  router.post('/api/guests/:waId/messages', rawBody(50_000), async (ctx) => {
    const guest = getGuest(deps, ctx.params.waId ?? '');
    const message = said.parse(jsonOf(ctx));
    const content: GuestContent =
      'text' in message
        ? { text: message.text }
        : { tap: message.choice.id, ...(message.on === undefined ? {} : { on: message.on }) };
    const ids = await whatsapp.write(toSimulatedGuest(guest), content).catch((error: unknown) => {
      log.debug({ err: error }, 'the sandbox guest could not write');
      throw new HttpProblem(409, 'no_such_choice');
    });
    // Taken by the app or not: the bubble's mark follows.
    streams.touch();
    ctx.status = 201;
    ctx.body = { ids };
  });
  router.post('/api/guests/:waId/voice', rawBody(12_000_000), async (ctx) => {
    const guest = getGuest(deps, ctx.params.waId ?? '');
    const bytes = await toNote(spoken.parse(jsonOf(ctx)), deps);
    const id = whatsapp.addMedia(bytes, 'audio/ogg; codecs=opus');
    const ids = await whatsapp.write(toSimulatedGuest(guest), { media: { id, type: 'audio' } });
    streams.touch();
    ctx.status = 201;
    ctx.body = { ids };
  });
  router.get('/api/media/:id', (ctx) => {
    const media = whatsapp.findMedia(ctx.params.id ?? '');
    if (media === undefined || !media.mimeType.startsWith('audio/')) throw new HttpProblem(404, 'not_found');
    ctx.type = media.mimeType;
    answerRange(ctx, media.bytes);
  });
  router.post('/api/guests/:waId/read', async (ctx) => {
    const { waId } = getGuest(deps, ctx.params.waId ?? '');
    for (const { id } of findUnread(chatOf(whatsapp, waId))) await whatsapp.postStatus(id, 'read');
    ctx.status = 204;
  });
}

/** The bytes, or the part of them that is asked for: without parts a browser does not know how long a note is. */
function answerRange(ctx: Context, bytes: Buffer): void {
  ctx.set('accept-ranges', 'bytes');
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(ctx.get('range')) ?? [];
  const first = Number(from);
  if (from === undefined || first >= bytes.length) return void (ctx.body = bytes);
  const last = to ? Math.min(Number(to), bytes.length - 1) : bytes.length - 1;
  ctx.status = 206;
  ctx.set('content-range', `bytes ${first}-${last}/${bytes.length}`);
  ctx.body = bytes.subarray(first, last + 1);
}

/** Refused (503) without ffmpeg, (422) what it cannot read; a real service needs no words. */
async function toNote(said: z.output<typeof spoken>, deps: SandboxRoutesDeps): Promise<Buffer> {
  if ('note' in said) return readReadyNote(said.note);
  const words = deps.isSpeechSimulated ? (said.words ?? '') : undefined;
  try {
    return await makeVoiceNote(Buffer.from(said.audio, 'base64'), words, deps.recordingsDir);
  } catch (error) {
    if (!(error instanceof FfmpegError)) throw error;
    throw error.kind === 'missing' ? new HttpProblem(503, 'no_ffmpeg') : new HttpProblem(422, 'unreadable_audio');
  }
}

function chatOf(whatsapp: WhatsAppSimulator, waId: string): Chat | undefined {
  return whatsapp.chats().find((chat) => chat.key === waId);
}

/** Those of the book, then whomever else the app wrote to (the owner). */
function allGuests({ guests, whatsapp }: SandboxRoutesDeps): SandboxGuest[] {
  const known = guests.list();
  const others = whatsapp.chats().filter(({ key }) => known.every(({ waId }) => waId !== key));
  return [...known, ...others.map(({ key, guest }) => ({ waId: key, name: guest.name ?? key }))];
}

function getGuest(deps: SandboxRoutesDeps, waId: string): SandboxGuest {
  const guest = allGuests(deps).find((each) => each.waId === waId);
  if (guest === undefined) throw new HttpProblem(404, 'guest_not_found');
  return guest;
}

function viewOf(deps: SandboxRoutesDeps, guest: SandboxGuest): ChatView {
  return toChatView(guest, {
    guests: allGuests(deps),
    chats: deps.whatsapp.chats(),
    pending: deps.whatsapp.webhooks.pending(),
    origin: new URL(deps.publicUrl()).origin,
    now: new Date(),
  });
}

/** The JSON of the body; 415 for anything else, which is all that another site's form could send. */
function jsonOf(ctx: Context): unknown {
  if (!ctx.is('application/json')) throw new HttpProblem(415, 'json_only');
  try {
    return JSON.parse(rawBodyOf(ctx).toString()) as unknown;
  } catch {
    throw new HttpProblem(400, 'invalid_json');
  }
}

const pageHeaders: Middleware = async (ctx, next) => {
  ctx.set({
    'Content-Security-Policy': "default-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    // A form's POST carries its origin only so.
    'Referrer-Policy': 'same-origin',
  });
  await next();
};

function show(ctx: Context, page: string, status = 200): void {
  ctx.status = status;
  ctx.type = 'html';
  ctx.body = page;
}

const publicDir = join(import.meta.dirname, 'public');

async function sendPublic(ctx: Context, file: string): Promise<void> {
  const kind = /^[a-z-]+\.(js|css|svg)$/.exec(file)?.[1];
  const bytes = kind === undefined ? undefined : await readFile(join(publicDir, file)).catch(() => undefined);
  if (kind === undefined || bytes === undefined) throw new HttpProblem(404, 'not_found');
  ctx.type = kind;
  ctx.body = bytes;
}
