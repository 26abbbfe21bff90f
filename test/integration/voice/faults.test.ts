import { chmod, readdir, rename, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { toIdentities } from '#shared/domain/contacts.ts';
import { queueNames } from '#shared/queues/contracts.ts';
import { transcribeNote } from '../../../workers/transcriptions/transcribe-note.ts';
import { describeOnBothBackends } from '../../support/both-backends.ts';
import { eventually } from '../../support/eventually.ts';
import { ffmpegsOn } from '../../support/ffmpegs.ts';
import { createPhone, openHouse, type House, type Phone, type WorkerProcess } from '../../support/house.ts';
import { makeTestFolder } from '../../support/services.ts';
import { findOrInstall } from '../../support/tools.ts';
import { makeNote } from '../../support/voice-notes.ts';

const others = queueNames.filter((name) => name !== 'transcriptions');
const patient = { timeoutMs: 60_000 };

/** A folder for the PATH in which ffmpeg is the real one, reading no faster than the sound lasts. */
async function makeSlowFfmpeg(): Promise<string> {
  const folder = await makeTestFolder('slow-ffmpeg');
  await writeFile(join(folder, 'ffmpeg'), `#!/bin/sh\nexec '${await findOrInstall('ffmpeg')}' -re "$@"\n`);
  await chmod(join(folder, 'ffmpeg'), 0o755);
  return folder;
}

describeOnBothBackends('voice notes when things break', function (backend) {
  this.timeout(180_000);
  let house: House;
  let note: Buffer;
  before(async () => {
    note = await makeNote({ seconds: 1, transcript: 'hola' });
    house = await openHouse(backend, { pools: others });
  });
  after(() => house.close());

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
  /** Answered, by one message, with nothing left to be said. */
  const isAnsweredOnce = async (phone: Phone): Promise<void> => {
    await eventually(async () => {
      expect(await rowOf(phone)).to.include({ state: 'answered' });
      const waiting = await house.database.query(`SELECT id FROM outbound_messages WHERE state <> 'sent'`);
      expect(waiting).to.deep.equal([]);
    }, patient);
    expect(phone.received()).to.have.length(1);
  };
  /** The service is silent the next time it is asked; resolves when it has been. */
  const isAskedInVain = (): (() => Promise<void>) => {
    let asked = false;
    house.speech.failNext(1, { kind: 'silence' }, () => (asked = true));
    return async () => void (await eventually(() => expect(asked).to.equal(true), patient));
  };
  /** A note whose row is there and whose job is not: no worker but the test's own hears it. */
  const recordNote = async (phone: Phone): Promise<string> => {
    const now = new Date().toISOString();
    const message = {
      providerMessageId: `wamid.${phone.phone}`,
      phoneNumberId: house.env.whatsapp.phoneNumberId,
      contact: { waId: phone.phone, phone: phone.phone },
      sentAt: now,
      receivedAt: now,
      type: 'audio',
      media: { id: house.whatsapp.addMedia(note, 'audio/ogg'), mimeType: 'audio/ogg', voice: true },
    } as const;
    await house.workers!.deps.inTransaction((stores) =>
      stores.conversations.record(message, toIdentities(message.contact), 'untranscribed'),
    );
    return (await rowOf(phone)).id;
  };
  const hear = (id: string, signal = new AbortController().signal): Promise<void> =>
    transcribeNote(id, house.workers!.deps, signal);

  it('leaves a note to the worker that has it, and gives it back at once when that one is stopped', async () => {
    const phone = createPhone(house);
    const id = await recordNote(phone);
    const heard = house.speech.heard().length;
    const abort = new AbortController();
    const inVain = isAskedInVain();
    const stopped = hear(id, abort.signal).catch((error: Error) => error.message);
    await inVain();
    await hear(id);
    expect(await rowOf(phone)).to.include({ state: 'untranscribed', attempts: 1 });
    abort.abort(new Error('shutdown'));
    expect(await stopped).to.equal('shutdown');
    expect(await rowOf(phone)).to.include({ state: 'untranscribed', attempts: 0 });

    await hear(id);
    await isAnsweredOnce(phone);
    expect(house.speech.heard()).to.have.length(heard + 1);
  });

  it('stops when the note is not its own any more, and says nothing', async () => {
    const phone = createPhone(house);
    const id = await recordNote(phone);
    const inVain = isAskedInVain();
    const heard = hear(id);
    await inVain();
    await house.database.query(`UPDATE inbound_messages SET state = 'ignored' WHERE id = $1`, [id]);
    await heard;
    expect(await rowOf(phone)).to.include({ state: 'ignored', text: null });
    expect(phone.received()).to.deep.equal([]);
  });

  let worker: WorkerProcess;
  it('hears a note once more when its worker was killed during ffmpeg, and answers it once', async () => {
    const phone = createPhone(house);
    const heard = house.speech.heard().length;
    const long = await makeNote({ seconds: 30, transcript: 'hola, ¿tienen wifi? '.repeat(3) });
    house.variables['PATH'] = `${await makeSlowFfmpeg()}${delimiter}${process.env['PATH']}`;
    worker = await house.spawnWorkers('transcriptions');
    delete house.variables['PATH'];
    await phone.speak(long);
    await eventually(async () => expect(await ffmpegsOn(house.env.mediaDir)).to.have.length(1), patient);
    await worker.kill();
    const { id, ...killed } = await rowOf(phone);
    expect(killed).to.include({ state: 'untranscribed', attempts: 1 });
    await eventually(async () => expect(await ffmpegsOn(house.env.mediaDir), 'no orphan').to.deep.equal([]), patient);
    // As if it had died in the middle of its download: what it left is no bytes to be trusted.
    await rename(join(house.env.mediaDir, `${id}.ogg`), join(house.env.mediaDir, `${id}.part`));
    await house.database.query('UPDATE inbound_messages SET media_path = NULL WHERE id = $1', [id]);

    worker = await house.spawnWorkers('transcriptions');
    await isAnsweredOnce(phone);
    expect(house.speech.heard()).to.have.length(heard + 1);
    const files = (await readdir(house.env.mediaDir)).filter((name) => name.startsWith(`${id}.`));
    expect(files).to.deep.equal([`${id}.ogg`]);
  });

  it('hears a note once more when its worker was killed while the service was asked', async () => {
    const phone = createPhone(house);
    const heard = house.speech.heard().length;
    const inVain = isAskedInVain();
    await phone.speak(note);
    await inVain();
    await worker.kill();
    await house.startWorkers('transcriptions');
    await isAnsweredOnce(phone);
    expect(house.speech.heard()).to.have.length(heard + 1);
  });

  it('finds a note whose job was lost by the sweep', async () => {
    const phone = createPhone(house);
    const id = await recordNote(phone);
    await house.database.query(
      `UPDATE inbound_messages SET next_attempt_at = now() - interval '20 seconds' WHERE id = $1`,
      [id],
    );
    await house.workers!.deps.enqueue('sweep-untranscribed-notes', {});
    await isAnsweredOnce(phone);
  });

  it('asks the guest to write when there is no ffmpeg, and tells it in the report of health', async () => {
    const phone = createPhone(house);
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      await phone.speak(note);
      await phone.waitFor(/no puedo escuchar audios/, 60_000);
      const { checks } = (await (await fetch(`${house.url}/healthz`)).json()) as { checks: { openai: object } };
      expect(checks.openai).to.include({ status: 'degraded' });
      expect(JSON.stringify(checks.openai)).to.include('ffmpeg');
    } finally {
      process.env['PATH'] = path;
    }
    await isAnsweredOnce(phone);
  });
});
