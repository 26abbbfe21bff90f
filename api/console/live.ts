import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { readLiveVersion } from '#shared/db/stores/console-frame.ts';
import type { Database } from '#shared/db/data-source.ts';
import type { Answer, ConsoleRequest } from './route.ts';

/** Streams that tell pages when to look again. */
export type Live = { open(request: ConsoleRequest): Promise<Answer> };

type Listener = { response: ServerResponse; chat: string | null; told: string; endsAt: number };

/** How often the tables are asked while somebody listens; every process writes there, so the tables are what to ask. */
const lookMs = 1_000;
/** Keeps proxies from cutting a silent stream. */
const beatMs = 15_000;
const mostListeners = 200;

/**
 * Server-sent events for the pages that are open: one look at the database per second for all of them (per chat that is open),
 * none while nobody listens. A stream ends with its session and with the process; the browser comes again and logs in if it must.
 */
export function createLive(closing?: AbortSignal): Live {
  const listeners = new Set<Listener>();
  let timer: NodeJS.Timeout | undefined;
  let beatAt = 0;
  closing?.addEventListener('abort', () => {
    for (const { response } of listeners) response.end();
  });

  async function look(database: Database): Promise<void> {
    const chats = new Set(Array.from(listeners, ({ chat }) => chat));
    const versions = new Map<string | null, string>();
    for (const chat of chats) versions.set(chat, digest(await readLiveVersion(database, chat)));
    const isBeat = Date.now() - beatAt > beatMs;
    if (isBeat) beatAt = Date.now();
    for (const listener of listeners) {
      const version = versions.get(listener.chat);
      if (Date.now() > listener.endsAt) listener.response.end();
      else if (version !== undefined && version !== listener.told) tell(listener, version);
      else if (isBeat) listener.response.write(': \n\n');
    }
  }

  function lookAgain(database: Database): void {
    timer ??= setTimeout(() => {
      void look(database)
        .catch(() => {}) // the database is away: the next look tells what changed meanwhile
        .finally(() => {
          timer = undefined;
          if (listeners.size > 0) lookAgain(database);
        });
    }, lookMs).unref();
  }

  return {
    async open({ ctx, desk, session, query }) {
      const { res } = ctx;
      const asked = query['chat'] ?? '';
      const chat = /^\d{1,18}$/.test(asked) ? asked : null;
      if (closing?.aborted || listeners.size >= mostListeners) {
        ctx.status = 503;
        return undefined;
      }
      const version = digest(await readLiveVersion(desk.database, chat));
      ctx.respond = false;
      res.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
      res.write('retry: 2000\n\n');
      const listener: Listener = { response: res, chat, told: '', endsAt: session.endsAt.getTime() };
      tell(listener, version);
      listeners.add(listener);
      res.on('close', () => listeners.delete(listener));
      lookAgain(desk.database);
      return undefined;
    },
  };
}

function tell(listener: Listener, version: string): void {
  listener.told = version;
  listener.response.write(`event: version\ndata: ${version}\n\n`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
