import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { signMercadoPago } from '#shared/integrations/mercadopago/signature.ts';
import { signWhatsApp } from '#shared/integrations/whatsapp/signature.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { queueNames } from '#shared/queues/contracts.ts';
import { describeOnBothBackends, redisUrlFor } from '../support/both-backends.ts';
import { createCanaries, type Canaries } from '../support/canaries.ts';
import { eventually } from '../support/eventually.ts';
import { openHouse, type House } from '../support/house.ts';
import { logIn, testOperator } from '../support/operator.ts';
import { inDays } from '../support/records.ts';

/** What guests send, each with every field that Meta documents for it; texts are placeholders. */
const kinds: Record<string, (phone: string) => object> = {
  text: () => ({ type: 'text', text: { body: 'x', preview_url: 'x' } }),
  button: () => ({ type: 'button', button: { text: 'x', payload: 'x' }, context: { from: 'x', id: 'x' } }),
  interactive: () => ({
    type: 'interactive',
    interactive: { type: 'button_reply', button_reply: { id: 'x', title: 'x' } },
  }),
  list: () => ({
    type: 'interactive',
    interactive: { type: 'list_reply', list_reply: { id: 'x', title: 'x', description: 'x' } },
  }),
  flow: () => ({
    type: 'interactive',
    interactive: { type: 'nfm_reply', nfm_reply: { name: 'x', body: 'x', response_json: 'x' } },
  }),
  image: () => ({ type: 'image', image: { id: 'x', mime_type: 'image/jpeg', sha256: 'x', caption: 'x' } }),
  document: () => ({
    type: 'document',
    document: { id: 'x', mime_type: 'application/pdf', filename: 'x', caption: 'x' },
  }),
  location: () => ({
    type: 'location',
    location: { latitude: -41.1, longitude: -71.3, name: 'x', address: 'x', url: 'x' },
  }),
  contacts: () => ({
    type: 'contacts',
    contacts: [
      {
        name: { formatted_name: 'x', first_name: 'x' },
        phones: [{ phone: 'x', wa_id: 'x' }],
        emails: [{ email: 'x' }],
      },
    ],
  }),
  reaction: () => ({ type: 'reaction', reaction: { message_id: 'x', emoji: 'x' } }),
  unsupported: () => ({
    type: 'unsupported',
    errors: [{ code: 131051, title: 'x', message: 'x', error_data: { details: 'x' } }],
  }),
  unheardOf: () => ({ type: 'telepathy', telepathy: { thought: 'x', to: ['x', { deep: 'x' }] } }),
  referred: () => ({
    type: 'text',
    text: { body: 'x' },
    referral: { source_url: 'x', headline: 'x', body: 'x', source_id: 'x' },
  }),
};

