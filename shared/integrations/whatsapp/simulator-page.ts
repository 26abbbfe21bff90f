import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { parseJson } from '../simulator-kit/http.ts';
import type { createEventStreams, SimulatedAnswer, SimulatedRequest } from '../simulator-kit/http.ts';
import type { WhatsAppSimulator } from './simulator.ts';
import type { GuestContent } from './simulator-state.ts';

const guest = z.object({
  phone: z
    .string()
    .regex(/^\d{6,15}$/)
    .optional(),
  bsuid: z.string().min(3).optional(),
  name: z.string().min(1).max(80).optional(),
});
const mediaType = z.enum(['audio', 'image', 'video', 'document', 'sticker']);
const content = z.union([
  z.strictObject({ text: z.string().min(1).max(4096), replyTo: z.string().optional() }),
  z.strictObject({ tap: z.string().min(1), on: z.string().optional() }),
  z.strictObject({
    media: z.object({
      id: z.string(),
      type: mediaType,
      voice: z.boolean().optional(),
      caption: z.string().optional(),
    }),
  }),
  z.strictObject({
    location: z.object({
      latitude: z.number(),
      longitude: z.number(),
      name: z.string().optional(),
      address: z.string().optional(),
    }),
  }),
  z.strictObject({ reaction: z.object({ messageId: z.string(), emoji: z.string().optional() }) }),
  z.strictObject({ raw: z.record(z.string(), z.unknown()) }),
]);
const written = z.object({ guest, contents: z.array(content).min(1).max(20) });
const echoed = z.object({ guest, text: z.string().min(1) });

/** The object without its undefined fields, which `exactOptionalPropertyTypes` would not let through. */
function without<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return JSON.parse(JSON.stringify(value)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

const misuse: SimulatedAnswer = { status: 400, body: { error: 'misuse' } };

/**
 * The chat page's JSON, for the sandbox and for tests in other processes; no login, so never in production:
 * `GET /guest/chats`, `GET /guest/chats/:key`, `DELETE /guest/chats/:key`, `GET /guest/sent`, `GET /guest/events`
 * (server-sent), `POST /guest/messages` `{guest, contents: [{text} | {tap} | …]}`, `POST /guest/echo` `{guest, text}`,
 * `POST /guest/raw` (any webhook body), `POST /guest/media` (the bytes, their type in content-type) → `{id}`.
 * Posts must be JSON (media excepted), so that no other site's form can make them.
 */
export async function answerGuestPage(
  request: SimulatedRequest,
  response: ServerResponse,
  { simulator, streams }: { simulator: WhatsAppSimulator; streams: ReturnType<typeof createEventStreams> },
): Promise<SimulatedAnswer | undefined> {
  const [, , noun = '', key] = request.path.split('/').map((part) => decodeURIComponent(part));
  const type = request.headers['content-type'] ?? '';

  if (request.method === 'GET' && noun === 'events') {
    streams.open(response);
    return undefined;
  }
  if (request.method === 'GET' && noun === 'sent') return { status: 200, body: simulator.sent() };
  if (request.method === 'GET' && noun === 'chats') {
    const chats = simulator.chats();
    if (key === undefined) return { status: 200, body: chats };
    const chat = chats.find((each) => each.key === key);
    return chat === undefined ? { status: 404, body: { error: 'not_found' } } : { status: 200, body: chat };
  }
  if (request.method === 'DELETE' && noun === 'chats' && key !== undefined) {
    simulator.forget(key);
    return { status: 200, body: {} };
  }
  if (request.method !== 'POST') return { status: 404, body: { error: 'not_found' } };
  if (noun === 'media') {
    if (!/^(audio|image|video|application)\//.test(type) || type.startsWith('application/x-www')) return misuse;
    return { status: 200, body: { id: simulator.addMedia(request.body, type) } };
  }
  if (!type.startsWith('application/json')) return { status: 415, body: { error: 'json_only' } };
  const body = parseJson(request.body);
  try {
    if (noun === 'messages') {
      const asked = written.safeParse(body);
      if (!asked.success) return misuse;
      const contents = asked.data.contents.map((each) => without(each) as GuestContent);
      return { status: 200, body: { ids: await simulator.write(without(asked.data.guest), ...contents) } };
    }
    if (noun === 'echo') {
      const asked = echoed.safeParse(body);
      if (!asked.success) return misuse;
      return { status: 200, body: { id: await simulator.echo(without(asked.data.guest), asked.data.text) } };
    }
    if (noun === 'raw') return { status: 200, body: { statuses: await simulator.post(body) } };
  } catch (error) {
    return { status: 409, body: { error: error instanceof Error ? error.message : 'failed' } };
  }
  return { status: 404, body: { error: 'not_found' } };
}
