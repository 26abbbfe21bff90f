import { setTimeout as sleep } from 'node:timers/promises';
import { readEnv, type Env } from '#shared/config/env.ts';
import { createCalendarDesk } from '#shared/integrations/icalendar/calendar-desk.ts';
import { createMercadoPagoClient } from '#shared/integrations/mercadopago/client.ts';
import { noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import { migrateQueues, openQueues } from '#shared/queues/connections.ts';
import { createEnqueueAll } from '#shared/queues/enqueue.ts';
import { createApp, type AppDeps } from '../../../api/app.ts';
import { createAccess } from '../../../api/auth/access.ts';
import { createOperators } from '../../../api/auth/operators.ts';
import { createSharedTries } from '../../../api/auth/shared-tries.ts';
import type { Desk } from '../../../api/desk.ts';
import { listen, type Patience } from '../../../api/listen.ts';
import { logIn, testOperator } from '../../support/operator.ts';
import { openRecords, type Records } from '../../support/records.ts';
import { makeTestFolder } from '../../support/services.ts';
import { track } from '../../support/track.ts';

/** The operators' API on a database of its own; jobs are collected as nudges on `records`. */
export type TestDesk = {
  url: string;
  env: Env;
  records: Records;
  deps: AppDeps;
  token: string;
  /** Calls with the bearer; a body is sent as JSON. */
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  close(): Promise<void>;
};

/** `body`: of a JSON answer, as the test expects it. */
export type Answer<T> = { status: number; headers: Headers; text: string; body: T };

export async function openTestDesk(
  more: { env?: Record<string, string>; log?: Logger; patience?: Patience } = {},
): Promise<TestDesk> {
  const records = await openRecords();
  await migrateQueues(records.url);
  const env = readEnv({
    NODE_ENV: 'test',
    DATA_DIR: await makeTestFolder('desk'),
    ADMIN_USERS: testOperator.adminUsers,
    METRICS_TOKEN: 'metrics-token',
    ...more.env,
  });
  const log = more.log ?? createSilentLogger();
  const queues = openQueues({ redisUrl: undefined, databaseUrl: records.url, prefix: 'desk', role: 'producer', log });
  await queues.opened;
  const desk: Desk = {
    env,
    log,
    database: records.database,
    queues,
    inTransaction: records.inTransaction,
    enqueue: () => Promise.resolve(),
    courtesy: noCourtesyLock,
    payments: createMercadoPagoClient(env.mercadopago),
    calendars: createCalendarDesk(env),
  };
  const deps: AppDeps = {
    env,
    log,
    metrics: createMetrics(),
    store: queues,
    enqueueAll: createEnqueueAll(queues),
    readiness: [],
    health: [],
    access: createAccess(
      env,
      createOperators(env),
      createSharedTries(env.jwtSecret, () => records.database),
    ),
    desk: () => desk,
  };
  const answer = createApp(deps).callback();
  const listening = await listen((request, response) => void answer(request, response), 0, more.patience);
  const url = `http://127.0.0.1:${listening.port}`;
  const opened: TestDesk = {
    url,
    env,
    records,
    deps,
    token: await logIn(url),
    call: async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      for (;;) {
        const given = await fetch(`${url}/api/v1${path}`, {
          method,
          headers: {
            authorization: `Bearer ${opened.token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        });
        const text = await given.text();
        // Many calls of one test file from one address: wait as a client should.
        if (given.status === 429 && text.includes('too_many_requests')) {
          await sleep(Number(given.headers.get('retry-after')) * 1_000);
          continue;
        }
        const isJson = /json/.test(given.headers.get('content-type') ?? '');
        return {
          status: given.status,
          headers: given.headers,
          text,
          body: (isJson ? JSON.parse(text) : undefined) as T,
        };
      }
    },
    close: async () => {
      await listening.close(AbortSignal.timeout(500));
      await queues.close();
      await records.close();
    },
  };
  return track(opened, 'desk');
}
