import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { Context, Middleware } from 'koa';
import type { Env } from '#shared/config/env.ts';
import { toCalendarDate } from '#shared/domain/stay.ts';
import { createPlatformsSimulator } from '#shared/integrations/icalendar/simulator.ts';
import { createMercadoPagoSimulator } from '#shared/integrations/mercadopago/simulator.ts';
import type { MercadoPagoSimulator } from '#shared/integrations/mercadopago/simulator.ts';
import { createSpeechSimulator } from '#shared/integrations/openai/simulator.ts';
import { createWhatsAppSimulator } from '#shared/integrations/whatsapp/simulator.ts';
import type { WhatsAppSimulator } from '#shared/integrations/whatsapp/simulator.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Desk } from '../desk.ts';
import { createCalendarPlay, toListing } from './calendars.ts';
import { createStateStreams } from './event-stream.ts';
import { createGuestBook } from './guest-book.ts';
import { createSandboxRouter } from './routes.ts';

export type SandboxDeps = {
  env: Pick<
    Env,
    | 'isProduction'
    | 'isSandbox'
    | 'port'
    | 'publicUrl'
    | 'dataDir'
    | 'timezone'
    | 'whatsapp'
    | 'mercadopago'
    | 'openai'
    | 'sandboxFeedsUrl'
  >;
  log: Logger;
  /** Whose phone number it is, asked at each view of the chat page. Default "Posada", also when it fails. */
  lodgingName?: () => Promise<string>;
  /** The real calendars that the page of the platforms plays with; without it there is no such page. */
  desk?: Pick<Desk, 'inTransaction' | 'calendars' | 'database'>;
};

/** The newcomer's world. `middleware` serves all of `/sandbox` and lets the rest pass: one of `extraRoutes` of the app. */
export type Sandbox = {
  middleware: Middleware;
  whatsapp: WhatsAppSimulator;
  mercadopago: MercadoPagoSimulator;
  /** Ends the event streams and writes the state; to be called when the server begins to close, which waits for streams. */
  close(): Promise<void>;
};

/**
 * The vendors' simulators under `/sandbox/whatsapp`, `/sandbox/mercadopago`, `/sandbox/platforms` and `/sandbox/openai` (unless speech is real), and the pages to play with them. What they
 * know lives under `<dataDir>/sandbox`. Webhooks go to this server on loopback; with port 0 it is learned from the first
 * request. Throws in production and where the sandbox is off.
 */
export function createSandbox({ env, log, lodgingName, desk }: SandboxDeps): Sandbox {
  if (env.isProduction || !env.isSandbox) throw new Error('The sandbox is off here, and never on in production');
  const dir = join(env.dataDir, 'sandbox');
  let port = env.port;
  const publicUrl = (): string => (env.port === 0 ? `http://127.0.0.1:${port}` : env.publicUrl);

  const whatsapp = createWhatsAppSimulator({
    appSecret: env.whatsapp.appSecrets[0] ?? '',
    phoneNumberId: env.whatsapp.phoneNumberId,
    accessToken: env.whatsapp.accessToken,
    prefix: '/sandbox/whatsapp',
    stateFile: join(dir, 'whatsapp.json'),
    statusDelayMs: 120,
    // The database may remember what a deleted state file does not.
    randomIds: true,
    ...(port === 0 ? {} : { webhookUrl: webhookUrl(port) }),
  });
  const mercadopago = createMercadoPagoSimulator({
    accessToken: env.mercadopago.accessToken,
    webhookSecret: env.mercadopago.webhookSecret,
    prefix: '/sandbox/mercadopago',
    stateFile: join(dir, 'mercadopago.json'),
    checkoutUrl: (id) => `${publicUrl()}/sandbox/checkout/${id}`,
    randomIds: true,
  });
  const speech = env.openai.isSimulated ? createSpeechSimulator({ prefix: '/sandbox/openai' }) : undefined;
  const platforms = createPlatformsSimulator({
    platforms: [],
    restore: toListing,
    prefix: '/sandbox/platforms',
    stateFile: join(dir, 'platforms.json'),
    today: () => toCalendarDate(new Date(), env.timezone),
  });
  const guests = createGuestBook(join(dir, 'guests.json'));
  const streams = createStateStreams();
  const stopListening = whatsapp.onChange(() => streams.touch());

  const feedsUrl = env.sandboxFeedsUrl;
  const router = createSandboxRouter({
    whatsapp,
    mercadopago,
    guests,
    streams,
    log,
    timeZone: env.timezone,
    isSpeechSimulated: speech !== undefined,
    recordingsDir: join(dir, 'recordings'),
    publicUrl,
    calendars: desk && feedsUrl !== undefined ? createCalendarPlay({ platforms, desk, feedsUrl }) : undefined,
    lodgingName: async () => (await lodgingName?.().catch(() => undefined)) ?? 'Posada',
  });
  const pages = router.routes() as unknown as Middleware;
  const allowed = router.allowedMethods() as unknown as Middleware;

  function learnPort(ctx: Context): void {
    if (port !== 0) return;
    port = ctx.req.socket.localPort ?? 0;
    whatsapp.setWebhookUrl(webhookUrl(port));
  }

  return {
    async middleware(ctx, next) {
      if (!isUnder(ctx.path, '/sandbox')) return next();
      learnPort(ctx);
      if (isUnder(ctx.path, '/sandbox/whatsapp')) return passOn(ctx, '/sandbox/whatsapp', whatsapp.handler);
      if (isUnder(ctx.path, '/sandbox/mercadopago')) return passOn(ctx, '/sandbox/mercadopago', mercadopago.handler);
      if (isUnder(ctx.path, '/sandbox/platforms')) return passOn(ctx, '/sandbox/platforms', platforms.handler);
      if (speech && isUnder(ctx.path, '/sandbox/openai')) return passOn(ctx, '/sandbox/openai', speech.handler);
      return pages(ctx, () => allowed(ctx, next) as Promise<void>);
    },
    whatsapp,
    mercadopago,
    async close() {
      stopListening();
      streams.close();
      guests.close();
      await Promise.all([whatsapp.close(), mercadopago.close(), platforms.close()]);
    },
  };
}

function webhookUrl(port: number): string {
  return `http://127.0.0.1:${port}/webhooks/whatsapp`;
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** Gives the request to a handler of node:http, and waits for the end so that the log line tells what came of it. */
async function passOn(ctx: Context, route: string, handler: RequestListener): Promise<void> {
  ctx._matchedRoute = route;
  ctx.respond = false;
  ctx.res.statusCode = 200;
  const ended = once(ctx.res, 'close');
  handler(ctx.req, ctx.res);
  await ended;
}
