import { expect } from 'chai';
import { vendorChecks } from '#shared/db/stores/vendor-checks.ts';
import { openHouse, type House } from '../../support/house.ts';

type Health = { status: string; checks: Record<string, { status: string; detail?: string; latencyMs: number }> };

describe('/healthz of a whole house', () => {
  let house: House;
  before(async function () {
    this.timeout(60_000);
    house = await openHouse('postgres', { pools: [], variables: { OPENAI_API_KEY: 'sk-test' } });
  });
  after(() => house.close());

  const ask = async (): Promise<{ status: number; health: Health; text: string }> => {
    const answer = await fetch(`${house.url}/healthz`);
    const text = await answer.text();
    return { status: answer.status, health: JSON.parse(text) as Health, text };
  };

  it('has each check of the contract, measured', async () => {
    const { status, health } = await ask();
    expect(status).to.equal(200);
    expect(Object.keys(health.checks)).to.include.members([
      'database',
      'redis',
      'queues',
      'memory',
      'disk',
      'whatsapp',
      'mercadopago',
      'openai',
      'ical',
    ]);
    for (const [name, { latencyMs }] of Object.entries(health.checks)) expect(latencyMs, name).to.be.a('number');
    expect(health.checks['memory']!.detail).to.match(/\d+ MB/);
    expect(health.checks['disk']!.detail).to.match(/\d+ of \d+ MB free/);
  });

  it('degrades, and stays 200, when a vendor does not do its part; nothing in it is a secret', async () => {
    const { database } = house;
    await database.query(
      `INSERT INTO vendor_health (vendor, last_error_at, last_error, stops, stopped_until) VALUES ('whatsapp', now(), '190', 2, now() + interval '1 minute')`,
    );
    await database.query(`INSERT INTO contacts (profile_name) VALUES ('Ana')`);
    await database.query(`INSERT INTO conversations (contact_id) VALUES (1)`);
    await database.query(
      `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, payload, state, sent_at, recorded_at)
       VALUES (1, 'wamid.1', 'audio', '{}', 'untranscribed', now(), now() - interval '5 minutes')`,
    );
    const { status, health, text } = await ask();
    expect([status, health.status]).to.deep.equal([200, 'degraded']);
    expect(health.checks['whatsapp']).to.include({ status: 'degraded', detail: 'asks us to stop (190)' });
    expect(health.checks['openai']!.status).to.equal('degraded');
    expect(health.checks['mercadopago']!.status).to.equal('ok');
    expect(text).not.to.match(/graph-token|APP_USR|sk-test/);
  });

  it('tells when each vendor last worked and last failed, and what is not set up', async () => {
    const { database } = house;
    await database.query('TRUNCATE vendor_health, inbound_messages CASCADE');
    await database.query(
      `INSERT INTO vendor_health (vendor, last_success_at, last_error_at, last_error)
       SELECT vendor, '2026-11-24T12:00:00Z', '2026-11-24T11:00:00Z', '503' FROM unnest(ARRAY['whatsapp', 'mercadopago']) AS vendor`,
    );
    const told = 'last success 2026-11-24T12:00:00Z, last error 2026-11-24T11:00:00Z (503)';
    const { health } = await ask();
    for (const vendor of ['whatsapp', 'mercadopago']) {
      expect(health.checks[vendor]!.status, vendor).to.equal('ok');
      expect(health.checks[vendor]!.detail, vendor).to.include(told);
    }
    await database.query(
      `UPDATE vendor_health SET last_error_at = '2026-11-24T13:00:00Z' WHERE vendor = 'mercadopago'`,
    );
    expect((await ask()).health.checks['mercadopago']!.status).to.equal('degraded');
    const nothing = { whatsapp: false, mercadopago: false, openai: false };
    const checks = vendorChecks(
      nothing,
      () => database,
      () => Promise.resolve(true),
    );
    const found = await Promise.all(checks.map(async (check) => [check.name, await check.run()] as const));
    expect(Object.fromEntries(found)).to.containSubset({
      whatsapp: { status: 'degraded', detail: 'not set up' },
      mercadopago: { status: 'degraded', detail: 'not set up' },
    });
  });
});
