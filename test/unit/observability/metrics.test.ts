import { expect } from 'chai';
import { checkHealth, diskCheck, memoryCheck } from '#shared/observability/health.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import { startMetricsServer } from '#shared/observability/metrics-server.ts';

const never = new Promise<never>(() => {});

describe('the metrics', () => {
  it('tells the queues and the business as they are at the scrape', async () => {
    const metrics = createMetrics({
      readQueueFigures: async () => [{ queue: 'payments', jobs: { waiting: 2 }, oldestAgeSeconds: 3 }],
      readBusinessFigures: async () => [
        { name: 'reservations_created_total', value: 5 },
        { name: 'payments_settled_total', labels: { outcome: 'confirmed' }, value: 2 },
        { name: 'sweep_last_run_age_seconds', labels: { sweep: 'sweep-due-holds' }, value: 1.5 },
      ],
    });
    metrics.webhooksReceived.inc({ provider: 'whatsapp', outcome: 'accepted' });
    for (let scrape = 0; scrape < 2; scrape += 1) {
      const lines = (await metrics.render()).split('\n');
      expect(lines).to.include.members([
        'queue_jobs{queue="payments",state="waiting"} 2',
        'queue_oldest_job_age_seconds{queue="payments"} 3',
        'reservations_created_total 5',
        'payments_settled_total{outcome="confirmed"} 2',
        'sweep_last_run_age_seconds{sweep="sweep-due-holds"} 1.5',
        'business_figures_up 1',
        'webhooks_received_total{provider="whatsapp",outcome="accepted"} 1',
      ]);
      expect(lines.filter((line) => line.startsWith('# TYPE'))).to.have.length(
        new Set(lines.filter((line) => line.startsWith('# TYPE'))).size,
      );
    }
  });

  it('leaves the business out while the database is away, instead of telling zeros', async () => {
    for (const readBusinessFigures of [() => never, () => Promise.reject(new Error('away'))]) {
      const text = await createMetrics({
        readBusinessFigures,
        readQueueFigures: () => never,
        readTimeoutMs: 20,
      }).render();
      expect(text).to.contain('business_figures_up 0').and.not.to.contain('reservations_created_total');
      expect(text).to.contain('process_cpu_user_seconds_total');
    }
  });

  it('are on a worker process’s own page', async () => {
    let isAlive = true;
    const server = await startMetricsServer({
      port: 0,
      metrics: createMetrics(),
      metricsToken: 'geheim',
      isAlive: () => isAlive,
    });
    const get = async (path: string, authorization = ''): Promise<number> =>
      (await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { authorization } })).status;
    expect(await get('/livez')).to.equal(200);
    isAlive = false;
    expect(await get('/livez')).to.equal(503);
    expect(await get('/metrics')).to.equal(401);
    expect(await get('/metrics', 'Bearer geheim')).to.equal(200);
    expect(await get('/')).to.equal(404);
    await server.close();
  });
});

describe('checkHealth', () => {
  it('is unhealthy for vital checks only, and waits for none longer than its time-out', async () => {
    const ok = { name: 'ok', timeoutMs: 50, run: async () => {} };
    const slow = { name: 'slow', timeoutMs: 20, run: () => never };
    const failing = { name: 'failing', timeoutMs: 50, run: () => Promise.reject(new Error('postgres://u:canario@h')) };
    expect((await checkHealth([ok])).status).to.equal('healthy');
    const degraded = await checkHealth([ok, slow, failing]);
    expect(degraded.status).to.equal('degraded');
    expect(degraded.checks['slow']?.status).to.equal('error');
    expect(JSON.stringify(degraded)).not.to.contain('canario');
    expect((await checkHealth([ok, { ...failing, isVital: true }])).status).to.equal('unhealthy');
  });

  it('measures memory and disk', async () => {
    const report = await checkHealth([
      memoryCheck(4_000_000_000),
      diskCheck('/'),
      { ...memoryCheck(1), name: 'tight' },
    ]);
    expect(report.checks['memory']?.detail).to.match(/MB/);
    expect(report.checks['disk']?.detail).to.match(/MB free/);
    expect(report.checks['tight']?.status).to.equal('degraded');
  });
});
