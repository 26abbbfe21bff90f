import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { openDesk } from '../../api/desk.ts';
import { startApi } from '../../api/start-api.ts';
import { startWorkers, type Workers } from '../../workers/start-workers.ts';
import { readEnv, type Env } from '#shared/config/env.ts';
import { openDatabase, type Database } from '#shared/db/data-source.ts';
import { readBusinessFigures } from '#shared/db/stores/business-figures.ts';
import { createMercadoPagoSimulator, type MercadoPagoSimulator } from '#shared/integrations/mercadopago/simulator.ts';
import { createSpeechSimulator, type SpeechSimulator } from '#shared/integrations/openai/simulator.ts';
import { createWhatsAppSimulator, type WhatsAppSimulator } from '#shared/integrations/whatsapp/simulator.ts';
import { createLifecycle, shutdownOrder } from '#shared/lifecycle.ts';
import { createLogger, type Logger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import { migrateQueues, openQueues } from '#shared/queues/connections.ts';
import { queueNames, type QueueName } from '#shared/queues/contracts.ts';
import { readQueueFigures } from '#shared/queues/figures.ts';
import { seedDemo } from '../../scripts/seed-demo.ts';
import { redisUrlFor, type Backend } from './both-backends.ts';
import { compileCache } from './compile-cache.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { testOperator } from './operator.ts';
import { eventually } from './eventually.ts';
import { makeTestFolder } from './services.ts';
import { track } from './track.ts';
import { vendorCredentials } from './vendor-credentials.ts';

/** The whole of Posada on real stores, with the vendors' simulators behind real HTTP and real signatures. */
export type House = {
  env: Env;
  /** What a process of this house is started with. */
  variables: Record<string, string>;
  url: string;
  database: Database;
  whatsapp: WhatsAppSimulator;
  mercadopago: MercadoPagoSimulator;
  speech: SpeechSimulator;
  workers: Workers | undefined;
  /** More pools in this process than it was opened with. */
  startWorkers(...pools: QueueName[]): Promise<void>;
  /** Ends the in-process workers, as a SIGTERM would. */
  stopWorkers(): Promise<void>;
  /** A worker process of its own; `kill` is SIGKILL. */
  spawnWorkers(...pools: QueueName[]): Promise<WorkerProcess>;
  close(): Promise<void>;
};

export type WorkerProcess = { pid: number; kill(): Promise<void>; stop(): Promise<void> };

export type HouseOptions = {
  /** Which pools run inside the test's process; default all. */
  pools?: readonly QueueName[];
  variables?: Record<string, string>;
  /** Its database, migrated; default a fresh copy on the run's server. */
  database?: Pick<TestDatabase, 'url'> & Partial<TestDatabase>;
  /** Where this process's lines go. Default: nowhere. */
  log?: Logger;
};

const secrets = {
  ...vendorCredentials,
  OPENAI_API_KEY: 'sk-test',
  ADMIN_USERS: testOperator.adminUsers,
};

/** Opens a house on a fresh database and, on Redis, a fresh key prefix. Close it in `after`. */
export async function openHouse(backend: Backend, options: HouseOptions = {}): Promise<House> {
  const copy = options.database ?? (await createTestDatabase());
  const redisUrl = await redisUrlFor(backend);
  if (!redisUrl) await migrateQueues(copy.url);
  const whatsapp = createWhatsAppSimulator({
    appSecret: secrets.WHATSAPP_APP_SECRET,
    phoneNumberId: secrets.WHATSAPP_PHONE_NUMBER_ID,
    accessToken: secrets.WHATSAPP_ACCESS_TOKEN,
    randomIds: true,
    retryDelaysMs: [200, 500, 1_000, 1_000, 2_000],
  });
  const mercadopago = createMercadoPagoSimulator({
    accessToken: secrets.MERCADOPAGO_ACCESS_TOKEN,
    webhookSecret: secrets.MERCADOPAGO_WEBHOOK_SECRET,
    randomIds: true,
    retryDelaysMs: [200, 500, 1_000, 1_000, 2_000],
  });
  const speech = createSpeechSimulator({ apiKey: secrets.OPENAI_API_KEY });
  const ears = await speech.listen();
  const graph = await whatsapp.listen();
  const money = await mercadopago.listen();
  const variables: Record<string, string> = {
    NODE_ENV: 'test',
    ...compileCache,
    ...secrets,
    DATABASE_URL: copy.url,
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
    QUEUE_PREFIX: `t${randomBytes(4).toString('hex')}`,
    DATA_DIR: await makeTestFolder('house'),
    PORT: '0',
    WHATSAPP_API_URL: `${graph.url}/v26.0`,
    MERCADOPAGO_API_URL: money.url,
    OPENAI_BASE_URL: `${ears.url}/v1`,
    SANDBOX: 'false',
    ...options.variables,
  };
  const log = options.log ?? createLogger(readEnv(variables));
  const database = await openDatabase(copy.url, 10);
  await seedDemo(database);
  const lifecycle = createLifecycle({ log, exit: () => {}, events: new EventEmitter() });
  const queues = openQueues({
    redisUrl,
    databaseUrl: copy.url,
    prefix: variables['QUEUE_PREFIX']!,
    role: 'worker',
    log,
  });
  await queues.opened;
  const metrics = createMetrics({
    readQueueFigures: () => readQueueFigures(queues),
    readBusinessFigures: () => readBusinessFigures(database),
  });
  const desk = openDesk({ env: readEnv(variables), log, database, queues });
  lifecycle.onShutdown(shutdownOrder.redis, 'desk', desk.close);
  const { port } = await startApi({
    env: readEnv(variables),
    desk: () => desk,
    log,
    metrics,
    store: queues,
    lifecycle,
    pingDatabase: async () => void (await database.query('SELECT 1')),
  });
  const url = `http://127.0.0.1:${port}`;
  variables['PUBLIC_URL'] = url;
  const env = readEnv(variables);
  whatsapp.setWebhookUrl(`${url}/webhooks/whatsapp`);

  const pools = options.pools ?? queueNames;
  const running: Workers[] = [];
  const startPools = async (names: readonly QueueName[]): Promise<Workers> => {
    const workers = startWorkers(names, { env, log, metrics, database, queues });
    running.push(workers);
    await workers.ready;
    return workers;
  };
  const children = new Set<WorkerProcess>();

  const house: House = {
    env,
    variables,
    url,
    database,
    whatsapp,
    mercadopago,
    speech,
    workers: pools.length > 0 ? await startPools(pools) : undefined,
    startWorkers: async (...names) => void (await startPools(names)),
    async stopWorkers() {
      await Promise.all(running.splice(0).map((workers) => workers.close(AbortSignal.timeout(5_000))));
    },
    async spawnWorkers(...names) {
      const child = await spawnWorkers(variables, names);
      children.add(child);
      return child;
    },
    async close() {
      await Promise.all([...children].map((child) => child.stop()));
      await house.stopWorkers();
      await lifecycle.shutdown('end of test');
      await queues.close();
      await whatsapp.close();
      await mercadopago.close();
      await speech.close();
      await database.destroy();
      await copy.drop?.();
    },
  };
  return track(house, 'house');
}

async function spawnWorkers(variables: Record<string, string>, pools: readonly QueueName[]): Promise<WorkerProcess> {
  const child: ChildProcess = spawn(process.execPath, ['workers/main.ts', ...pools], {
    env: { PATH: process.env['PATH'] ?? '', ...variables, LOG_LEVEL: 'info', PUBLIC_URL: variables['PUBLIC_URL']! },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let said = '';
  child.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await eventually(() => expect(said).to.include('working'), { timeoutMs: 60_000 });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await exited;
  };
  return { pid: child.pid!, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

/** One guest's phone: writes, taps, and reads what arrived. */
export type Phone = ReturnType<typeof createPhone>;

let phones = 0;

/** A phone of a new guest of that house. */
export function createPhone({ whatsapp }: Pick<House, 'whatsapp'>, phone = nextNumber()) {
  const guest = { phone, name: 'Ana' };
  let read = 0;
  const received = () => whatsapp.sent(phone);
  /** Waits for a message after the last one read whose text matches, and reads up to it. */
  const waitFor = async (pattern: RegExp, timeoutMs = 10_000) =>
    eventually(
      () => {
        const fresh = received().slice(read);
        const index = fresh.findIndex(({ text }) => pattern.test(text));
        expect(index, `${String(pattern)} in ${JSON.stringify(fresh.map(({ text }) => text))}`).to.be.at.least(0);
        read += index + 1;
        return fresh[index]!;
      },
      { timeoutMs },
    );
  return {
    phone,
    received,
    waitFor,
    say: (...texts: string[]) => whatsapp.write(guest, ...texts.map((text) => ({ text }))),
    /** Sends a voice note; `mimeType` is what WhatsApp calls it. Returns the media's id. */
    async speak(bytes: Buffer, mimeType = 'audio/ogg; codecs=opus') {
      const id = whatsapp.addMedia(bytes, mimeType);
      await whatsapp.write(guest, { media: { id, type: 'audio' } });
      return id;
    },
    /** Taps the newest button or row whose title matches. */
    async tap(pattern: RegExp) {
      const choice = received()
        .toReversed()
        .flatMap(({ choices }) => choices)
        .find(({ title }) => pattern.test(title));
      if (!choice) throw new Error(`no choice ${String(pattern)}`);
      return whatsapp.write(guest, { tap: choice.id });
    },
    /** The preference behind the newest payment link. */
    async preferenceId(): Promise<string> {
      const { text } = await waitFor(/\/checkout\/\S+/);
      return /\/checkout\/(\S+)/.exec(text)![1]!;
    },
  };
}

function nextNumber(): string {
  phones += 1;
  return `549294455${String(1000 + phones)}`;
}

/** Writes, chooses the unit, confirms: the way to a held stay; returns the preference's id. */
export async function bookUpToLink(phone: Phone, text: string, unit: RegExp): Promise<string> {
  await phone.say(text);
  await phone.waitFor(/\$/);
  await phone.tap(unit);
  await phone.waitFor(/Seña|seña/);
  await phone.tap(/Confirmar/);
  return phone.preferenceId();
}
