import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { jobs, queueNames } from '#shared/queues/contracts.ts';
import type { Contract } from '#shared/queues/contracts.ts';
import { eventually } from '../../support/eventually.ts';
import { openHouse, type House } from '../../support/house.ts';
import { findMetric, readScrape, selectorsOf, type Scrape } from './metric-names.ts';

type Rule = {
  alert?: string;
  record?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
};
type Panel = {
  id: number;
  title: string;
  type: string;
  targets?: { expr: string }[];
  gridPos: { x: number; w: number };
};

const folder = join(import.meta.dirname, '../../../docs/monitoring');
const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8');

describe('the monitoring that ships with it', function () {
  this.timeout(60_000);
  let rules: Rule[];
  let panels: Panel[];

  before(async () => {
    rules = (parse(await read('posada.rules.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
      (group) => group.rules,
    );
    panels = (JSON.parse(await read('posada.dashboard.json')) as { panels: Panel[] }).panels;
  });

  const expressions = (): [where: string, expression: string][] => [
    ...rules.map(({ alert, record, expr }): [string, string] => [alert ?? record ?? '?', expr]),
    ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }): [string, string] => [title, expr])),
  ];

  describe('names only what is there', () => {
    let house: House;
    const scrapes: Record<string, Scrape> = {};

    before(async () => {
      house = await openHouse('postgres', { pools: [] });
      const port = await freePort();
      house.variables['WORKER_PORT'] = String(port);
      const worker = await house.spawnWorkers(...queueNames);
      scrapes['api'] = await scrape(`${house.url}/metrics`);
      scrapes['worker'] = await scrape(`http://127.0.0.1:${port}/metrics`);
      await worker.stop();
    });
    after(() => house?.close());

    /** A whole scrape: on a busy machine the figures of the business may miss their deadline. */
    const scrape = (url: string): Promise<Scrape> =>
      eventually(
        async () => {
          const text = await (await fetch(url)).text();
          expect(text).to.match(/^business_figures_up 1$/m);
          return readScrape(text);
        },
        { timeoutMs: 30_000 },
      );

    it('in every rule and panel, with labels that the metric has', () => {
      const recorded = new Set(rules.map(({ record }) => record));
      const missing: string[] = [];
      let found = 0;
      for (const [where, expression] of expressions())
        for (const { metric, labels } of selectorsOf(expression)) {
          if (metric === 'up' || recorded.has(metric)) continue; // Prometheus's own, and what the rules record
          const offered = Object.values(scrapes)
            .map((scrape) => findMetric(scrape, metric))
            .filter((each) => each !== undefined);
          if (offered.length === 0) missing.push(`${where}: ${metric}`);
          const known = new Set(offered.flatMap((each) => [...each.labels]));
          for (const label of labels)
            if (known.size > 0 && !known.has(label)) missing.push(`${where}: ${metric}{${label}}`);
          found += 1;
        }
      expect(missing).to.deep.equal([]);
      expect(found).to.be.greaterThan(60);
    });

    it('and every name that the outside relies upon is scraped', () => {
      const promised =
        `reservations_created_total reservations_confirmed_total reservations_expired_total reservation_overlap_attempts_total
        redis_lock_failed_total webhooks_received_total jobs_processed_total jobs_failed_total job_duration_seconds queue_jobs
        queue_oldest_job_age_seconds reply_latency_seconds messages_sent_total payments_settled_total calendar_sync_age_seconds
        calendar_conflicts_open sweep_last_run_age_seconds`.split(/\s+/);
      for (const [process, scrape] of Object.entries(scrapes))
        expect(
          promised.filter((name) => !scrape.has(name)),
          process,
        ).to.deep.equal([]);
    });
  });

  it('reads PromQL well enough to judge by', () => {
    expect(
      selectorsOf(
        'sum by (kind, le) (rate(a_bucket{kind="text", le=~"3|5"}[5m])) / on (kind) b_total > 0 or absent(c:d:rate5m)',
      ),
    ).to.deep.equal([
      { metric: 'a_bucket', labels: ['kind', 'le'] },
      { metric: 'b_total', labels: [] },
      { metric: 'c:d:rate5m', labels: [] },
    ]);
  });

  it('has alerts that say what is wrong, each once, explained in the README', async () => {
    const readme = await read('README.md');
    const alerts = rules.filter(({ alert }) => alert !== undefined);
    expect(new Set(alerts.map(({ alert }) => alert)).size).to.equal(alerts.length);
    for (const { alert, labels, annotations } of alerts) {
      expect(labels?.['severity'], alert).to.be.oneOf(['page', 'ticket']);
      expect(annotations?.['summary'], alert).to.be.a('string');
      expect(annotations?.['description'], alert).to.be.a('string');
    }
    for (const [, name = ''] of readme.matchAll(/`(Posada[A-Z]\w+)`/g))
      expect(alerts.map(({ alert }) => alert)).to.include(name);
  });

  it('burns over a long and a short window, and over what Prometheus records', () => {
    const recorded = new Set(rules.map(({ record }) => record));
    const burns = rules.filter(({ alert }) => alert?.includes('Burn'));
    expect(burns).to.have.length(4);
    for (const { alert, expr } of burns) {
      const windows = Array.from(expr.matchAll(/ratio(\w+)/g), ([, window]) => window);
      expect(windows, alert).to.deep.equal(alert?.endsWith('Fast') ? ['1h', '5m'] : ['6h', '30m']);
      for (const [name] of expr.matchAll(/posada:\w+:\w+/g)) expect(recorded, alert).to.include(name);
    }
    for (const { record, expr } of rules) if (record) expect(expr, record).to.contain(`[${record.split('ratio')[1]}]`);
  });

  it('has a bucket where each objective lies', async () => {
    const text = await read('posada.rules.yml');
    const { createMetrics } = await import('#shared/observability/metrics.ts');
    const metrics = createMetrics();
    metrics.replyLatency.observe({ kind: 'text' }, 1);
    const scraped = await metrics.render();
    for (const [, le = ''] of text.matchAll(/le="(\d+)"/g))
      expect(scraped).to.contain(`reply_latency_seconds_bucket{le="${le}",kind="text"}`);
  });

  it('is patient with slow sweeps alone', () => {
    const { expr } = rules.find(({ alert }) => alert === 'PosadaSweepLate')!;
    const slow = new RegExp(`^(?:${/sweep!~"([^"]+)"/.exec(expr)![1]!})$`);
    const periods = Object.entries(jobs as Record<string, Contract>).flatMap(([name, { everyMs }]) =>
      everyMs === undefined ? [] : [{ name, everyMs }],
    );
    expect(periods.length).to.be.greaterThan(10);
    for (const { name, everyMs } of periods) expect(slow.test(name), name).to.equal(everyMs > 60_000);
  });

  it('lets Prometheus find every process of the compose file', async () => {
    const { scrape_configs: scrapes, rule_files: files } = parse(await read('prometheus.yml')) as {
      rule_files: string[];
      scrape_configs: { job_name: string; dns_sd_configs: { names: string[]; port: number }[] }[];
    };
    expect(files).to.deep.equal(['posada.rules.yml']);
    const targets = scrapes.flatMap(({ dns_sd_configs: found }) =>
      found.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
    );
    expect(targets).to.have.members(['api:3000', ...queueNames.map((name) => `${name}:9464`)]);
    expect(scrapes.every(({ job_name: name }) => name.startsWith('posada-'))).to.equal(true);
  });

  it('fits its panels on the grid', () => {
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
    for (const { title, gridPos } of panels) expect(gridPos.x + gridPos.w, title).to.be.at.most(24);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