describeOnBothBackends('personal data', function (backend) {
  this.timeout(120_000);
  let house: House;
  let token: string;
  const lines: string[] = [];
  const errors: string[] = [];
  const canaries = createCanaries();
  before(async () => {
    house = await openHouse(backend, {
      log: createLogger({ logLevel: 'trace', isProduction: true }, { write: (line) => void lines.push(line) }),
    });
    token = await logIn(house.url);
  });
  after(() => house.close());

  const post = async (path: string, body: string, headers: Record<string, string>): Promise<void> => {
    const answer = await fetch(`${house.url}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
    if (answer.status >= 400) errors.push(await answer.text());
  };

  const sendWhatsApp = async (
    entries: { phone: string; message: object }[],
    statuses: object[] = [],
  ): Promise<void> => {
    const value = {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: '549', phone_number_id: house.env.whatsapp.phoneNumberId },
      contacts: entries.map(({ phone }) => ({
        wa_id: phone,
        user_id: canaries.bsuid(),
        profile: { name: 'x', username: 'x' },
      })),
      messages: entries.map(({ message }) => message),
      statuses,
    };
    const body = JSON.stringify(
      canaries.plant({
        object: 'whatsapp_business_account',
        entry: [{ id: 'x', changes: [{ field: 'messages', value }] }],
      }),
    );
    await post('/webhooks/whatsapp', body, {
      'x-hub-signature-256': signWhatsApp(Buffer.from(body), house.env.whatsapp.appSecrets[0]!),
      'user-agent': canaries.word(),
    });
  };

  const callApi = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<string> => {
    const answer = await fetch(`${house.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status >= 400) errors.push(text);
    return text;
  };

  const getError = async (path: string): Promise<void> => {
    const answer = await fetch(`${house.url}${path}`, { redirect: 'manual' });
    // The console's login page leads back to where its visitor wanted to go: a page, no error body.
    if (answer.status >= 400 && !path.startsWith('/console')) errors.push(await answer.text());
  };

  /** Metrics and everything that the board says of every queue and job. */
  const readPages = async (): Promise<string> => {
    const login = `Basic ${Buffer.from(`${testOperator.email}:${testOperator.password}`).toString('base64')}`;
    const get = async (path: string): Promise<string> =>
      (await fetch(`${house.url}${path}`, { headers: { authorization: login } })).text();
    let shown = (await get('/metrics')) + (await get('/healthz'));
    for (const queue of queueNames)
      for (const status of ['latest', 'failed', 'completed', 'delayed']) {
        const page = await get(`/queues/api/queues?activeQueue=${queue}&status=${status}&page=1&jobsPerPage=50`);
        shown += page;
        const jobs =
          (JSON.parse(page) as { queues: { name: string; jobs: { id: string }[] }[] }).queues.find(
            ({ name }) => name === queue,
          )?.jobs ?? [];
        for (const { id } of jobs.slice(0, 10))
          shown += await get(`/queues/api/queues/${queue}/${encodeURIComponent(id)}`);
      }
    return shown;
  };

  const settle = (): Promise<void> =>
    eventually(
      async () => {
        const [row] = await house.database.query(
          `SELECT count(*)::int AS count FROM inbound_messages WHERE state = 'unanswered'`,
        );
        expect(row.count).to.equal(0);
        const [unsent] = await house.database.query(
          `SELECT count(*)::int AS count FROM outbound_messages WHERE state IN ('unsent', 'sending')`,
        );
        expect(unsent.count).to.equal(0);
      },
      { timeoutMs: 60_000, intervalMs: 200 },
    );

  it('of every field of every webhook is in no log, metric, page of the board or error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...Object.keys(kinds)), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (chosen, isRefused) => {
          const phone = canaries.phone();
          if (isRefused) house.whatsapp.failNext(1, { kind: 'status', status: 400, code: 131_026 });
          await sendWhatsApp(
            chosen.map((kind) => ({
              phone,
              message: { from: phone, id: canaries.messageId(phone), timestamp: '1764000000', ...kinds[kind]!(phone) },
            })),
            [
              {
                id: canaries.messageId(phone),
                recipient_id: phone,
                status: 'failed',
                timestamp: '1764000000',
                errors: [{ code: 131_026, title: 'x', message: 'x', error_data: { details: 'x' } }],
                biz_opaque_callback_data: 'x',
              },
            ],
          );
          expect(canaries.foundIn(lines.join('\n'))).to.deep.equal([]);
        },
      ),
      { numRuns: 12 },
    );
    const dataId = '123456789';
    const xRequestId = canaries.word();
    const { webhookSecret: secret } = house.env.mercadopago;
    await post(
      `/webhooks/mercadopago?type=payment&data.id=${dataId}&extra=${canaries.word()}`,
      JSON.stringify(
        canaries.plant({
          action: 'payment.updated',
          type: 'payment',
          data: { id: 'x' },
          payer: { email: 'x', name: 'x' },
        }),
      ),
      { 'x-signature': signMercadoPago({ secret, xRequestId, dataId, ts: 1_764_000_000 }), 'x-request-id': xRequestId },
    );
    for (const path of ['/webhooks/whatsapp', '/webhooks/mercadopago?type=payment&data.id=1'])
      await post(path, JSON.stringify({ text: canaries.word(), phone: canaries.phone() }), {
        'x-hub-signature-256': canaries.word(),
        'x-signature': canaries.word(),
      });
    await settle();
    expect(lines.length).to.be.greaterThan(50);
    expect(canaries.foundIn(lines.join('\n'))).to.deep.equal([]);
    expect(canaries.foundIn(await readPages())).to.deep.equal([]);
    expect(errors.filter((text) => canaries.foundIn(text).length > 0)).to.deep.equal([]);
  });

  it('of every field of the operators’ API, and of every nonsense sent to it, is neither', async () => {
    const phone = canaries.phone();
    const held = JSON.parse(
      await callApi('POST', '/reservations', {
        accommodationId: 1,
        checkIn: inDays(30),
        checkOut: inDays(32),
        guests: 2,
        contact: { name: canaries.word(), phone, bsuid: canaries.bsuid() },
      }),
    ) as { code: string };
    const list = JSON.parse(await callApi('GET', `/conversations?search=${phone}`)) as { items: { id: string }[] };
    const chat = list.items[0]!.id;
    const calls: [string, string, unknown][] = [
      [
        'POST',
        `/conversations/${chat}/messages`,
        { text: `${canaries.word()} ${canaries.email()} ${canaries.phone()}` },
      ],
      [
        'POST',
        `/reservations/${held.code}/payments`,
        { amountCents: 100, method: 'transfer', reference: canaries.word() },
      ],
      ['POST', `/reservations/${held.code}/cancel`, { reason: canaries.word() }],
      ['POST', '/feeds', { accommodationId: 1, channel: 'airbnb', url: canaries.url() }],
      ['POST', '/feeds', { accommodationId: 1, channel: 'vrbo', url: `ftp://${canaries.word()}` }],
      ['POST', '/blocks', { accommodationId: 1, from: inDays(70), to: inDays(71), reason: canaries.word() }],
      ['GET', `/reservations?search=${canaries.word()}`, undefined],
      ['GET', `/reservations?${canaries.word()}=1`, undefined],
      ['GET', `/reservations/${canaries.word()}`, undefined],
      ['GET', `/reservations?cursor=${canaries.word()}`, undefined],
      ['GET', `/conversations/${canaries.word()}`, undefined],
      [
        'POST',
        '/reservations',
        { [canaries.word()]: canaries.word(), contact: { phone: canaries.word(), name: [canaries.word()] } },
      ],
      ['POST', '/reservations', `{"contact": "${canaries.word()}`],
      ['POST', '/auth/login', { email: canaries.email(), password: canaries.word() }],
      ['POST', '/auth/login', { email: canaries.email(), password: [canaries.word()], [canaries.word()]: 1 }],
      ['DELETE', `/${canaries.word()}`, undefined],
      ['POST', `/payments/${canaries.word()}/accept`, { reservation: canaries.word() }],
    ];
    for (const [method, path, body] of calls)
      await callApi(method, path, body, {
        'idempotency-key': canaries.word(),
        'x-request-id': `${canaries.word()} ?`,
        cookie: `s=${canaries.word()}`,
      });
    for (const authorization of [
      `Bearer ${canaries.word()}`,
      `Bearer a.${canaries.word()}.c`,
      `Basic ${canaries.word()}`,
    ])
      await callApi('GET', '/stats', undefined, { authorization });
    for (const path of [
      `/${canaries.word()}`,
      `/console/${canaries.word()}`,
      `/calendars/${canaries.word()}.ics`,
      `/queues/${canaries.word()}`,
      `/%${canaries.word()}`,
    ])
      await getError(path);
    await settle();
    expect(errors.length).to.be.greaterThan(10);
    expect(errors.filter((text) => canaries.foundIn(text).length > 0)).to.deep.equal([]);
    expect(canaries.foundIn(lines.join('\n'))).to.deep.equal([]);
    expect(canaries.foundIn(await readPages())).to.deep.equal([]);
  });

  it('of a person who asks for it is erased from tables, queues and media; bookings and payments stay', async () => {
    const own = createCanaries();
    const phone = own.phone();
    const name = own.word();
    await sendWhatsAppOf(own, phone, name, [`hola, soy ${name}`, `mi mail es ${own.email()}`]);
    const code = await bookFor(own, phone, name);
    await eventually(async () => {
      const [row] = await house.database.query(
        `SELECT count(*)::int AS count FROM inbound_messages WHERE text LIKE $1 AND state <> 'unanswered'`,
        [`%${name}%`],
      );
      expect(row.count).to.be.at.least(1);
    });
    await settle();
    const media = join(house.env.mediaDir, '999999.ogg');
    await mkdir(house.env.mediaDir, { recursive: true });
    await writeFile(media, name);
    await house.database.query(
      `UPDATE inbound_messages SET media_path = '999999.ogg' WHERE id = (SELECT max(id) FROM inbound_messages WHERE text LIKE $1)`,
      [`%${name}%`],
    );
    await house.database.query(
      `INSERT INTO owner_notices (type, conversation_id, data) SELECT 'guest_wants_person', v.id, jsonb_build_object('name', $1::text, 'text', $1::text, 'code', $2::text)
       FROM conversations v JOIN contacts c ON c.id = v.contact_id WHERE c.profile_name = $1`,
      [name, code],
    );
    expect(own.foundIn(await dumpPostgres(house)).length, 'planted').to.be.greaterThan(5);

    const report = await eraseByCommand(house, phone.replace(/^549/, '0'));
    expect(report).to.include({ found: true, jobsLeft: 0, mediaFiles: 1 });
    expect(report.leftInTables).to.deep.equal({});
    expect(report.isRedisRewritten).to.equal(backend === 'redis' ? true : null);
    expect(own.foundIn(await dumpPostgres(house))).to.deep.equal([]);
    if (backend === 'redis') expect(own.foundIn(await dumpRedis(house))).to.deep.equal([]);
    expect(own.foundIn(lines.join('\n'))).to.deep.equal([]);
    expect(await readdir(house.env.mediaDir)).not.to.include('999999.ogg');

    const kept = JSON.parse(await callApi('GET', `/reservations/${code}`)) as {
      code: string;
      contact: { name: null; phone: null };
      payments: object[];
    };
    expect(kept.contact).to.include({ name: null, phone: null });
    expect(kept.payments).to.have.length(1);
    expect(await eraseByCommand(house, phone)).to.deep.equal({ found: false });
    // Who writes again is somebody new.
    const again = createCanaries().word();
    await sendWhatsAppOf(own, phone, again, ['hola de nuevo']);
    await eventually(
      async () => {
        const rows = await house.database.query('SELECT id FROM contacts WHERE profile_name = $1', [again]);
        expect(rows).to.have.length(1);
      },
      { timeoutMs: 60_000 },
    );
    await settle();
  });

  async function sendWhatsAppOf(own: Canaries, phone: string, name: string, texts: string[]): Promise<void> {
    const value = {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: '549', phone_number_id: house.env.whatsapp.phoneNumberId },
      contacts: [{ wa_id: phone, profile: { name } }],
      messages: texts.map((body) => ({
        from: phone,
        id: own.messageId(phone),
        timestamp: String(Math.floor(Date.now() / 1_000)),
        type: 'text',
        text: { body },
      })),
    };
    const body = JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [{ id: '1', changes: [{ field: 'messages', value }] }],
    });
    await post('/webhooks/whatsapp', body, {
      'x-hub-signature-256': signWhatsApp(Buffer.from(body), house.env.whatsapp.appSecrets[0]!),
    });
  }

  async function bookFor(own: Canaries, phone: string, name: string): Promise<string> {
    const stay = { accommodationId: 2, checkIn: inDays(100), checkOut: inDays(103), guests: 2 };
    const headers = { 'idempotency-key': `erase-${phone}` };
    const { code } = JSON.parse(
      await callApi('POST', '/reservations', { ...stay, contact: { phone: `+${phone}`, name } }, headers),
    ) as { code: string };
    await callApi(
      'POST',
      `/reservations/${code}/payments`,
      { amountCents: 100, method: 'transfer', reference: `de ${own.word()}` },
      { 'idempotency-key': `pay-${phone}` },
    );
    const list = JSON.parse(await callApi('GET', `/conversations?search=${phone}`)) as { items: { id: string }[] };
    await callApi('POST', `/conversations/${list.items[0]!.id}/messages`, { text: `Gracias ${name} ${own.phone()}` });
    await callApi('POST', `/conversations/${list.items[0]!.id}/resume`);
    await callApi('POST', `/reservations/${code}/cancel`, { reason: `avisó ${name}` });
    return code;
  }
});

