import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from './configuration-error.ts';
import { developmentSecrets } from './development-secrets.ts';
import type { DevelopmentSecrets } from './development-secrets.ts';
import { envSchema } from './env-schema.ts';
import type { Variables } from './env-schema.ts';

export { ConfigurationError };

export type OperatorEntry = { email: string; passwordHash: string };
export type LogLevel = NonNullable<Variables['LOG_LEVEL']>;

/** The whole configuration, typed and frozen. `undefined` = not set and without a default. Times are in their names' units. */
export type Env = {
  readonly nodeEnv: 'development' | 'test' | 'production';
  readonly isProduction: boolean;
  readonly port: number;
  /** Where the outside reaches us, without a trailing slash. */
  readonly publicUrl: string;
  readonly logLevel: LogLevel;
  /** A worker process's /livez and /metrics; undefined = off. */
  readonly workerPort: number | undefined;
  /** Absolute; embedded database, development secrets, media and the sandbox's state. Default `.data` of the project. */
  readonly dataDir: string;
  /** Undefined = the embedded PostgreSQL under `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly databasePoolSize: number;
  /** Undefined = queues in Postgres and no courtesy locks; several comma-separated nodes = Redis Cluster. */
  readonly redisUrl: string | undefined;
  readonly queuePrefix: string;
  readonly whatsapp: {
    readonly accessToken: string;
    readonly phoneNumberId: string;
    /** One, or two while they rotate. */
    readonly appSecrets: readonly string[];
    readonly verifyToken: string;
    readonly apiUrl: string;
    /** Approved templates by our own name for them. */
    readonly templates: Readonly<Record<string, { name: string; language: string }>>;
    /** Charged messages of a month about which the owner is warned; the first 1,000 are free. */
    readonly monthlyBudget: number;
  };
  readonly mercadopago: { readonly accessToken: string; readonly webhookSecret: string; readonly apiUrl: string };
  readonly openai: {
    readonly apiKey: string | undefined;
    /** OpenAI's own unless set; the sandbox's simulator where neither it nor the key is. */
    readonly baseUrl: string;
    readonly isSimulated: boolean;
    readonly transcriptionModel: string;
    /** Undefined = the understanding is rules only. */
    readonly nluModel: string | undefined;
  };
  readonly icalTokenSecret: string;
  readonly jwtSecret: string;
  readonly dataEncryptionKey: string;
  /** Undefined = /metrics is open. */
  readonly metricsToken: string | undefined;
  /** Addresses and CIDR blocks whose `X-Forwarded-For` is believed. Default: loopback and private networks in production, none otherwise. */
  readonly trustedProxies: readonly string[];
  /** Waiting jobs of one queue above which a webhook is answered with 503. */
  readonly webhookQueueLimit: number;
  /** Where traces go, by OTLP over HTTP; undefined = no traces. */
  readonly otlpEndpoint: string | undefined;
  readonly adminUsers: readonly OperatorEntry[];
  /** Who may do everything but steer the queues. */
  readonly operatorUsers: readonly OperatorEntry[];
  readonly mediaDir: string;
  readonly mediaRetentionDays: number;
  readonly timezone: string;
  readonly currency: string;
  readonly holdMinutes: number;
  readonly paymentGraceMinutes: number;
  readonly offerHours: number;
  /** Digits only. */
  readonly ownerWhatsapp: string | undefined;
  /** The vendors are simulators mounted by the API under /sandbox. */
  readonly isSandbox: boolean;
  readonly allowPrivateFeeds: boolean;
  /** What the addresses of the sandbox's own feeds begin with; undefined without a sandbox. */
  readonly sandboxFeedsUrl: string | undefined;
};

/** Where our own proxy can stand: this machine, a compose network. Nobody from outside connects from there. */
const privateNetworks = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1', 'fc00::/7'];

type Source = Record<string, string | undefined>;

const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * The configuration from the environment; with no argument, `.env` of the working directory is loaded first (variables that
 * exist win). An empty value counts as not set. Outside production missing secrets are made up and kept (development-secrets).
 * Throws ConfigurationError, which names variables and never says a value.
 */
