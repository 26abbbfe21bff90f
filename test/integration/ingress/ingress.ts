import { readEnv } from '#shared/config/env.ts';
import type { Env } from '#shared/config/env.ts';
import { signMercadoPago } from '#shared/integrations/mercadopago/signature.ts';
import { signWhatsApp } from '#shared/integrations/whatsapp/signature.ts';
import type { HealthCheck } from '#shared/observability/health.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import type { QueueName } from '#shared/queues/contracts.ts';
import { createEnqueueAll } from '#shared/queues/enqueue.ts';
import { createApp } from '../../../api/app.ts';
import type { AppDeps } from '../../../api/app.ts';
import { createAccess } from '../../../api/auth/access.ts';
import { createOperators } from '../../../api/auth/operators.ts';
import { listen } from '../../../api/listen.ts';
import { makeTestFolder } from '../../support/services.ts';

export type TestIngress = {
  url: string;
  env: Env;
  metrics: Metrics;
  /** `email:password` of the made-up operator. */
  operator: string;
  postWhatsApp: (body: string | Buffer, headers?: Record<string, string>) => Promise<Response>;
  postMercadoPago: (query: string, options?: { headers?: Record<string, string>; body?: string }) => Promise<Response>;
  close: () => Promise<void>;
};

/** The API as createApp makes it, listening on a free port; `env` adds to a sandbox's variables. */
export async function startIngress(
  store: QueueStore,
  more: {
    env?: Record<string, string>;
    deps?: Partial<AppDeps>;
    log?: Logger;
    port?: number;
    withoutOperators?: boolean;
  } = {},
): Promise<TestIngress> {
  const dataDir = await makeTestFolder('ingress');
  const env = readEnv({ NODE_ENV: 'test', DATA_DIR: dataDir, ...more.env });
  const metrics = createMetrics();
  let operator = '';
  const queues: HealthCheck = { name: 'queues', timeoutMs: 500, isVital: true, run: () => store.ping() };
  const app = createApp({
    env,
    log: more.log ?? createSilentLogger(),
    metrics,
    store,
    enqueueAll: createEnqueueAll(store),
    readiness: [queues],
    health: [queues],
    access: createAccess(
      env,
      more.withoutOperators
        ? undefined
        : createOperators(env, (email, password) => (operator = `${email}:${password}`)),
    ),
    ...more.deps,
  });
  const answer = app.callback();
  const listening = await listen((request, response) => void answer(request, response), more.port ?? 0);
  const url = `http://127.0.0.1:${listening.port}`;
  return {
    url,
    env,
    metrics,
    operator,
    postWhatsApp: (body, headers) => {
      const raw = Buffer.from(body as string);
      const signature = signWhatsApp(raw, env.whatsapp.appSecrets[0] ?? '');
      return fetch(`${url}/webhooks/whatsapp`, {
        method: 'POST',
        body: new Uint8Array(raw),
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature, ...headers },
      });
    },
    postMercadoPago: (query, { headers, body } = {}) => {
      const dataId = new URLSearchParams(query).get('data.id');
      const xSignature = signMercadoPago({
        secret: env.mercadopago.webhookSecret,
        xRequestId: 'request-1',
        ts: 1_764_000_000,
        ...(dataId ? { dataId } : {}),
      });
      return fetch(`${url}/webhooks/mercadopago?${query}`, {
        method: 'POST',
        body: body ?? '{}',
        headers: {
          'content-type': 'application/json',
          'x-request-id': 'request-1',
          'x-signature': xSignature,
          ...headers,
        },
      });
    },
    close: () => listening.close(AbortSignal.timeout(500)),
  };
}

/** A guest's text message as Meta sends it. */
export function textMessage(id: string, body: string, from = '5491122223333'): object {
  return { from, id, timestamp: '1764000000', type: 'text', text: { body } };
}

/** A webhook with one change per list of messages, spread over so many entries. */
export function webhookOf(phoneNumberId: string, changes: object[][], statuses: object[] = []): string {
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: changes.map((messages, index) => ({
      id: String(index),
      changes: [
        {
          field: 'messages',
          value: {
            messaging_product: 'whatsapp',
            metadata: { display_phone_number: '5491100000000', phone_number_id: phoneNumberId },
            contacts: [{ profile: { name: 'Ana Canaria' }, wa_id: '5491122223333' }],
            messages,
            ...(index === 0 && statuses.length > 0 ? { statuses } : {}),
          },
        },
      ],
    })),
  });
}

/** Waiting jobs of a queue, oldest first. */
export async function waitingJobs(
  store: QueueStore,
  queue: QueueName,
): Promise<{ name: string; data: Record<string, unknown> }[]> {
  const found = (await store.queues()?.[queue].getJobs(['waiting'], 0, 999, true)) ?? [];
  return found.map(({ name, data }) => ({ name, data: data as Record<string, unknown> }));
}

/** Every waiting job of every queue. */
export async function countWaiting(store: QueueStore): Promise<number> {
  const counts = await Promise.all(Object.values(store.queues() ?? {}).map((queue) => queue.getJobCounts('waiting')));
  return counts.reduce((sum, { waiting = 0 }) => sum + waiting, 0);
}
