import { z } from 'zod';
import { classifyWhatsAppCode, WhatsAppError } from './errors.ts';
import { fitLimits } from './fit-limits.ts';
import { createGraphCall, type GraphAnswer, type GraphCall } from './graph-call.ts';
import type { OutboundMessage } from '#shared/domain/conversations/message.ts';

/** Whom to send to: a phone as received (`to`) or a business-scoped user id (`recipient`); with both, Meta takes `to`. */
export type Recipient = { to?: string; recipient?: string };

/** What WhatsApp answered: its id, and the recipient's identities where it named them. */
export type SendResult = { providerMessageId: string; waId?: string; bsuid?: string };

/** The one door through which we write to guests. Every call throws `WhatsAppError` and nothing else. */
export type WhatsAppClient = {
  /** Sends one message, cut to the limits. `opaqueId` (our message id) comes back in each of its statuses. */
  send(
    message: OutboundMessage,
    to: Recipient,
    options: { opaqueId: string; signal?: AbortSignal },
  ): Promise<SendResult>;
  /** Does the Graph API answer at all, be it with a refusal? Asked with a harmless call before a send is repeated. */
  isAnswering(signal?: AbortSignal): Promise<boolean>;
  /** Marks the guest's message as read; `typing` shows "writing…" until our answer or 25 s. */
  markRead(providerMessageId: string, options: { typing: boolean }, signal?: AbortSignal): Promise<void>;
};

/** Settings of the client; `timeoutMs` covers the whole call and defaults to 8,000. */
export type WhatsAppClientSettings = {
  /** With the version, such as `https://graph.facebook.com/v26.0`. */
  apiUrl: string;
  accessToken: string;
  phoneNumberId: string;
  call?: GraphCall;
  timeoutMs?: number;
};

type Json = Record<string, unknown>;

function text(words: string | undefined): Json | undefined {
  return words === undefined ? undefined : { type: 'text', text: words };
}

function interactive(message: Extract<OutboundMessage, { kind: 'buttons' | 'list' }>): Json {
  const header = text(message.header);
  const action =
    message.kind === 'buttons'
      ? { buttons: message.buttons.map((reply) => ({ type: 'reply', reply })) }
      : { button: message.button, sections: message.sections };
  return {
    type: message.kind === 'buttons' ? 'button' : 'list',
    ...(header === undefined ? {} : { header }),
    body: { text: message.body },
    ...(message.footer === undefined ? {} : { footer: { text: message.footer } }),
    action,
  };
}

function template(message: Extract<OutboundMessage, { kind: 'template' }>): Json {
  const body = message.bodyParameters.map((words) => ({ type: 'text', text: words }));
  const buttons = (message.buttons ?? []).map(({ payload }, index) => ({
    type: 'button',
    sub_type: 'quick_reply',
    index: String(index),
    parameters: [{ type: 'payload', payload }],
  }));
  return {
    name: message.name,
    language: { code: message.language },
    components: [...(body.length > 0 ? [{ type: 'body', parameters: body }] : []), ...buttons],
  };
}

/** The Graph API's `type` and the object of that name. */
function toGraph(message: OutboundMessage): Json {
  switch (message.kind) {
    case 'text':
      return { type: 'text', text: { body: message.body, preview_url: message.previewUrl ?? false } };
    case 'buttons':
    case 'list':
      return { type: 'interactive', interactive: interactive(message) };
    case 'image': {
      const { link, caption } = message;
      return { type: 'image', image: caption === undefined ? { link } : { link, caption } };
    }
    case 'template':
      return { type: 'template', template: template(message) };
  }
}

const graphError = z.object({
  error: z.looseObject({
    code: z.coerce.number().int(),
    is_transient: z.boolean().optional().catch(undefined),
    fbtrace_id: z.string().optional().catch(undefined),
  }),
});
const accepted = z.looseObject({
  messages: z.tuple([z.looseObject({ id: z.string().min(1) })], z.unknown()),
  contacts: z
    .array(z.looseObject({ wa_id: z.string().optional(), user_id: z.string().optional() }))
    .optional()
    .catch(undefined),
});