export function readEnv(source?: Source): Env {
  if (!source) loadDotEnv();
  const parsed = envSchema.safeParse(dropEmpty(source ?? process.env));
  if (!parsed.success)
    throw new ConfigurationError(parsed.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`));
  const variables = parsed.data;
  const isSandbox = variables.SANDBOX ?? (variables.NODE_ENV !== 'production' && !hasVendorCredential(variables));
  const problems = [
    ...(variables.NODE_ENV === 'production' ? productionProblems(variables) : []),
    ...(isListedTwice(variables) ? ['OPERATOR_USERS: names somebody of ADMIN_USERS'] : []),
  ];
  if (problems.length > 0) throw new ConfigurationError([...new Set(problems)]);
  return freeze(toEnv(variables, isSandbox));
}

function isListedTwice({ ADMIN_USERS = [], OPERATOR_USERS = [] }: Variables): boolean {
  const admins = new Set(ADMIN_USERS.map(({ email }) => email.toLowerCase()));
  return OPERATOR_USERS.some(({ email }) => admins.has(email.toLowerCase()));
}

/** `readEnv()`, or the names of what is wrong on stderr and exit code 78. For the entry files only. */
export function exitOnBadEnv(): Env {
  try {
    return readEnv();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`Wrong configuration (see .env.template):\n${error.problems.map((p) => `  ${p}\n`).join('')}`);
    process.exit(78);
  }
}

function loadDotEnv(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

function dropEmpty(source: Source): Source {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value.trim() !== ''));
}

const vendorNames = [
  'WHATSAPP_ACCESS_TOKEN',
  'WHATSAPP_PHONE_NUMBER_ID',
  'WHATSAPP_APP_SECRET',
  'WHATSAPP_VERIFY_TOKEN',
  'MERCADOPAGO_ACCESS_TOKEN',
  'MERCADOPAGO_WEBHOOK_SECRET',
] as const;
const ownSecretNames = ['ICAL_TOKEN_SECRET', 'JWT_SECRET', 'DATA_ENCRYPTION_KEY'] as const;

function hasVendorCredential(variables: Variables): boolean {
  return vendorNames.some((name) => variables[name] !== undefined);
}

function missingOf(variables: Variables, names: readonly (keyof Variables)[]): string[] {
  return names.filter((name) => variables[name] === undefined).map((name) => `${name}: is required`);
}

function productionProblems(variables: Variables): string[] {
  const problems = missingOf(variables, ['DATABASE_URL', ...vendorNames, ...ownSecretNames]);
  for (const name of [...vendorNames, ...ownSecretNames, 'METRICS_TOKEN' as const])
    if ([variables[name]].flat().some((value) => typeof value === 'string' && isPlaceholder(value)))
      problems.push(`${name}: is a placeholder`);
  for (const name of ownSecretNames)
    if ((variables[name]?.length ?? 16) < 16) problems.push(`${name}: must have at least 16 characters in production`);
  if (variables.SANDBOX) problems.push('SANDBOX: must be off in production');
  if (variables.ALLOW_PRIVATE_FEEDS) problems.push('ALLOW_PRIVATE_FEEDS: must be off in production');
  return problems;
}

/** Values that people copy from examples: refused, since everybody knows them. */
function isPlaceholder(value: string): boolean {
  return /change[-_ ]?(me|this|it)|^(secret|password|token|example|todo|test)+$|^(x+|0+|\*+|\.+)$|^your[-_ ]|^<.*>$/i.test(
    value,
  );
}

function toEnv(variables: Variables, isSandbox: boolean): Env {
  const dataDir = resolve(projectRoot, variables.DATA_DIR ?? '.data');
  const made = variables.NODE_ENV === 'production' ? undefined : developmentSecrets(dataDir);
  return {
    nodeEnv: variables.NODE_ENV,
    isProduction: variables.NODE_ENV === 'production',
    port: variables.PORT,
    publicUrl: variables.PUBLIC_URL ?? `http://localhost:${variables.PORT}`,
    logLevel: variables.LOG_LEVEL ?? (variables.NODE_ENV === 'test' ? 'silent' : 'info'),
    workerPort: variables.WORKER_PORT,
    dataDir,
    databaseUrl: variables.DATABASE_URL,
    databasePoolSize: variables.DATABASE_POOL_SIZE,
    redisUrl: variables.REDIS_URL,
    queuePrefix: variables.QUEUE_PREFIX,
    ...toVendors(variables, isSandbox, made),
    icalTokenSecret: variables.ICAL_TOKEN_SECRET ?? made?.icalTokenSecret ?? '',
    jwtSecret: variables.JWT_SECRET ?? made?.jwtSecret ?? '',
    dataEncryptionKey: variables.DATA_ENCRYPTION_KEY ?? made?.dataEncryptionKey ?? '',
    metricsToken: variables.METRICS_TOKEN,
    trustedProxies: variables.TRUSTED_PROXIES ?? (variables.NODE_ENV === 'production' ? privateNetworks : []),
    webhookQueueLimit: variables.WEBHOOK_QUEUE_LIMIT,
    otlpEndpoint: variables.OTEL_EXPORTER_OTLP_ENDPOINT,
    adminUsers: variables.ADMIN_USERS ?? [],
    operatorUsers: variables.OPERATOR_USERS ?? [],
    mediaDir: variables.MEDIA_DIR ? resolve(projectRoot, variables.MEDIA_DIR) : join(dataDir, 'media'),
    mediaRetentionDays: variables.MEDIA_RETENTION_DAYS,
    timezone: variables.TIMEZONE,
    currency: variables.CURRENCY,
    holdMinutes: variables.HOLD_MINUTES,
    paymentGraceMinutes: variables.PAYMENT_GRACE_MINUTES,
    offerHours: variables.OFFER_HOURS,
    ownerWhatsapp: variables.OWNER_WHATSAPP,
    isSandbox,
    allowPrivateFeeds: variables.ALLOW_PRIVATE_FEEDS,
    sandboxFeedsUrl: isSandbox ? `${sandboxUrlOf(variables)}/platforms/` : undefined,
  };
}

