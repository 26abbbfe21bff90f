import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { getHeapStatistics } from 'node:v8';
import type { Env } from '#shared/config/env.ts';
import { signMercadoPago, verifyMercadoPagoSignature } from '#shared/integrations/mercadopago/signature.ts';
import { signWhatsApp, verifyWhatsAppSignature } from '#shared/integrations/whatsapp/signature.ts';
import { readFfmpegVersion } from '#shared/integrations/ffmpeg/check-ffmpeg.ts';
import { diskCheck, memoryCheck } from '#shared/observability/health.ts';
import { fault, look, ok, warning, type Finding } from './finding.ts';

const ownTemplates = ['booking_confirmed', 'offer', 'refund_done', 'checkin_reminder', 'owner_alert'] as const;

/** Ends of Graph API versions that Meta has announced. */
const graphEnds: Record<number, string> = { 21: '2027-01-21' };
const oldestGraph = 21;

/** What the environment says, and the machine. */
export async function checkConfiguration(env: Env, today: Date = new Date()): Promise<Finding[]> {
  return [
    nodeVersion(),
    publicUrl(env),
    operators(env),
    metricsToken(env),
    owner(env),
    templates(env),
    graphVersion(env.whatsapp.apiUrl, today),
    whatsappSignature(env),
    mercadopagoSignature(env),
    ...(await look('media folder', `make ${env.mediaDir} writable for this user`, () => mediaFolder(env))),
    ...(await look('ffmpeg', 'install ffmpeg', () => ffmpeg())),
    ...(await look('memory', 'look at the machine', () => machine(env))),
  ];
}

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return major >= 24
    ? ok('node', process.versions.node)
    : fault('node', `${process.versions.node} runs this, 24 is needed`, 'start through npm run, which brings its own');
}

function publicUrl({ publicUrl: url, isProduction }: Env): Finding {
  if (url.startsWith('https://')) return ok('public address', url);
  const isLocal = /^http:\/\/(localhost|127\.)/.test(url);
  if (!isProduction && isLocal) return ok('public address', `${url} (development)`);
  return fault(
    'public address',
    `${url} is not https`,
    'set PUBLIC_URL to the address that the outside reaches you by',
  );
}

function operators({ adminUsers, operatorUsers, isProduction }: Env): Finding {
  const count = adminUsers.length + operatorUsers.length;
  if (count > 0) return ok('operators', `${count} may log in`);
  const cure = 'set ADMIN_USERS; npm run --silent jobs -- hash-password makes the hash';
  return isProduction
    ? warning('operators', 'nobody can log in: console, API and board are closed', cure)
    : ok('operators', 'one is made up at each start (development)');
}

function metricsToken({ metricsToken: token, isProduction }: Env): Finding {
  if (token || !isProduction) return ok('metrics', token ? 'behind their token' : 'open (development)');
  return warning('metrics', 'anybody who reaches the API can read them', 'set METRICS_TOKEN');
}

function owner({ ownerWhatsapp }: Env): Finding {
  return ownerWhatsapp
    ? ok('owner', 'is told by WhatsApp')
    : warning('owner', 'nobody is told by WhatsApp what needs a decision', 'set OWNER_WHATSAPP');
}

function templates({ whatsapp, isSandbox }: Env): Finding {
  const missing = ownTemplates.filter((name) => !(name in whatsapp.templates));
  if (missing.length === 0 || isSandbox) return ok('templates', isSandbox ? 'not needed in the sandbox' : 'all named');
  return warning(
    'templates',
    `without ${missing.join(', ')} nothing can be said outside a guest’s 24 hours`,
    'have them approved (DEPLOY_CHECKLIST.md has their texts) and name them in WHATSAPP_TEMPLATES',
  );
}

/** Warns 90 days before the end. */
export function graphVersion(apiUrl: string, today: Date): Finding {
  const version = Number(/\/v(\d+)\.\d+$/.exec(apiUrl)?.[1]);
  const cure = 'set WHATSAPP_API_URL=https://graph.facebook.com/v26.0 or newer, after reading Meta’s changelog';
  if (Number.isNaN(version)) return warning('graph api version', 'the address names none', cure);
  if (version < oldestGraph) return fault('graph api version', `v${version} has ended`, cure);
  const end = graphEnds[version];
  if (end === undefined) return ok('graph api version', `v${version}`);
  const days = Math.ceil((Date.parse(end) - today.getTime()) / 86_400_000);
  if (days <= 0) return fault('graph api version', `v${version} ended on ${end}`, cure);
  return days <= 90
    ? warning('graph api version', `v${version} ends on ${end}, in ${days} days`, cure)
    : ok('graph api version', `v${version}, until ${end}`);
}

/** Each secret must verify what it signed and refuse what another one did. */
function whatsappSignature({ whatsapp: { appSecrets } }: Env): Finding {
  const raw = Buffer.from('{"object":"whatsapp_business_account","entry":[]}');
  const isRight = appSecrets.every(
    (secret) => verifyWhatsAppSignature(raw, signWhatsApp(raw, secret), appSecrets).valid,
  );
  const isStrict = !verifyWhatsAppSignature(raw, signWhatsApp(raw, 'another secret'), appSecrets).valid;
  if (appSecrets.length > 0 && appSecrets.every((secret) => secret !== '') && isRight && isStrict)
    return ok('whatsapp signature', appSecrets.length === 2 ? 'two secrets, for rotation' : 'verifies');
  return fault(
    'whatsapp signature',
    'webhooks cannot be verified',
    'set WHATSAPP_APP_SECRET to the app’s secret (App settings, Basic)',
  );
}

function mercadopagoSignature({ mercadopago: { webhookSecret } }: Env): Finding {
  const cure = 'set MERCADOPAGO_WEBHOOK_SECRET to the secret signature of the webhook’s page in the panel';
  if (webhookSecret === '') return fault('mercadopago signature', 'notices cannot be verified', cure);
  const asked = { xRequestId: 'doctor', dataId: '1' };
  const verdict = (secret: string) =>
    verifyMercadoPagoSignature({
      secret: webhookSecret,
      ...asked,
      xSignature: signMercadoPago({ secret, ...asked, ts: 1_764_000_000 }),
    });
  return verdict(webhookSecret).valid && !verdict(`${webhookSecret}x`).valid
    ? ok('mercadopago signature', 'verifies')
    : fault('mercadopago signature', 'notices cannot be verified', cure);
}

async function mediaFolder({ mediaDir }: Env): Promise<Finding> {
  await mkdir(mediaDir, { recursive: true });
  await access(mediaDir, constants.W_OK | constants.R_OK);
  return ok('media folder', mediaDir);
}

async function ffmpeg(): Promise<Finding> {
  const version = await readFfmpegVersion();
  return version
    ? ok('ffmpeg', version)
    : warning('ffmpeg', 'not found: guests who speak are asked to write', 'install ffmpeg');
}

async function machine(env: Env): Promise<Finding[]> {
  const checks = [memoryCheck(getHeapStatistics().heap_size_limit), diskCheck(env.isProduction ? '/' : env.dataDir)];
  const findings: Finding[] = [];
  for (const check of checks) {
    const { status, detail = '' } = (await check.run()) ?? { status: 'ok' };
    findings.push(status === 'ok' ? ok(check.name, detail) : warning(check.name, detail, 'give it more, or free some'));
  }
  return findings;
}
