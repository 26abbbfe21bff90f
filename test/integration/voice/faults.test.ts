import { readdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { toIdentities } from '#shared/domain/contacts.ts';
import { queueNames } from '#shared/queues/contracts.ts';
import { sweepOldMedia } from '../../../workers/expirations/sweep-old-media.ts';
import { transcribeNote } from '../../../workers/transcriptions/transcribe-note.ts';
import { describeOnBothBackends } from '../../support/both-backends.ts';
import { eventually } from '../../support/eventually.ts';
import { ffmpegsOn } from '../../support/ffmpegs.ts';
import { createPhone, openHouse, type House, type Phone, type WorkerProcess } from '../../support/house.ts';
import { makeNote } from '../../support/voice-notes.ts';

const others = queueNames.filter((name) => name !== 'transcriptions');

describeOnBothBackends('voice notes when things break', function (backend) {
  this.timeout(240_000);
  let house: House;
  before(async () => {
    house = await openHouse(backend, { pools: others });
  });
  after(() => house.close());
  /** A start costs seconds: a worker that lives goes on to the next test. */
  let worker: WorkerProcess | undefined;
  const haveWorker = async (): Promise<void> => void (worker ??= await house.spawnWorkers('transcriptions'));
  const loseWorker = async (how: 'kill' | 'stop'): Promise<void> => {
    await worker?.[how]();
    worker = undefined;
  };
  afterEach(() => house.speech.say(undefined));

  type Row = { id: string; state: string; attempts: number; text: string | null; media_path: string | null };
  const rowOf = async (phone: Phone): Promise<Row> => {
    const rows: Row[] = await house.database.query(
      `SELECT m.* FROM inbound_messages m JOIN conversations c ON c.id = m.conversation_id
       JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1`,
      [phone.phone],
    );
    expect(rows).to.have.length(1);
    return rows[0]!;
  };
  const isAnswered = async (phone: Phone): Promise<void> => {
    await eventually(async () => expect((await rowOf(phone)).state).to.equal('answered'), { timeoutMs: 90_000 });
    await phone.waitFor(/./, 30_000);
  };
  const filesOf = async (): Promise<string[]> => (await readdir(house.env.mediaDir)).toSorted();

  it('gives a note back at once when its worker is stopped, and finds it by the sweep', async () => {
    const phone = createPhone(house);
    const { deps } = house.workers!;
    house.speech.failNext(1, { kind: 'silence' });
    await phone.speak(await makeNote({ seconds: 1, transcript: 'hola' }));
    // Recorded by hand: no worker of this pool runs yet.
    const [entry] = house.whatsapp.chats().find(({ key }) => key === phone.phone)!.entries;
    const media = (entry!.message as { audio: { id: string } }).audio;
    const message = {
      providerMessageId: entry!.id,
      phoneNumberId: house.env.whatsapp.phoneNumberId,
      contact: { waId: phone.phone, phone: phone.phone },
      sentAt: entry!.at,
      receivedAt: entry!.at,
      type: 'audio',
      media,
    } as const;
    await deps.inTransaction((stores) =>
      stores.conversations.record(message, toIdentities(message.contact), 'untranscribed'),
    );
    const { id } = await rowOf(phone);
    const abort = new AbortController();
    const run = transcribeNote(id, deps, abort.signal).then(
      () => 'done',
      (error: Error) => error.message,
    );
    await eventually(async () => expect(await rowOf(phone)).to.include({ attempts: 1, media_path: `${id}.ogg` }), {
      timeoutMs: 60_000,
    });
    // A second worker leaves it alone.
    await transcribeNote(id, deps, new AbortController().signal);
    expect(await rowOf(phone)).to.include({ attempts: 1 });
    abort.abort(new Error('shutdown'));
    expect(await run).to.equal('shutdown');
    expect(await rowOf(phone)).to.include({ state: 'untranscribed', attempts: 0 });

    await house.database.query(
      `UPDATE inbound_messages SET next_attempt_at = now() - interval '20 seconds' WHERE id = $1`,
      [id],
    );
    await haveWorker();
    await deps.enqueue('sweep-untranscribed-notes', {});
    await isAnswered(phone);
    expect(phone.received()).to.have.length(1);
  });

  it('hears a note once more when its worker was killed during ffmpeg, and answers it once', async () => {
    const phone = createPhone(house);
    const heard = house.speech.heard().length;
    const long = await makeNote({ seconds: 175, transcript: 'hola' });
    await haveWorker();
    await phone.speak(long);
    house.speech.say('hola, ¿tienen wifi? '.repeat(6));
    await eventually(async () => expect(await ffmpegsOn(house.env.mediaDir)).to.have.length(1), {
      intervalMs: 2,
      timeoutMs: 60_000,
    });
    await loseWorker('kill');
    expect(await rowOf(phone)).to.include({ state: 'untranscribed', attempts: 1 });
    await eventually(async () => expect(await ffmpegsOn(house.env.mediaDir), 'no orphan').to.deep.equal([]));
    // As if it had died in the middle of a download.
    const { id } = await rowOf(phone);
    await rename(join(house.env.mediaDir, `${id}.ogg`), join(house.env.mediaDir, `${id}.part`));
    await house.database.query('UPDATE inbound_messages SET media_path = NULL WHERE id = $1', [id]);

    await haveWorker();
    await isAnswered(phone);
    expect(house.speech.heard()).to.have.length(heard + 1);
    expect(phone.received()).to.have.length(1);
    expect((await filesOf()).filter((name) => name.startsWith(`${id}.`))).to.deep.equal([`${id}.ogg`]);
  });

  it('hears a note once more when its worker was killed while the service was asked', async () => {
    const phone = createPhone(house);
    const heard = house.speech.heard().length;
    const note = await makeNote({ seconds: 1, transcript: 'hola' });
    await haveWorker();
    let asked = 0;
    house.speech.failNext(1, { kind: 'silence' }, () => (asked += 1) > 0);
    await phone.speak(note);
    await eventually(() => expect(asked).to.equal(1), { timeoutMs: 60_000 });
    await loseWorker('kill');
    await haveWorker();
    await isAnswered(phone);
    expect(house.speech.heard()).to.have.length(heard + 1);
    expect(phone.received()).to.have.length(1);
  });

  it('stops when the note is not its own any more, and says nothing', async () => {
    const phone = createPhone(house);
    await haveWorker();
    house.speech.failNext(1, { kind: 'delay', ms: 4_000 });
    await phone.speak(await makeNote({ seconds: 1, transcript: 'hola' }));
    await eventually(async () => expect((await rowOf(phone)).media_path).to.be.a('string'), { timeoutMs: 60_000 });
    await house.database.query(`UPDATE inbound_messages SET state = 'ignored' WHERE id = $1`, [
      (await rowOf(phone)).id,
    ]);
    await loseWorker('stop');
    expect(await rowOf(phone)).to.include({ state: 'ignored', text: null });
    expect(phone.received()).to.deep.equal([]);
  });

  it('asks the guest to write when there is no ffmpeg', async () => {
    const phone = createPhone(house);
    await loseWorker('stop');
    house.variables['PATH'] = '/nowhere';
    await haveWorker();
    delete house.variables['PATH'];
    await phone.speak(await makeNote({ seconds: 1, transcript: 'hola' }));
    await phone.waitFor(/no puedo escuchar audios/, 60_000);
    expect(await rowOf(phone)).to.include({ state: 'answered' });
    expect(phone.received()).to.have.length(1);
    await loseWorker('stop');
  });

  it('deletes what was said after the retention time, and nothing that is not ours', async () => {
    const { mediaDir } = house.env;
    const { deps } = house.workers!;
    const [old] = (await filesOf()).filter((name) => name.endsWith('.ogg'));
    await house.database.query(
      `UPDATE inbound_messages SET recorded_at = now() - interval '31 days' WHERE media_path = $1`,
      [old],
    );
    const longAgo = new Date(Date.now() - 40 * 86_400_000);
    for (const name of ['888888.ogg', '888889.part', 'familia.jpg', '777777.ogg']) {
      await writeFile(join(mediaDir, name), 'x');
      if (name !== '777777.ogg') await utimes(join(mediaDir, name), longAgo, longAgo);
    }
    const before = await filesOf();
    await sweepOldMedia({}, deps, new AbortController().signal);
    const left = new Set(await filesOf());
    expect(before.filter((name) => !left.has(name))).to.have.members([old, '888888.ogg', '888889.part']);
    expect([...left]).to.include.members(['familia.jpg', '777777.ogg']);
    const [{ count }] = await house.database.query('SELECT count(*)::int FROM inbound_messages WHERE media_path = $1', [
      old,
    ]);
    expect(count).to.equal(0);
    const [sweep] = await house.database.query(`SELECT last_found FROM sweep_runs WHERE sweep = 'sweep-old-media'`);
    expect(sweep).to.deep.equal({ last_found: 3 });
  });
});
