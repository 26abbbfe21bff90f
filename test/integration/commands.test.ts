import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { listDeadLetters } from '#shared/queues/dead-letters.ts';
import { describeOnBothBackends } from '../support/both-backends.ts';
import { eventually } from '../support/eventually.ts';
import { createPhone, openHouse, type House, type Phone } from '../support/house.ts';
import { makeTestFolder } from '../support/services.ts';

describeOnBothBackends('the command line on a running house', function (backend) {
  this.timeout(120_000);
  let house: House;
  before(async () => {
    house = await openHouse(backend, { pools: ['conversations', 'deliveries'] });
  });
  after(() => house.close());

  type Answer = { exitCode: number; data: Record<string, unknown>; stdout: string; stderr: string };

  /** `npm run --silent jobs -- …` as its own process. */
  async function jobs(...args: string[]): Promise<Answer> {
    const env = { PATH: process.env['PATH'] ?? '', ...house.variables };
    const run = promisify(execFile)(process.execPath, ['scripts/jobs.ts', ...args], { env });
    const { stdout, stderr, code } = await run.then(
      (ended) => ({ ...ended, code: 0 }),
      (error: { stdout: string; stderr: string; code: number }) => error,
    );
    const data = args.includes('--json') && stdout ? (JSON.parse(stdout) as Record<string, unknown>) : {};
    return { exitCode: code, data, stdout, stderr };
  }

  describe('replay', () => {
    const lost: Phone[] = [];
    const idOf = (phone: Phone): string => `wamid.lost.${phone.phone}`;
    const letters = async () =>
      (await listDeadLetters(house.workers!.deps.queues, 'conversations')).filter(
        ({ job }) => job === 'reply-to-message',
      );

    /** A message that cannot be recorded: its job has the only copy of it, and fails finally. */
    async function lose(phone: Phone): Promise<void> {
      const now = new Date().toISOString();
      const queue = house.workers!.deps.queues.queues()!.conversations;
      const message = { providerMessageId: idOf(phone), phoneNumberId: '100200300', contact: { phone: phone.phone } };
      const said = { type: 'text', text: 'tienen wifi?', sentAt: now, receivedAt: now };
      await queue.add('reply-to-message', { ...message, ...said }, { attempts: 1 });
    }

    before(async () => {
      await house.database.query(
        `CREATE FUNCTION refuse_lost() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF NEW.provider_message_id LIKE 'wamid.lost.%' THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER refuse_lost BEFORE INSERT ON inbound_messages FOR EACH ROW EXECUTE FUNCTION refuse_lost()`,
      );
      for (let count = 0; count < 3; count += 1) {
        lost.push(createPhone(house));
        await lose(lost.at(-1)!);
      }
      await eventually(async () => expect(await letters()).to.have.length(3), { timeoutMs: 30_000 });
      await house.database.query('DROP TRIGGER refuse_lost ON inbound_messages');
    });

    it('runs one job again by its id, and its guest is answered', async () => {
      const letter = (await letters()).find(({ payload }) => JSON.stringify(payload).includes(idOf(lost[0]!)))!;
      const answer = await jobs('replay', letter.id, '--queue', 'conversations', '--json');
      expect(answer.exitCode, answer.stderr).to.equal(0);
      expect(answer.data).to.include({ replayed: 1 });
      await lost[0]!.waitFor(/wifi/i, 30_000);
      expect(lost[1]!.received().filter(({ text }) => /wifi/i.test(text))).to.deep.equal([]);
      const again = await jobs('replay', letter.id, '--queue', 'conversations');
      expect(again).to.include({ exitCode: 1, stdout: '' });
      expect(again.stderr).to.include(letter.id);
    });

    it('runs all that failed', async () => {
      const answer = await jobs('replay', '--failed', '--queue', 'conversations', '--json');
      expect(answer.exitCode, answer.stderr).to.equal(0);
      expect(answer.data).to.include({ replayed: 2 });
      for (const phone of lost.slice(1)) await phone.waitFor(/wifi/i, 30_000);
      await eventually(async () => expect(await letters()).to.deep.equal([]));
    });
  });

  describe('import-lodging', () => {
    let folder: string;
    before(async () => {
      folder = await makeTestFolder('lodging');
    });
    const write = async (text: string): Promise<string> => {
      const path = join(folder, 'lodging.yaml');
      await writeFile(path, text);
      return path;
    };

    it('writes nothing when a line is wrong, and names it', async () => {
      const path = await write(
        'units:\n  - name: Cabaña Ñire\n    capacity: 4\n    price: 90000\n  - name: Cabaña Radal\n    capacity: many\n    price: 1\n',
      );
      const answer = await jobs('import-lodging', path);
      expect(answer.exitCode).to.equal(1);
      expect(answer.stdout).to.match(/lodging\.yaml:6: units\.1\.capacity: /);
      const written = await house.database.query(`SELECT FROM accommodations WHERE name = 'Cabaña Ñire'`);
      expect(written).to.deep.equal([]);
    });

    it('writes the lodging and its units', async () => {
      const path = await write(
        'units:\n  - name: Cabaña Ñire\n    capacity: 4\n    price: 90000\n    seasons:\n      - { name: Enero, from: 2027-01-01, to: 2027-01-31, price: 120000.50 }\n',
      );
      const answer = await jobs('import-lodging', path, '--json');
      expect(answer.exitCode, answer.stderr).to.equal(0);
      expect(answer.data['units']).to.deep.equal([{ name: 'Cabaña Ñire', outcome: 'added' }]);
      const units = await house.database.query(
        `SELECT a.capacity, a.base_price_cents::int AS price, s.price_cents::int AS january
         FROM accommodations a JOIN seasons s ON s.accommodation_id = a.id WHERE a.name = 'Cabaña Ñire'`,
      );
      expect(units).to.deep.equal([{ capacity: 4, price: 9_000_000, january: 12_000_050 }]);
    });
  });
});