type EraseReport = {
  found: boolean;
  jobsLeft: number;
  mediaFiles: number;
  leftInTables: object;
  isRedisRewritten: boolean | null;
};

function eraseByCommand(house: House, named: string): Promise<EraseReport> {
  const env = { PATH: process.env['PATH'] ?? '', ...house.variables };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['scripts/jobs.ts', 'erase-contact', named, '--json'],
      { env },
      (_error, stdout, stderr) => {
        if (stdout.startsWith('{')) resolve(JSON.parse(stdout) as EraseReport);
        else reject(new Error(stdout + stderr));
      },
    );
  });
}

/** Every row of every table, BullMQ's too, as text. */
async function dumpPostgres({ database }: House): Promise<string> {
  const tables: { name: string }[] = await database.query(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const rows: { text: string }[] = await database.query(`SELECT t::text AS text FROM ${name} t`);
    parts.push(...rows.map(({ text }) => text));
  }
  return parts.join('\n');
}

/** Every key of this house with its value, and the append-only files where they are on this machine. */
async function dumpRedis({ variables }: House): Promise<string> {
  const redis = new Redis((await redisUrlFor('redis'))!, { maxRetriesPerRequest: 1 });
  try {
    const parts: string[] = [];
    const keys = await redis.keys(`*${variables['QUEUE_PREFIX']}*`);
    const readers: Record<string, (key: string) => Promise<unknown>> = {
      string: (key) => redis.get(key),
      hash: (key) => redis.hgetall(key),
      list: (key) => redis.lrange(key, 0, -1),
      set: (key) => redis.smembers(key),
      zset: (key) => redis.zrange(key, 0, '-1'),
      stream: (key) => redis.xrange(key, '-', '+'),
    };
    for (const key of keys) parts.push(key, JSON.stringify(await readers[await redis.type(key)]?.(key)));
    const [, dir] = (await redis.config('GET', 'dir')) as [string, string];
    const [, folder] = (await redis.config('GET', 'appenddirname')) as [string, string];
    for (const file of await readdir(join(dir, folder)).catch(() => []))
      parts.push(await readFile(join(dir, folder, file), 'latin1'));
    return parts.join('\n');
  } finally {
    redis.disconnect();
  }
}
