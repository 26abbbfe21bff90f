import { isIP } from 'node:net';
import { z } from 'zod';
import { isPasswordHash } from './passwords.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const httpUrl = z
  .url({ protocol: /^https?$/ })
  .refine(isPlainUrl, 'must have neither query nor user')
  .transform((url) => url.replace(/\/+$/, ''));

/** zod goes on to this check after a failed one: it may be no URL at all. */
function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.search === '' && url.username === '';
}

const databaseUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' });

const redisUrl = z
  .string()
  .transform((text) => text.split(',').map((node) => node.trim()))
  .refine(
    (nodes) => nodes.every((node) => z.url({ protocol: /^rediss?$/ }).safeParse(node).success),
    'must be redis:// or rediss:// URLs, comma-separated for a cluster',
  )
  .transform((nodes) => nodes.join(','));

const appSecrets = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine((parts) => parts.length <= 2 && parts.every((part) => part.length > 0), 'must be one or two app secrets');

const operatorEntry = z
  .string()
  .transform((text) => ({ email: text.slice(0, text.indexOf(':')), passwordHash: text.slice(text.indexOf(':') + 1) }))
  .refine(({ email, passwordHash }) => email.includes('@') && isPasswordHash(passwordHash));

const operatorList = z
  .string()
  .transform((text) => text.split(',').map((user) => user.trim()))
  .pipe(
    z.array(operatorEntry, {
      error: 'must be email:hash pairs; `npm run --silent jobs -- hash-password` makes the hash',
    }),
  );

const templateNames = ['booking_confirmed', 'offer', 'refund_done', 'checkin_reminder', 'owner_alert'] as const;

const templates = z
  .string()
  .refine(
    (text) =>
      text.split(',').every((part) => /^\s*(\w+)=\w+:[a-z]{2}(_[A-Z]{2})?\s*$/.test(part) && isTemplateName(part)),
    `must be name=approved_name:language pairs of ${templateNames.join(', ')}`,
  )
  .transform((text) => Object.fromEntries(text.split(',').map(toTemplate)));

function isTemplateName(part: string): boolean {
  return templateNames.some((name) => name === part.split('=')[0]?.trim());
}

function toTemplate(part: string): [string, { name: string; language: string }] {
  const [name = '', approved = ''] = part.trim().split('=');
  const [approvedName = '', language = ''] = approved.split(':');
  return [name, { name: approvedName, language }];
}

const timezone = z.string().refine(isTimezone, 'must be an IANA time zone');

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const trustedProxies = z
  .string()
  .transform((text) => text.split(',').map((block) => block.trim()))
  .refine((blocks) => blocks.every(isAddressBlock), 'must be IP addresses or CIDR blocks, comma-separated');

function isAddressBlock(block: string): boolean {
  const [address = '', bits, ...rest] = block.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const minutes = z.coerce.number().int().positive();

/** Every variable of the environment (contract.md, Environment), as text in and typed out; defaults that need no thought. */
export const envSchema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  PORT: port.default(3000),
  PUBLIC_URL: httpUrl.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).optional(),
  WORKER_PORT: port.optional(),
  DATA_DIR: z.string().optional(),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(200).default(10),
  REDIS_URL: redisUrl.optional(),
  QUEUE_PREFIX: z
    .string()
    .regex(/^[\w-]{1,40}$/, 'must be letters, digits, - and _')
    .default('posada'),
  WHATSAPP_ACCESS_TOKEN: z.string().optional(),
  WHATSAPP_PHONE_NUMBER_ID: z.string().regex(/^\d+$/, 'must be digits').optional(),
  WHATSAPP_APP_SECRET: appSecrets.optional(),
  WHATSAPP_VERIFY_TOKEN: z.string().optional(),
  WHATSAPP_API_URL: httpUrl.optional(),
  WHATSAPP_TEMPLATES: templates.optional(),
  WHATSAPP_MONTHLY_BUDGET: z.coerce.number().int().positive().default(1_000),
  MERCADOPAGO_ACCESS_TOKEN: z.string().optional(),
  MERCADOPAGO_WEBHOOK_SECRET: z.string().optional(),
  MERCADOPAGO_API_URL: httpUrl.optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: httpUrl.optional(),
  TRANSCRIPTION_MODEL: z.string().default('gpt-transcribe'),
  NLU_MODEL: z.string().optional(),
  ICAL_TOKEN_SECRET: z.string().optional(),
  JWT_SECRET: z.string().optional(),
  DATA_ENCRYPTION_KEY: z.string().optional(),
  METRICS_TOKEN: z.string().optional(),
  TRUSTED_PROXIES: trustedProxies.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  WEBHOOK_QUEUE_LIMIT: z.coerce.number().int().positive().default(100_000),
  ADMIN_USERS: operatorList.optional(),
  OPERATOR_USERS: operatorList.optional(),
  MEDIA_DIR: z.string().optional(),
  MEDIA_RETENTION_DAYS: z.coerce.number().int().positive().default(30),
  TIMEZONE: timezone.default('America/Argentina/Buenos_Aires'),
  CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')
    .default('ARS'),
  HOLD_MINUTES: minutes.default(30),
  PAYMENT_GRACE_MINUTES: minutes.default(10),
  OFFER_HOURS: minutes.default(24),
  OWNER_WHATSAPP: z
    .string()
    .regex(/^\+?\d{8,15}$/, 'must be a phone number in international form')
    .transform((phone) => phone.replace('+', ''))
    .optional(),
  SANDBOX: z.stringbool().optional(),
  ALLOW_PRIVATE_FEEDS: z.stringbool().default(false),
});

/** The variables as parsed, before the rules that join several of them (env.ts). */
export type Variables = z.output<typeof envSchema>;
