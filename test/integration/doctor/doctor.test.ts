import { execFile } from 'node:child_process';
import { expect } from 'chai';
import { readEnv } from '#shared/config/env.ts';
import { openDatabase } from '#shared/db/data-source.ts';
import { describeOnBothBackends } from '../../support/both-backends.ts';
import { addFeed } from '../../support/console-world.ts';
import { createEmptyDatabase } from '../../support/database.ts';
import { openHouse, type House } from '../../support/house.ts';
import { makeTestFolder } from '../../support/services.ts';
import { checkConfiguration, graphVersion } from '../../../scripts/doctor/check-configuration.ts';
import { checkDatabase, judgeClock } from '../../../scripts/doctor/check-database.ts';
import { judgeRedis } from '../../../scripts/doctor/check-queues.ts';
import type { Finding } from '../../../scripts/doctor/finding.ts';

type Report = { isHealthy: boolean; findings: Finding[] };

describeOnBothBackends('jobs doctor', (backend) => {
  let house: House;
  before(async function () {
    this.timeout(60_000);
    house = await openHouse(backend);
  });
  after(() => house.close());

  /** The command as a process, beside the running house. */
  const examine = (variables: Record<string, string> = {}): Promise<{ code: number; report: Report; text: string }> =>
    new Promise((resolve, reject) => {
      const env = { PATH: process.env['PATH'] ?? '', ...house.variables, ...variables };
      execFile(process.execPath, ['scripts/jobs.ts', 'doctor', '--json'], { env }, (error, stdout, stderr) => {
        if (!stdout.startsWith('{')) return reject(new Error(`${stdout}${stderr}`));
        resolve({
          code: (error?.code as number | undefined) ?? 0,
          report: JSON.parse(stdout) as Report,
          text: stdout + stderr,
        });
      });
    });
  const find = ({ findings }: Report, check: string): Finding | undefined =>
    findings.find((finding) => finding.check === check);

  it('finds nothing wrong with a house that is well, but for what a test machine is', async () => {
    const { report } = await examine();
    const faults = report.findings.filter(
      ({ status, check }) => status === 'fault' && !/^(redis p|postgres durability)/.test(check),
    );
    expect(faults).to.deep.equal([]);
    for (const check of [
      'schema',
      'btree_gist',
      'referee',
      'occupancies',
      'ledger',
      'whatsapp',
      'mercadopago',
      'whatsapp signature',
      'mercadopago signature',
    ])
      expect(find(report, check), check).to.include({ status: 'ok' });
    expect(find(report, 'redis')?.detail).to.match(backend === 'redis' ? /^\d/ : /not used/);
  }).timeout(60_000);

  // What follows asks no queue: once is enough.
  if (backend === 'redis') return;

  it('names what is wrong with its cure, and never a secret', async () => {
    const { code, report, text } = await examine({
      WHATSAPP_ACCESS_TOKEN: 'an-old-token-canary',
      MERCADOPAGO_ACCESS_TOKEN: 'APP_USR-wrong-canary',
      WHATSAPP_API_URL: house.variables['WHATSAPP_API_URL']!.replace('v26.0', 'v19.0'),
      PUBLIC_URL: 'http://203.0.113.7',
    });
    expect(code).to.equal(1);
    expect(report.isHealthy).to.equal(false);
    for (const check of ['whatsapp', 'mercadopago', 'graph api version', 'public address']) {
      expect(find(report, check), check).to.include({ status: 'fault' });
      expect(find(report, check)?.cure, check).to.be.a('string');
    }
    expect(text).not.to.contain('canary');
  }).timeout(60_000);

  it('goes on without the database', async () => {
    const { code, report } = await examine({ DATABASE_URL: 'postgres://x:canary@127.0.0.1:1/none' });
    expect(code).to.equal(1);
    expect(find(report, 'postgres')).to.include({ status: 'fault' });
    expect(find(report, 'whatsapp')).to.include({ status: 'ok' });
  }).timeout(60_000);

  it('sees a feed that cannot be read and cents that lie nowhere', async () => {
    await addFeed(house.database, { unit: 'Casa Ñire', channel: 'vrbo', ageMinutes: 90, events: [] });
    // As no code of ours can: the rule that every commit keeps is off for this one.
    await house.database.transaction(async (manager) => {
      await manager.query(`SET LOCAL session_replication_role = 'replica'`);
      await manager.query(
        `INSERT INTO payments (provider, provider_payment_id, status, amount_cents, approved_cents, currency, outcome, provider_updated_at, received_at, is_live)
         VALUES ('mercadopago', '70011223344', 'approved', 5000, 5000, 'ARS', 'recorded', now(), now(), true)`,
      );
    });
    const { code, report } = await examine();
    expect(code).to.equal(1);
    for (const [check, detail, cure] of [
      ['ledger', /70011223344/, /reconcile/],
      [
        report.findings.find(({ check: name }) => name.startsWith('feed '))?.check ?? '',
        /cannot be read/,
        /address anew/,
      ],
    ] as const) {
      expect(find(report, check), check).to.include({ status: 'fault' });
      expect(find(report, check)?.detail).to.match(detail);
      expect(find(report, check)?.cure).to.match(cure);
    }
    await house.database.query('DELETE FROM calendar_feeds');
    await house.database.query(`DELETE FROM payments WHERE provider_payment_id = '70011223344'`);
  }).timeout(60_000);

  it('sees nights that nobody has, a referee that is gone, and workers that sleep', async () => {
    const { database } = house;
    await database.query(
      `INSERT INTO blocks (accommodation_id, nights) VALUES (1, daterange(current_date + 10, current_date + 12))`,
    );
    await database.query('ALTER TABLE occupancies DROP CONSTRAINT no_booking_over_block');
    await database.query(`INSERT INTO sweep_runs (sweep, last_run_at) VALUES ('x', now()) ON CONFLICT DO NOTHING`);
    await house.stopWorkers();
    await database.query(`UPDATE sweep_runs SET last_run_at = now() - interval '10 minutes'`);
    const findings = await checkDatabase(house.env, database);
    const wrong = findings.filter(({ status }) => status === 'fault').map(({ check }) => check);
    expect(wrong).to.include.members(['referee', 'occupancies', 'sweeps']);
  });
});