/** Where the processes of this machine reach the sandbox that the API mounts. */
function sandboxUrlOf({ PORT, PUBLIC_URL }: Variables): string {
  return `${PORT === 0 ? (PUBLIC_URL ?? 'http://127.0.0.1:0') : `http://127.0.0.1:${PORT}`}/sandbox`;
}

/** With the sandbox on, what is not set points at the simulators that the API mounts, with made-up credentials. */
function toVendors(
  variables: Variables,
  isSandbox: boolean,
  made: DevelopmentSecrets | undefined,
): Pick<Env, 'whatsapp' | 'mercadopago' | 'openai'> {
  const sandboxUrl = sandboxUrlOf(variables);
  const stand = isSandbox ? made : undefined;
  const isSpeechSimulated = stand !== undefined && !variables.OPENAI_API_KEY && !variables.OPENAI_BASE_URL;
  return {
    whatsapp: {
      accessToken: variables.WHATSAPP_ACCESS_TOKEN ?? made?.whatsappAccessToken ?? '',
      phoneNumberId: variables.WHATSAPP_PHONE_NUMBER_ID ?? (made ? '100000000000001' : ''),
      appSecrets: variables.WHATSAPP_APP_SECRET ?? (made ? [made.whatsappAppSecret] : []),
      verifyToken: variables.WHATSAPP_VERIFY_TOKEN ?? made?.whatsappVerifyToken ?? '',
      apiUrl:
        variables.WHATSAPP_API_URL ?? (stand ? `${sandboxUrl}/whatsapp/v26.0` : 'https://graph.facebook.com/v26.0'),
      templates: variables.WHATSAPP_TEMPLATES ?? {},
      monthlyBudget: variables.WHATSAPP_MONTHLY_BUDGET,
    },
    mercadopago: {
      accessToken: variables.MERCADOPAGO_ACCESS_TOKEN ?? made?.mercadopagoAccessToken ?? '',
      webhookSecret: variables.MERCADOPAGO_WEBHOOK_SECRET ?? made?.mercadopagoWebhookSecret ?? '',
      apiUrl: variables.MERCADOPAGO_API_URL ?? (stand ? `${sandboxUrl}/mercadopago` : 'https://api.mercadopago.com'),
    },
    openai: {
      apiKey: variables.OPENAI_API_KEY,
      baseUrl:
        variables.OPENAI_BASE_URL ?? (isSpeechSimulated ? `${sandboxUrl}/openai/v1` : 'https://api.openai.com/v1'),
      isSimulated: isSpeechSimulated,
      transcriptionModel: variables.TRANSCRIPTION_MODEL,
      nluModel: variables.NLU_MODEL,
    },
  };
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (inner && typeof inner === 'object') freeze(inner as object);
  return Object.freeze(value);
}