/** Failures before the request left this machine: certainly not sent. */
const neverLeft: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** The system's error code (`ECONNREFUSED`, …) somewhere in the chain of causes. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  return codeOf(error.cause ?? (error instanceof AggregateError ? (error.errors[0] as unknown) : undefined));
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted ?? false;
}

/** `Retry-After` in milliseconds: seconds or an HTTP date. */
function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

function refusal({ status, retryAfter }: GraphAnswer, body: unknown): WhatsAppError {
  const wait = retryAfterMs(retryAfter);
  const about = { status, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  const parsed = graphError.safeParse(body);
  if (!parsed.success) {
    // A gateway's page: the request may have passed through before the gateway gave up.
    return new WhatsAppError(status >= 500 ? 'ambiguous' : classifyWhatsAppCode(undefined, status), about);
  }
  const { code, is_transient: isTransient, fbtrace_id: traceId } = parsed.data.error;
  const kind = classifyWhatsAppCode(code, status);
  return new WhatsAppError(kind === 'invalid' && isTransient === true ? 'temporary' : kind, {
    ...about,
    code,
    ...(traceId === undefined ? {} : { traceId }),
  });
}

/**
 * A client of the Graph API's `/{phone number id}/messages`. It never retries: BullMQ and the rows do. Network errors,
 * time-outs and 5xx without a Graph error are `ambiguous`, because the message may have been sent; a refused connection
 * or an unknown host is `temporary`, because nothing left.
 */
export function createWhatsAppClient(settings: WhatsAppClientSettings): WhatsAppClient {
  const { accessToken, timeoutMs = 8000 } = settings;
  const call = settings.call ?? createGraphCall();
  const url = `${settings.apiUrl.replace(/\/+$/, '')}/${settings.phoneNumberId}/messages`;

  async function post(body: Json, signal: AbortSignal | undefined): Promise<unknown> {
    if (isAborted(signal)) throw new WhatsAppError('temporary', { detail: 'aborted before it was sent' });
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const response = await call(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      });
      if (response.status >= 300 && response.status < 400) throw new Error('a redirect');
      const answer = parseJson(response.text);
      if (response.status >= 400) throw refusal(response, answer);
      return answer;
    } catch (error) {
      if (error instanceof WhatsAppError) throw error;
      const code = codeOf(error);
      if (code !== undefined && neverLeft.has(code)) throw new WhatsAppError('temporary', { detail: code });
      const detail = limit.aborted ? 'timed out' : isAborted(signal) ? 'aborted' : (code ?? 'network error');
      throw new WhatsAppError('ambiguous', { detail });
    }
  }

  return {
    async send(message, { to, recipient }, { opaqueId, signal }) {
      if ((to ?? '') === '' && (recipient ?? '') === '') throw new WhatsAppError('invalid', { detail: 'no recipient' });
      const answer = await post(
        {
          messaging_product: 'whatsapp',
          recipient_type: 'individual',
          ...(to === undefined ? {} : { to }),
          ...(recipient === undefined ? {} : { recipient }),
          ...toGraph(fitLimits(message)),
          biz_opaque_callback_data: opaqueId,
        },
        signal,
      );
      const parsed = accepted.safeParse(answer);
      if (!parsed.success) throw new WhatsAppError('ambiguous', { detail: 'an answer without a message id' });
      const contact = parsed.data.contacts?.[0];
      return {
        providerMessageId: parsed.data.messages[0].id,
        ...(contact?.wa_id === undefined ? {} : { waId: contact.wa_id }),
        ...(contact?.user_id === undefined ? {} : { bsuid: contact.user_id }),
      };
    },

    async isAnswering(signal) {
      try {
        const { status } = await call(`${settings.apiUrl.replace(/\/+$/, '')}/${settings.phoneNumberId}?fields=id`, {
          method: 'GET',
          headers: { authorization: `Bearer ${accessToken}` },
          signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
        });
        return status < 500;
      } catch {
        return false;
      }
    },

    async markRead(providerMessageId, { typing }, signal) {
      await post(
        {
          messaging_product: 'whatsapp',
          status: 'read',
          message_id: providerMessageId,
          ...(typing ? { typing_indicator: { type: 'text' } } : {}),
        },
        signal,
      );
    },
  };
}

function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return undefined;
  }
}