describe('what doctor judges', () => {
  it('tells a schema that is behind, and how to bring it up', async () => {
    const empty = await createEmptyDatabase();
    const database = await openDatabase(empty.url, 2);
    try {
      const findings = await checkDatabase(readEnv({ DATA_DIR: await makeTestFolder('doctor') }), database);
      const schema = findings.find(({ check }) => check === 'schema');
      expect(schema).to.include({ status: 'fault', cure: 'npm run migrate' });
    } finally {
      await database.destroy();
      await empty.drop();
    }
  });

  it('wants the clocks of machine and database to agree', () => {
    expect([0.2, 5, 61].map((seconds) => judgeClock(seconds).status)).to.deep.equal(['ok', 'warning', 'fault']);
    expect(judgeClock(61).cure).to.contain('time service');
  });

  it('tries its own signatures, and says which secret is missing', async () => {
    const env = readEnv({ DATA_DIR: await makeTestFolder('doctor') });
    const findings = await checkConfiguration({
      ...env,
      whatsapp: { ...env.whatsapp, appSecrets: [] },
      mercadopago: { ...env.mercadopago, webhookSecret: '' },
    });
    for (const [check, variable] of [
      ['whatsapp signature', 'WHATSAPP_APP_SECRET'],
      ['mercadopago signature', 'MERCADOPAGO_WEBHOOK_SECRET'],
    ] as const) {
      const found = findings.find((finding) => finding.check === check);
      expect(found, check).to.include({ status: 'fault' });
      expect(found?.cure).to.contain(variable);
    }
  });

  it('warns 90 days before a Graph API version ends', () => {
    const on = (date: string, version = 'v21.0') =>
      graphVersion(`https://graph.facebook.com/${version}`, new Date(date));
    expect(on('2026-10-01')).to.include({ status: 'ok' });
    expect(on('2026-11-24')).to.include({ status: 'warning' });
    expect(on('2027-01-21')).to.include({ status: 'fault' });
    expect(on('2026-11-24', 'v26.0')).to.include({ status: 'ok' });
    expect(on('2026-11-24', 'v17.0')).to.include({ status: 'fault' });
    expect(on('2026-11-24', 'latest')).to.include({ status: 'warning' });
  });

  it('wants a Redis that keeps what it is given', () => {
    const good = { version: '7.0.15', maxmemoryPolicy: 'noeviction', appendonly: 'yes', appendfsync: 'always' };
    expect(judgeRedis(good).map(({ status }) => status)).to.deep.equal(['ok', 'ok', 'ok', 'ok']);
    const faultsOf = (more: object) =>
      judgeRedis({ ...good, ...more })
        .filter(({ status }) => status === 'fault')
        .map(({ check }) => check);
    expect(faultsOf({ maxmemoryPolicy: 'allkeys-lru' })).to.deep.equal(['redis policy']);
    expect(faultsOf({ appendonly: 'no' })).to.deep.equal(['redis persistence']);
    expect(faultsOf({ appendfsync: 'everysec' })).to.deep.equal(['redis persistence']);
    expect(faultsOf({ version: '5.0.7' })).to.deep.equal(['redis']);
    expect(judgeRedis({ ...good, appendonly: undefined }).some(({ status }) => status === 'warning')).to.equal(true);
  });
});
