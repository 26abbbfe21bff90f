import type { Context, Middleware } from 'koa';
import type { Env } from '#shared/config/env.ts';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import { splitWebhook } from '#shared/integrations/whatsapp/payload.ts';
import type { WebhookParts } from '#shared/integrations/whatsapp/payload.ts';
import { verifyWhatsAppSignature } from '#shared/integrations/whatsapp/signature.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import { isSameSecret } from '#shared/observability/same-secret.ts';
import type { EnqueueAll, JobEntry } from '#shared/queues/enqueue.ts';
import { HttpProblem, unavailable } from '../problem.ts';

export type WhatsAppWebhookDeps = {
  env: Pick<Env, 'whatsapp'>;
  metrics: Pick<Metrics, 'webhooksReceived'>;
  enqueueAll: EnqueueAll;
};

/** Meta's handshake: the challenge as plain text for whoever knows the verify token, 403 otherwise. */
export function whatsappHandshake({ env }: Pick<WhatsAppWebhookDeps, 'env'>): Middleware {
  return (ctx) => {
    const { 'hub.mode': mode, 'hub.verify_token': token, 'hub.challenge': challenge } = ctx.query;
    const isRight = isSameSecret(String(token), env.whatsapp.verifyToken) && env.whatsapp.verifyToken !== '';
    if (mode !== 'subscribe' || !isRight || typeof challenge !== 'string') throw new HttpProblem(403, 'forbidden');
    ctx.type = 'text/plain';
    ctx.body = challenge;
  };
}

/**
 * Takes a webhook: signature over the raw bytes first, then every message, status, entry and change becomes a job, and 200 goes
 * out only after the queue has answered. No database. Outcomes: 403 bad signature; 200 signed but not JSON (it would come again
 * for a week); 503 queue refused or late (WhatsApp sends again); else 200. Each POST is counted once by its outcome, and each
 * element that led to nothing once more by its reason.
 */
export function whatsappWebhook({
  env,
  metrics,
  enqueueAll,
}: WhatsAppWebhookDeps): (ctx: Context, raw: Buffer) => Promise<void> {
  const count = (outcome: string): void => metrics.webhooksReceived.inc({ provider: 'whatsapp', outcome });
  return async (ctx, raw) => {
    const signature = ctx.req.headers['x-hub-signature-256'];
    if (!verifyWhatsAppSignature(raw, signature?.toString(), env.whatsapp.appSecrets).valid) {
      count('bad_signature');
      throw new HttpProblem(403, 'bad_signature');
    }
    const body = parseJson(raw);
    if (body === undefined) return count('not_json');
    const parts = splitWebhook(body, env.whatsapp.phoneNumberId);
    for (const { reason } of parts.ignored) count(`ignored_${reason}`);
    const entries = toEntries(parts);
    try {
      await enqueueAll(entries);
    } catch (error) {
      count('queue_unavailable');
      throw Object.assign(unavailable('queue_unavailable'), { cause: error });
    }
    if (entries.length === 0) return count('ignored');
    count('accepted');
    ctx.state.isRoutine = true; // nginx has logged it by its correlation id, and so will the job
  };
}

function toEntries({ messages, statuses }: WebhookParts): JobEntry[] {
  return [
    ...messages.map((payload, index) => toMessageEntry(payload, messages.slice(0, index))),
    ...statuses.map((payload): JobEntry => ({ name: 'record-delivery', payload })),
  ];
}

/** Voice notes of a group are not heard: nothing in a group is answered. */
function isVoiceNote({ type, media, groupId }: InboundMessage): boolean {
  return type === 'audio' && media !== undefined && groupId === undefined;
}

/** What comes in one POST behind a voice note of the same guest starts a moment later, so that it finds the note recorded. */
const behindNoteMs = 500;

function toMessageEntry(payload: InboundMessage, before: readonly InboundMessage[]): JobEntry {
  if (isVoiceNote(payload)) return { name: 'transcribe-audio', payload };
  const isBehindNote = before.some((other) => isVoiceNote(other) && isSameGuest(other.contact, payload.contact));
  return { name: 'reply-to-message', payload, ...(isBehindNote ? { delayMs: behindNoteMs } : {}) };
}

function isSameGuest(one: InboundMessage['contact'], other: InboundMessage['contact']): boolean {
  const isSame = (key: 'waId' | 'phone' | 'bsuid'): boolean => one[key] !== undefined && one[key] === other[key];
  return isSame('waId') || isSame('phone') || isSame('bsuid');
}

/** Undefined for bytes that are no JSON: JSON itself has no undefined. */
function parseJson(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
}
