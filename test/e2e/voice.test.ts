import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeOnBothBackends } from '../support/both-backends.ts';
import { eventually } from '../support/eventually.ts';
import { createPhone, openHouse, type House, type Phone } from '../support/house.ts';
import { findOccupancyFaults, inDays } from '../support/records.ts';
import { makeHugeNote, makeNote } from '../support/voice-notes.ts';

/** "10 de febrero", as a guest says a date that many days from today. */
function asSaid(days: number): string {
  const [, month, day] = inDays(days).split('-');
  const months = 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(' ');
  return `${Number(day)} de ${months[Number(month) - 1]}`;
}

describeOnBothBackends('a guest who speaks', function (backend) {
  let house: House;
  before(async function () {
    this.timeout(60_000);
    house = await openHouse(backend);
  });
  after(async () => {
    expect(await findOccupancyFaults(house.database)).to.deep.equal([]);
    await house.close();
  });
  afterEach(() => {
    house.speech.say(undefined);
    house.speech.failAlways(undefined);
    house.whatsapp.failAlways(undefined);
  });

  const rowsOf = async (phone: Phone): Promise<Record<string, unknown>[]> =>
    house.database.query(
      `SELECT m.id, m.state, m.text, m.media_path, m.media_sha256, m.media_problem, m.attempts
       FROM inbound_messages m JOIN conversations c ON c.id = m.conversation_id
       JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1 ORDER BY m.sent_at, m.id`,
      [phone.phone],
    );
  const reservationsOf = async (phone: Phone): Promise<{ status: string; adults: number }[]> =>
    house.database.query(
      `SELECT r.status, r.adults, r.code FROM reservations r JOIN contact_identities i ON i.contact_id = r.contact_id WHERE i.value = $1`,
      [phone.phone],
    );
  /** Nothing waits any more, and exactly so many messages were sent to that phone. */
  const allIsSaid = async (phone: Phone, count: number): Promise<void> => {
    await eventually(async () => {
      const [{ waiting }] = await house.database.query(
        `SELECT (SELECT count(*) FROM inbound_messages WHERE state IN ('untranscribed', 'unanswered'))
              + (SELECT count(*) FROM outbound_messages WHERE state IN ('unsent', 'sending')) AS waiting`,
      );
      expect(waiting).to.equal('0');
    });
    expect(phone.received().map(({ text }) => text)).to.have.length(count);
  };

  it('goes from a voice note, read back, to a confirmed stay', async () => {
    const ana = createPhone(house);
    const note = await makeNote({
      transcript: `Hola, quiero reservar la cabaña Lenga del ${asSaid(20)} al ${asSaid(23)} para 4 personas, sí, confirmo`,
    });
    await ana.speak(note);
    const { text, choices } = await ana.waitFor(/Entendí:/);
    expect(text)
      .to.match(/Entendí: .*4 personas.*Lenga/)
      .and.to.match(/Seña|seña/);
    expect(choices.map(({ title }) => title)).to.include('Confirmar');
    expect(await reservationsOf(ana), 'a note holds nothing before a yes').to.deep.equal([]);

    await ana.speak(await makeNote({ seconds: 1, transcript: 'Sí' }));
    const preferenceId = await ana.preferenceId();
    expect(await reservationsOf(ana)).to.have.length(1);
    await house.mercadopago.pay(preferenceId);
    await ana.waitFor(/confirmad/i);
    expect((await reservationsOf(ana))[0]).to.include({ status: 'confirmed', adults: 4 });

    const [row] = await rowsOf(ana);
    expect(row).to.include({ state: 'answered', media_problem: null });
    const sha256 = createHash('sha256').update(note).digest('hex');
    expect(row).to.include({ media_path: `${String(row!['id'])}.ogg`, media_sha256: sha256 });
    expect((await readFile(join(house.env.mediaDir, String(row!['media_path'])))).equals(note)).to.equal(true);
    const heard = house.speech.heard().at(-2)!;
    expect(heard).to.include({ fileName: 'note.ogg', model: 'gpt-transcribe', language: 'es' });
    expect(heard.keywords).to.include.members(['Cabaña Lenga', 'seña']);
  });

  it('is marked as read and shown that we write, at once', async () => {
    const phone = createPhone(house);
    house.speech.failNext(1, { kind: 'delay', ms: 700 });
    await phone.speak(await makeNote({ transcript: 'hola' }));
    await eventually(() => {
      const chat = house.whatsapp.chats().find(({ key }) => key === phone.phone)!;
      expect(chat.entries[0]!.statuses).to.include('read');
      expect(chat.typingUntil).to.be.a('string');
    });
    expect(phone.received()).to.deep.equal([]);
    await phone.waitFor(/./);
  });

  it('is heard as M4A, MP3 and AMR too', async () => {
    house.speech.say(`¿hay lugar del ${asSaid(25)} al ${asSaid(27)}?`);
    const heard = house.speech.heard().length;
    await Promise.all(
      (['m4a-head-last', 'mp3', 'amr'] as const).map(async (format) => {
        const phone = createPhone(house);
        await phone.speak(await makeNote({ format }), 'audio/whatever');
        await phone.waitFor(/Entendí/);
      }),
    );
    const names = house.speech
      .heard()
      .slice(heard)
      .map(({ fileName }) => fileName);
    expect(names).to.have.members(['note.m4a', 'note.mp3', 'note.wav']);
  });

  const cases: [what: string, bytes: () => Promise<Buffer>, says: RegExp, problem: string | null][] = [
    ['silence', () => makeNote({ kind: 'silence' }), /sin sonido/, 'silent'],
    ['a click of 0.3 s', () => makeNote({ seconds: 0.3 }), /muy cortito/, 'silent'],
    ['five minutes', () => makeNote({ seconds: 300, kind: 'silence' }), /más de 3 minutos/, 'too_long'],
    ['17 MB', () => makeHugeNote(), /demasiado pesado/, 'too_large'],
    ['0 bytes', () => Promise.resolve(Buffer.alloc(0)), /No pude abrir/, 'unreadable'],
    [
      'a text file',
      () => Promise.resolve(Buffer.from('hola, soy un texto que se llama audio\n'.repeat(50))),
      /No pude abrir/,
      'unreadable',
    ],
    [
      'a playlist',
      () => Promise.resolve(Buffer.from('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n')),
      /No pude abrir/,
      'unreadable',
    ],
    ['an Ogg cut in its head', async () => (await makeNote()).subarray(0, 120), /No pude abrir/, 'unreadable'],
    ['noise without words', () => makeNote({ kind: 'noise' }), /No llegué a entender/, 'unclear'],
    [
      'invented credits',
      () => makeNote({ kind: 'noise', transcript: 'Subtítulos realizados por la comunidad de Amara.org' }),
      /No llegué a entender/,
      'unclear',
    ],
  ];
  it('says what is wrong with a note, once, and holds nothing', async function () {
    this.timeout(60_000);
    const heard = house.speech.heard().length;
    // All at once, each from a guest of its own.
    await Promise.all(
      cases.map(async ([what, bytes, says, problem]) => {
        const phone = createPhone(house);
        await phone.speak(await bytes());
        await phone.waitFor(says, 30_000).catch((error: unknown) => expect.fail(`${what}: ${String(error)}`));
        await allIsSaid(phone, 1);
        expect((await rowsOf(phone))[0], what).to.include({ state: 'answered', text: null, media_problem: problem });
        expect(await reservationsOf(phone), what).to.deep.equal([]);
      }),
    );
    const listenedTo = cases.filter(([, , , problem]) => problem === 'unclear').length;
    expect(house.speech.heard(), 'no money is spent on the others').to.have.length(heard + listenedTo);
  });

  it('hears what there is of a truncated Ogg, and reads it back', async () => {
    const phone = createPhone(house);
    const whole = await makeNote({ seconds: 6, transcript: `del ${asSaid(25)} al ${asSaid(27)} para 2` });
    await phone.speak(whole.subarray(0, Math.floor(whole.length / 2)));
    await phone.waitFor(/Entendí/);
    expect(await reservationsOf(phone)).to.deep.equal([]);
  });

  it('asks for the address again when it has expired, and says so when the note is gone', async () => {
    const isBytes = ({ path }: { path: string }): boolean => path.includes('/media/');
    const phone = createPhone(house);
    house.whatsapp.failNext(1, { kind: 'status', status: 404 }, isBytes);
    await phone.speak(await makeNote({ transcript: `del ${asSaid(25)} al ${asSaid(27)} para 2` }));
    await phone.waitFor(/Entendí/);

    house.whatsapp.failNext(2, { kind: 'status', status: 404 }, isBytes);
    await phone.speak(await makeNote({ transcript: 'hola' }));
    await phone.waitFor(/no me llegó bien/);
    await allIsSaid(phone, 2);
    const [notice] = await house.database.query(`SELECT type, data FROM owner_notices ORDER BY id DESC LIMIT 1`);
    expect(notice).to.deep.include({ type: 'voice_note_not_heard' });
    expect(notice.data).to.include({ problem: 'not_received' });
  });

  it('comes through when the speech service fails twice, answered once', async () => {
    const phone = createPhone(house);
    house.speech.failNext(2, { kind: 'status', status: 500 });
    await phone.speak(await makeNote({ transcript: `del ${asSaid(25)} al ${asSaid(27)} para 2` }));
    await phone.waitFor(/Entendí/, 15_000);
    await allIsSaid(phone, 1);
    expect((await rowsOf(phone))[0]).to.include({ state: 'answered', attempts: 0 });
    expect(house.whatsapp.chats().find(({ key }) => key === phone.phone)!.entries).to.have.length(2);
  });

  it('comes through as WAV when the Ogg is refused', async () => {
    const phone = createPhone(house);
    house.speech.say(`del ${asSaid(25)} al ${asSaid(27)} para 2`);
    house.speech.failNext(1, { kind: 'status', status: 400, code: 1 });
    await phone.speak(await makeNote());
    await phone.waitFor(/Entendí/);
    const { fileName, bytes } = house.speech.heard().at(-1)!;
    expect(fileName).to.equal('note.wav');
    expect([bytes.readUInt32LE(24), bytes.readUInt16LE(22), bytes.readUInt16LE(34)]).to.deep.equal([16_000, 1, 16]);
  });

  it('is asked to write when the service refuses us, at once and once', async () => {
    const phone = createPhone(house);
    house.speech.failAlways({ kind: 'status', status: 401, code: 1 });
    await phone.speak(await makeNote({ transcript: 'hola' }));
    await phone.waitFor(/no puedo escuchar audios/);
    await allIsSaid(phone, 1);
  });

  it('is asked to write when the service stays away', async () => {
    const phone = createPhone(house);
    house.speech.failAlways({ kind: 'status', status: 503 });
    await phone.speak(await makeNote({ transcript: 'hola' }));
    await eventually(async () => expect((await rowsOf(phone))[0]).to.include({ state: 'untranscribed', attempts: 2 }));
    expect(phone.received()).to.deep.equal([]);
    // It has been tried for longer than we let a guest wait.
    await house.database.query(
      `UPDATE inbound_messages SET recorded_at = recorded_at - interval '1 minute' WHERE state = 'untranscribed'`,
    );
    await phone.waitFor(/no puedo escuchar audios/);
    await allIsSaid(phone, 1);
    expect(house.speech.heard().some(({ language }) => language === undefined)).to.equal(false);
  });

  it('hands over to a person after three notes that nobody could understand', async () => {
    const phone = createPhone(house);
    for (const expected of [/sin sonido/, /sin sonido/, /persona|alguien|equipo/i]) {
      await phone.speak(await makeNote({ kind: 'silence' }));
      await phone.waitFor(expected);
    }
  });

  it('answers ten copies of one webhook once', async () => {
    const phone = createPhone(house);
    const id = house.whatsapp.addMedia(await makeNote({ transcript: 'hola' }), 'audio/ogg');
    const heard = house.speech.heard().length;
    const audio = { id, mime_type: 'audio/ogg; codecs=opus', voice: true };
    await house.whatsapp.post(audioWebhook(phone.phone, 'wamid.tencopies', audio), 10);
    await phone.waitFor(/./);
    await allIsSaid(phone, 1);
    expect(house.speech.heard()).to.have.length(heard + 1);
  });

  it('cannot do harm by a name', async () => {
    const phone = createPhone(house);
    const id = house.whatsapp.addMedia(await makeNote({ transcript: 'hola' }), 'audio/ogg');
    const audio = {
      id,
      mime_type: '../../x; touch pwned',
      filename: '$(touch pwned).ogg',
      sha256: "'; DROP TABLE contacts; --",
    };
    await house.whatsapp.post(audioWebhook(phone.phone, 'wamid.hostile', audio));
    await phone.waitFor(/./);
    const names = await readdir(house.env.mediaDir);
    expect(names.filter((name) => !/^\d+\.(ogg|m4a|mp3|amr|bin)$/.test(name))).to.deep.equal([]);
    expect((await readdir('.')).includes('pwned')).to.equal(false);
  });

  it('is counted, and timed as audio', async () => {
    const metrics = await (await fetch(`${house.url}/metrics`)).text();
    const value = (name: string): number =>
      Number(
        metrics
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1] ?? 0,
      );
    expect(value('reply_latency_seconds_count{kind="audio"}')).to.be.greaterThan(10);
    for (const outcome of [
      'transcribed',
      'silent',
      'too_long',
      'too_large',
      'unreadable',
      'unclear',
      'not_received',
      'unavailable',
      'postponed',
    ])
      expect(value(`transcriptions_total{outcome="${outcome}"}`), outcome).to.be.greaterThan(0);
    for (const stage of ['download', 'convert', 'transcribe'])
      expect(value(`transcription_stage_seconds_count{stage="${stage}"}`), stage).to.be.greaterThan(0);
  });

  it('has held nothing but what was confirmed, and leaves no temporary file behind', async () => {
    const held = await house.database.query(`SELECT status FROM reservations`);
    expect(held).to.deep.equal([{ status: 'confirmed' }]);
    expect((await readdir(house.env.mediaDir)).filter((name) => name.endsWith('.part'))).to.deep.equal([]);
  });
});

function audioWebhook(phone: string, id: string, audio: object): unknown {
  const message = { id, from: phone, timestamp: String(Math.floor(Date.now() / 1000)), type: 'audio', audio };
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '5491100000000', phone_number_id: '100200300' },
    contacts: [{ profile: { name: 'Ana' }, wa_id: phone }],
    messages: [message],
  };
  return { object: 'whatsapp_business_account', entry: [{ id: 'W', changes: [{ field: 'messages', value }] }] };
}
