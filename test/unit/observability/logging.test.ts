import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import fc from 'fast-check';
import { runInContext } from '#shared/observability/context.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { redact, scrubErrorMessage, scrubText } from '#shared/observability/redaction.ts';
import { samplePayloads } from '../../integration/queues/pools.ts';

describe('the redaction', () => {
  it('censors personal and secret keys at any depth, whatever their spelling', () => {
    const found = redact({
      conversationId: '7',
      a: [
        { b: { wa_id: 'x', waId: 'x', Phone: 'x', guest_name: 'kept', profileName: 'x', 'X-Hub-Signature-256': 'x' } },
      ],
      accessToken: 'x',
      init_point: 'x',
      contact: { text: 'x', isForwarded: true },
    });
    expect(JSON.stringify(found)).not.to.contain('"x"');
    expect(found).to.include({ conversationId: '7' });
  });

  it('scrubs texts of phones, e-mails, credentials, queries and message ids, and keeps ids of payments', () => {
    expect(scrubText('wrote +54 9 11 2222-3333, 5491122223333, ana@example.com')).to.equal(
      'wrote [number], [number], [email]',
    );
    expect(scrubText('GET https://u:p@host/x?token=1 Bearer abcdefghijk')).to.equal('GET https://…@host/x?… Bearer …');
    expect(scrubText('wamid.HBgNNTQ5MTE=')).to.match(/^wamid#[0-9a-f]{12}$/);
    expect(redact({ paymentId: '123456789012' })).to.deep.equal({ paymentId: '123456789012' });
    expect(scrubText('0b5c1e9e-3c55-4f0e-9df4-0a1b2c3d4e5f at 2026-11-24T12:00:00')).to.equal(
      '0b5c1e9e-3c55-4f0e-9df4-0a1b2c3d4e5f at 2026-11-24T12:00:00',
    );
  });

  it('judges a key once and each of its values anew', () => {
    for (const value of ['123456789012', 'ana@example.com', '5491122223333 y más'])
      expect(redact({ paymentId: value, note: value, place: value })).to.deep.equal({
        paymentId: /^\d+$/.test(value) ? value : scrubText(value),
        note: '[redacted]',
        place: scrubText(value),
      });
    expect(redact({ note: true, place: 1 })).to.deep.equal({ note: true, place: 1 });
    for (let i = 0; i < 2_000; i += 1)
      expect(redact({ [`+54911222${i}0000`]: 'x' })).to.deep.equal({ '[number]': 'x' });
    expect(redact({ phone: 'x', ['k'.repeat(200)]: 'ana@example.com' })).to.deep.equal({
      phone: '[redacted]',
      ['k'.repeat(200)]: '[email]',
    });
  });

  it('masks what an error quotes, keeps identifiers', () => {
    expect(scrubErrorMessage('duplicate key value violates unique constraint "one_row_per_message"')).to.contain(
      '"one_row_per_message"',
    );
    expect(scrubErrorMessage('invalid input syntax for type date: "mañana"')).to.equal(
      'invalid input syntax for type date: "…"',
    );
    expect(scrubErrorMessage('bad {"text":"hola","name":"Ana"}')).not.to.match(/hola|Ana/);
  });

  it('survives cycles, errors with causes, maps, bytes and depth', () => {
    const cycle: Record<string, unknown> = {
      at: new Date(0),
      bytes: Buffer.from('abc'),
      map: new Map([['phone', 'x']]),
    };
    cycle['self'] = cycle;
    cycle['err'] = new Error('outer', { cause: Object.assign(new Error('inner'), { detail: 'x', code: '23505' }) });
    const found = redact(cycle) as Record<string, { cause?: Record<string, unknown> }>;
    expect(found['self']).to.equal('[…]');
    expect(found['err']?.cause).to.include({ code: '23505' }).and.not.to.have.property('detail');
  });
});

describe('the logger', () => {
  const logged = (work: (log: ReturnType<typeof createLogger>) => void): string => {
    let output = '';
    work(createLogger({ logLevel: 'trace', isProduction: true }, { write: (line) => void (output += line) }));
    return output;
  };

  it('writes JSON with the level as a word and the correlation id of the running work', () => {
    const line = logged((log) =>
      runInContext({ correlationId: 'c-1' }, () => log.child({ job: 'x' }).info({ n: 1 }, 'done')),
    );
    expect(JSON.parse(line)).to.include({ level: 'info', correlationId: 'c-1', job: 'x', n: 1, msg: 'done' });
  });

  it('says nothing when it is silent', () => {
    expect(logged((log) => (log.level = 'silent'))).to.equal('');
  });

  it('lets no canary out, in whatever field of whatever payload it stands', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(samplePayloads)),
        fc.constantFrom('5491155556666', 'canario@example.com', 'https://x.example/?canario=1', '+54 9 11 5555-6666'),
        (payload, canary) => {
          const planted = plant(payload, canary);
          const output = logged((log) => {
            log.info({ payload: planted }, 'payload');
            log.child({ ...(planted as object) }).warn(`text ${canary}`);
            log.error(new Error(`failed for ${canary}: ${JSON.stringify(planted)}`));
            log.error({
              err: Object.assign(new Error('x'), { request: planted, detail: canary }),
              nested: [{ deep: planted }],
            });
          });
          expect(output).not.to.match(/canario|55556666|5555-6666/);
        },
      ),
    );
  });
});

/** The payload with the canary in every text; a payment's id is no text of a guest. */
function plant(value: unknown, canary: string): unknown {
  if (typeof value === 'string') return canary;
  if (Array.isArray(value)) return value.map((item) => plant(item, canary));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === 'paymentId' ? inner : plant(inner, canary)]),
  );
}

describe('a log that nobody reads any more', () => {
  it('stops no process', async function () {
    this.timeout(20_000);
    const script = `
      import { createLogger } from '#shared/observability/logger.ts';
      const log = createLogger({ logLevel: 'info', isProduction: true });
      let lines = 0;
      const timer = setInterval(() => {
        log.info('a line');
        if ((lines += 1) < 20) return;
        clearInterval(timer);
        process.stderr.write('alive');
      }, 5);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'exit')) as [number | null];
    expect({ code, isAlive: said.endsWith('alive') }, said).to.deep.equal({ code: 0, isAlive: true });
  });

  it('has said the last lines of a process that ends', async function () {
    this.timeout(20_000);
    const script = `
      import { createLogger } from '#shared/observability/logger.ts';
      createLogger({ logLevel: 'info', isProduction: true }).info('the last line');
      process.exit(3);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).to.equal(3);
    expect(said).to.contain('the last line');
  });
});
