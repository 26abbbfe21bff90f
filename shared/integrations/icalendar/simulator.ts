import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { createSimulatedServer, type Listening } from '../simulator-kit/http.ts';
import { createStateFile, loadState } from '../simulator-kit/state-file.ts';
import { createPlatform, type Platform, type PlatformOptions, type PlatformState } from './platform.ts';

/** How a platform's feed misbehaves until told otherwise. */
export type FeedFault =
  | { type: 'status'; status: number; retryAfterS?: number }
  | { type: 'html' }
  | { type: 'empty' }
  /** A whole calendar without an event. */
  | { type: 'no_events' }
  /** Cut in the middle of the last event. */
  | { type: 'half' }
  | { type: 'redirect'; to: string }
  | { type: 'redirect_loop' }
  /** Answers after so long. */
  | { type: 'slow'; ms: number }
  /** Sends a line now and then, for ever. */
  | { type: 'endless' }
  /** A few kB that unpack to far more than anybody may want. */
  | { type: 'gzip_bomb' }
  | { type: 'hang_up' };

export type PlatformsOptions = {
  platforms: readonly PlatformOptions[];
  /** What a platform of the state file is that `platforms` does not name; undefined drops it. Default: all are dropped. */
  restore?: (name: string) => PlatformOptions | undefined;
  /** Where the handler is mounted; taken off the path. */
  prefix?: string;
  /** Keeps bookings and imports over a restart. */
  stateFile?: string;
  /** The lodging's today, `YYYY-MM-DD`. */
  today?: () => string;
};

/** Platforms that sell the same unit, behind HTTP. */
export type PlatformsSimulator = ReturnType<typeof createPlatformsSimulator>;

/**
 * N platforms with a feed each at `/<name>.ics` (ETag, 304, Last-Modified). They poll nobody by themselves: `poll` is called at
 * each one's own pace by whoever plays the time. Faults are per platform and stay until they are taken back.
 */
export function createPlatformsSimulator(options: PlatformsOptions) {
  const { prefix = '', today = () => new Date().toISOString().slice(0, 10) } = options;
  const kept = loadState(options.stateFile) as Record<string, PlatformState> | undefined;
  const platforms = new Map<string, Platform>();
  for (const one of options.platforms) add(one);
  for (const name of Object.keys(kept ?? {})) {
    const restored = platforms.has(name) ? undefined : options.restore?.(name);
    if (restored) add(restored);
  }
  const file = createStateFile(options.stateFile, () =>
    Object.fromEntries([...platforms].map(([name, { state }]) => [name, state])),
  );
  const faults = new Map<string, FeedFault>();
  const served = new Map<string, { asked: number; notModified: number }>();
  let base = '';

  const handler: RequestListener = (request, response) => {
    const path = new URL(request.url ?? '/', 'http://platform').pathname.slice(prefix.length);
    const name = /^\/([\w-]+)\.ics$/.exec(path)?.[1] ?? '';
    const platform = platforms.get(name);
    if (!platform) return void response.writeHead(404).end();
    const count = served.get(name) ?? { asked: 0, notModified: 0 };
    served.set(name, count);
    count.asked += 1;
    const text = platform.export(today());
    const fault = faults.get(name);
    if (fault) return misbehave(fault, text, request, response);
    if (sendCalendar(text, request, response) === 304) count.notModified += 1;
  };
  const server = createSimulatedServer(handler);

  /** One more, with what the state file has of it; the same name again is the same platform. */
  function add(one: PlatformOptions): Platform {
    const platform = platforms.get(one.name) ?? createPlatform({ seed: platforms.size + 1, ...one }, kept?.[one.name]);
    platforms.set(one.name, platform);
    return platform;
  }

  function get(name: string): Platform {
    const platform = platforms.get(name);
    if (!platform) throw new Error(`no platform ${name}`);
    return platform;
  }

  return {
    handler,
    platforms,
    add,
    get,
    /** To be called after a change through `get`, so that the state file has it. */
    save: () => file.save(),
    setFault(name: string, fault: FeedFault | null): void {
      if (fault) faults.set(name, fault);
      else faults.delete(name);
    },
    /** How often a feed was asked for, and how often the answer was 304. */
    served: (name: string) => served.get(name) ?? { asked: 0, notModified: 0 },
    feedUrl: (name: string) => `${base}${prefix}/${name}.ics`,
    /** The platform fetches a calendar and takes it over for what `source` said before; false when it could not. */
    async poll(name: string, url: string, source = new URL(url).pathname): Promise<boolean> {
      try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
        if (answer.status !== 200) return false;
        get(name).import(source, await answer.text());
        file.save();
        return true;
      } catch {
        return false;
      }
    },
    async listen(port?: number): Promise<Listening> {
      const listening = await server.listen(port);
      base = listening.url;
      return listening;
    },
    async close(): Promise<void> {
      file.flush();
      await server.close();
    },
  };
}

function sendCalendar(text: string, request: IncomingMessage, response: ServerResponse): 200 | 304 {
  const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"`;
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return 304;
  }
  response.writeHead(200, { 'content-type': 'text/calendar; charset=utf-8', etag }).end(text);
  return 200;
}

const bombBytes = 15_000_000;
let bomb: Buffer | undefined;

function misbehave(fault: FeedFault, text: string, request: IncomingMessage, response: ServerResponse): void {
  const ics = { 'content-type': 'text/calendar' };
  switch (fault.type) {
    case 'status':
      response
        .writeHead(fault.status, fault.retryAfterS === undefined ? {} : { 'retry-after': String(fault.retryAfterS) })
        .end();
      return;
    case 'html':
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!DOCTYPE html><html><body>Please sign in</body></html>');
      return;
    case 'empty':
      response.writeHead(200, ics).end();
      return;
    case 'no_events':
      response.writeHead(200, ics).end('BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n');
      return;
    case 'half':
      response.writeHead(200, ics).end(text.slice(0, Math.max(30, text.lastIndexOf('DTSTART'))));
      return;
    case 'redirect':
      response.writeHead(302, { location: fault.to }).end();
      return;
    case 'redirect_loop':
      response.writeHead(301, { location: request.url ?? '/' }).end();
      return;
    case 'slow': {
      const timer = setTimeout(() => void sendCalendar(text, request, response), fault.ms);
      response.on('close', () => clearTimeout(timer));
      return;
    }
    case 'endless': {
      response.writeHead(200, ics).write('BEGIN:VCALENDAR\r\n');
      const timer = setInterval(() => response.write('X-WAIT:a little more\r\n'), 50);
      response.on('close', () => clearInterval(timer));
      return;
    }
    case 'gzip_bomb':
      bomb ??= gzipSync(Buffer.alloc(bombBytes, 'BEGIN:VEVENT\r\n'), { level: 6 });
      response.writeHead(200, { ...ics, 'content-encoding': 'gzip' }).end(bomb);
      return;
    case 'hang_up':
      response.destroy();
      return;
  }
}
