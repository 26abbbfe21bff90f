import { createHash } from 'node:crypto';

const censor = '[redacted]';
const maxDepth = 8;

/** Keys whose values are a person's or a secret, however deep they stand (compared without case, `_` and `-`). */
const personalKeys = new Set(
  `phone phonenumber msisdn whatsapp ownerwhatsapp waid wa bsuid userid parentuserid recipient recipientid recipientuserid from to
   name firstname lastname fullname guestname username displayname formattedname profile profilename contactname pushname payer holder
   email mail text body caption title description content transcript words reply answer question comment note notes message
   utterance raw payload rawbody html address street ip latitude longitude location dni document identification birthday
   url uri link href initpoint sandboxinitpoint mapurl callbackurl query search
   detail parameters bindings internalquery where
   password passwordhash hash salt authorization cookie setcookie signature xsignature xhubsignature256 appsecret secret secrets
   token accesstoken refreshtoken apikey jwt key credentials connectionstring databaseurl redisurl`
    .split(/\s+/)
    .filter(Boolean),
);
const personalEndings = /(phone|email|secret|token|password|apikey|url|text)$/;

/** A copy fit for a log: personal and secret keys censored at any depth, and what gives people away inside texts scrubbed. */
export function redact(value: unknown): unknown {
  return redactValue(value, 0, new Set());
}

function redactValue(value: unknown, depth: number, seen: Set<object>): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? '[function]' : value;
  if (value instanceof Date) return value.toJSON();
  if (seen.has(value) || depth > maxDepth) return '[…]';
  seen.add(value);
  try {
    if (value instanceof Error) return redactError(value, depth, seen);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1, seen));
    const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
    return redactEntries(entries, depth, seen);
  } finally {
    seen.delete(value);
  }
}

function redactEntries(entries: [unknown, unknown][], depth: number, seen: Set<object>): Record<string, unknown> {
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const { shown, isPersonal, isPaymentId } = judgeKey(String(key));
      if (isPersonal && value != null && typeof value !== 'boolean') return [shown, censor];
      return [shown, isPaymentId && isPaymentNumber(value) ? value : redactValue(value, depth + 1, seen)];
    }),
  );
}

/** How a key is shown and what is done with its value. */
type KeyVerdict = { shown: string; isPersonal: boolean; isPaymentId: boolean };

/** The keys of log lines are few and come again with each; what a stranger's object brings must not fill the memory. */
const verdicts = new Map<string, KeyVerdict>();
const mostVerdicts = 1_000;

function judgeKey(key: string): KeyVerdict {
  const known = verdicts.get(key);
  if (known) return known;
  const isPaymentId = /^(provider)?paymentId$/i.test(key);
  const verdict = { shown: scrubText(key), isPersonal: isPersonalKey(key), isPaymentId };
  if (verdicts.size < mostVerdicts && key.length <= 64) verdicts.set(key, verdict);
  return verdict;
}

/** A payment of Mercado Pago has as many digits as a phone; it is what support is asked about, so it is kept. */
function isPaymentNumber(value: unknown): boolean {
  return typeof value === 'string' && /^\d{1,20}$/.test(value);
}

/** What an error may tell beside its message; libraries hang rows, requests and answers on their errors. */
const errorFields = new Set(
  `code status statusCode kind reason errno syscall severity table column constraint schema routine data problems attempts
   retryAfterMs providerCode providerSubcode isAmbiguous errors`.split(/\s+/),
);

/** An error as a log shows it: type, scrubbed message, place, causes and those of its fields that are never a person's. */
function redactError(error: Error, depth: number, seen: Set<object>): Record<string, unknown> {
  const { message, stack, cause, name, ...fields } = error as Error & Record<string, unknown>;
  return {
    type: name ?? error.name,
    message: scrubErrorMessage(String(message ?? error.message)),
    stack: stackFrames(String(stack ?? error.stack ?? '')),
    ...(cause === undefined ? {} : { cause: redactValue(cause, depth + 1, seen) }),
    ...redactEntries(
      Object.entries(fields).filter(([key]) => errorFields.has(key)),
      depth,
      seen,
    ),
  };
}

function isPersonalKey(key: string): boolean {
  const plain = key.toLowerCase().replaceAll(/[_-]/g, '');
  return personalKeys.has(plain) || personalEndings.test(plain);
}

/** Without any of these a text has nothing to scrub: most have none, and each line of a log asks of several. */
const mayTell = /[@:\d]|wamid|bearer|basic/i;

/** What tells of people, and what is put there; what has not the sign is not searched, which costs more than all else of a line. */
const tellings: readonly (readonly [sign: string, pattern: RegExp, put: string | ((found: string) => string)])[] = [
  ['wamid.', /wamid\.[\w+/=-]+/g, hashMessageId],
  ['@', /\b(\w+:\/\/)[^\s/@]+@/g, '$1…@'],
  ['://', /(https?:\/\/[^\s?#"')]+)[?#][^\s"')]*/g, '$1?…'],
  ['@', /[\w.+-]+@[\w-]+(\.[\w-]+)+/g, '[email]'],
  ['+', /\+\d[\d ()-]{6,}\d/g, '[number]'],
  ['', /(?<![\w-])\d{12,}(?![\w-])/g, '[number]'],
  ['', /\b(bearer|basic)\s+[\w.+/=-]{8,}/gi, '$1 …'],
];

/**
 * Free text without addresses of people: e-mails, phone-like digits (12 or more, or 8 and more after a `+`), the credentials and
 * queries of URLs, bearer tokens; a WhatsApp message id, which holds the phone in base64, becomes a short hash of itself.
 */
export function scrubText(text: string): string {
  if (!mayTell.test(text)) return text;
  let scrubbed = text;
  for (const [sign, pattern, put] of tellings)
    if (scrubbed.includes(sign)) scrubbed = scrubbed.replaceAll(pattern, put as string);
  return scrubbed;
}

/** Twelve digits that stand for a provider's message id wherever the id itself may not be shown. */
export function hashMessageId(id: string): string {
  return `wamid#${createHash('sha256').update(id).digest('hex').slice(0, 12)}`;
}

/**
 * The message of an error, scrubbed; parsers, drivers and JSON quote the value that they could not use, so what is quoted is
 * masked too, unless it is an identifier that follows no colon (a constraint, a column, a key).
 */
export function scrubErrorMessage(message: string): string {
  return scrubText(message).replaceAll(
    /(:\s*)?(["'`])((?:(?!\2)[^\\]|\\.)*)\2/g,
    (all: string, colon: string | undefined, quote: string, inner: string) =>
      colon !== undefined || !/^[\w.-]{1,63}$/.test(inner) ? `${colon ?? ''}${quote}…${quote}` : all,
  );
}

/** Where it happened, without the message that a stack begins with. */
export function stackFrames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
