import { expect } from 'chai';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import { describeOnBothBackends } from '../../support/both-backends.ts';
import { eventually } from '../../support/eventually.ts';
import { createPhone, openHouse, type House, type Phone } from '../../support/house.ts';
import { inDays } from '../../support/records.ts';
import { makeNote } from '../../support/voice-notes.ts';

/** "10/2" as a guest writes a date that many days from today. */
function asWritten(days: number): string {
  const [, month, day] = inDays(days).split('-');
  return `${Number(day)}/${Number(month)}`;
}
const stay = (from: number, to: number, guests = 2): string =>
  `del ${asWritten(from)} al ${asWritten(to)} para ${guests}`;

describeOnBothBackends('the order of what is said and written', function (backend) {
  this.timeout(40_000);
  let house: House;
  before(async () => {
    house = await openHouse(backend);
  });
  after(() => house.close());

  const statesOf = async (phone: Phone): Promise<string[]> => {
    const rows: { type: string; state: string }[] = await house.database.query(
      `SELECT m.type, m.state FROM inbound_messages m JOIN conversations c ON c.id = m.conversation_id
       JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1 ORDER BY m.id`,
      [phone.phone],
    );
    return rows.map(({ type, state }) => `${type} ${state}`);
  };
  const slotsOf = async (phone: Phone): Promise<Record<string, unknown>> => {
    const [row] = await house.database.query(
      `SELECT c.state FROM conversations c JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1`,
      [phone.phone],
    );
    return row.state;
  };
  /** A note that takes so long at the speech service. */
  const speakSlowly = async (phone: Phone, transcript: string, ms: number): Promise<void> => {
    const bytes = await makeNote({ seconds: 1, transcript });
    house.speech.failNext(1, { kind: 'delay', ms });
    await phone.speak(bytes);
    await eventually(async () => expect(await statesOf(phone)).to.include('audio untranscribed'));
  };
  /** A text as the webhook would have taken it so many seconds ago. */
  const textOf = (phone: Phone, text: string, secondsAgo: number, sentAt = new Date()): InboundMessage => ({
    providerMessageId: `wamid.${phone.phone}.${text}`,
    phoneNumberId: house.env.whatsapp.phoneNumberId,
    contact: { waId: phone.phone, phone: phone.phone },
    sentAt: sentAt.toISOString(),
    receivedAt: new Date(Date.now() - secondsAgo * 1_000).toISOString(),
    type: 'text',
    text,
  });
  const write = (message: InboundMessage): Promise<void> => house.workers!.deps.enqueue('reply-to-message', message);
  const lastSent = async (phone: Phone): Promise<Date> => {
    const [{ sent_at }] = await house.database.query(
      `SELECT max(m.sent_at) AS sent_at FROM inbound_messages m JOIN conversations c ON c.id = m.conversation_id
       JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1`,
      [phone.phone],
    );
    return sent_at;
  };

  it('holds what follows a note until the note has its words, and answers both together', async () => {
    const phone = createPhone(house);
    await speakSlowly(phone, stay(20, 23), 2_500);
    await phone.say('somos 4');
    await eventually(async () =>
      expect(await statesOf(phone)).to.deep.equal(['audio untranscribed', 'text unanswered']),
    );
    const { text } = await phone.waitFor(/Entendí/);
    expect(text).to.match(/4 personas/);
    await eventually(async () => expect(await statesOf(phone)).to.deep.equal(['audio answered', 'text answered']));
    expect(phone.received()).to.have.length(1);
  });

  it('does so within one POST of the webhook too', async () => {
    const phone = createPhone(house);
    const id = house.whatsapp.addMedia(await makeNote({ seconds: 1, transcript: stay(20, 23) }), 'audio/ogg');
    house.speech.failNext(1, { kind: 'delay', ms: 1_000 });
    await house.whatsapp.write(
      { phone: phone.phone, name: 'Ana' },
      { media: { id, type: 'audio' } },
      { text: 'somos 4' },
    );
    await phone.waitFor(/Entendí.*4 personas/s);
    await eventually(async () => expect(await statesOf(phone)).to.deep.equal(['audio answered', 'text answered']));
    expect(phone.received()).to.have.length(1);
  });

  it('holds neither what came before the note nor other guests', async () => {
    const [ana, bruno] = [createPhone(house), createPhone(house)];
    await speakSlowly(ana, 'hola', 2_500);
    await write(textOf(ana, '¿tienen wifi?', 0, new Date((await lastSent(ana)).getTime() - 5_000)));
    await bruno.say('¿tienen wifi?');
    await Promise.all([ana.waitFor(/wifi|Wi-Fi/i), bruno.waitFor(/wifi|Wi-Fi/i)]);
    expect(await statesOf(ana)).to.include('audio untranscribed');
    await ana.waitFor(/Sobre tu mensaje anterior|./);
    await eventually(async () => expect(await statesOf(ana)).to.include('audio answered'));
  });

  for (const isSameSecond of [false, true])
    it(`answers a text 20 s after its arrival without the note, which then does not move the slots back${isSameSecond ? ' (both in the same second)' : ''}`, async () => {
      const phone = createPhone(house);
      await speakSlowly(phone, stay(40, 45, 6), 6_000);
      const sentAt = new Date((await lastSent(phone)).getTime() + (isSameSecond ? 0 : 1_000));
      await write(textOf(phone, stay(20, 23), 18.5, sentAt));
      await eventually(async () => expect(await statesOf(phone)).to.include('text unanswered'));
      expect(phone.received()).to.deep.equal([]);
      // Woken by its own delayed nudge: nobody sweeps a message of 2 s.
      await phone.waitFor(/\$/);
      expect(await statesOf(phone)).to.deep.equal(['audio untranscribed', 'text answered']);
      const slots = await slotsOf(phone);
      expect(slots).to.include({ checkIn: inDays(20), checkOut: inDays(23) });
      await phone.waitFor(/Sobre tu mensaje anterior/);
      await eventually(async () => expect(await statesOf(phone)).to.deep.equal(['audio answered', 'text answered']));
      expect(await slotsOf(phone)).to.deep.equal(slots);
      expect(phone.received()).to.have.length(2);
    });

  it('is woken by the sweep when the nudge was lost', async () => {
    const phone = createPhone(house);
    await speakSlowly(phone, 'hola', 5_000);
    await phone.say(stay(20, 23));
    await eventually(async () => expect(await statesOf(phone)).to.include('text unanswered'));
    await house.database.query(
      `UPDATE inbound_messages SET received_at = received_at - interval '25 seconds', recorded_at = recorded_at - interval '25 seconds'
       WHERE type = 'text' AND state = 'unanswered'`,
    );
    await house.workers!.deps.enqueue('sweep-unanswered-messages', {});
    await phone.waitFor(/\$/);
    expect(await statesOf(phone)).to.deep.equal(['audio untranscribed', 'text answered']);
  });

  it('holds nothing that a note before the tap has changed', async () => {
    const phone = createPhone(house);
    await phone.say(stay(50, 53, 4));
    await phone.waitFor(/\$/);
    await phone.tap(/Lenga/);
    await phone.waitFor(/Seña|seña/);
    await speakSlowly(phone, 'perdón, somos 2', 2_000);
    await phone.tap(/Confirmar/);
    await phone.waitFor(/2 personas/);
    await eventually(async () =>
      expect((await statesOf(phone)).every((state) => state.endsWith(' answered'))).to.equal(true),
    );
    const held = await house.database.query(
      `SELECT r.id FROM reservations r JOIN contact_identities i ON i.contact_id = r.contact_id WHERE i.value = $1`,
      [phone.phone],
    );
    expect(held).to.deep.equal([]);
  });

  it('hears a note for the person who has the chat, and shows no sign of life', async () => {
    const phone = createPhone(house);
    await phone.say('quiero hablar con una persona');
    await phone.waitFor(/./);
    await phone.speak(await makeNote({ seconds: 1, transcript: 'hola, ¿hay alguien?' }));
    await eventually(async () => expect((await statesOf(phone)).at(-1)).to.equal('audio left_to_person'));
    const [{ text }] = await house.database.query(
      `SELECT text FROM inbound_messages WHERE state = 'left_to_person' ORDER BY id DESC LIMIT 1`,
    );
    expect(text).to.equal('hola, ¿hay alguien?');
    expect(phone.received()).to.have.length(1);
    const chat = house.whatsapp.chats().find(({ key }) => key === phone.phone)!;
    expect(chat.typingUntil).to.equal(undefined);
    expect(chat.entries.at(-1)!.statuses).to.deep.equal([]);
  });

  it('leaves the notes of a group alone', async () => {
    const phone = createPhone(house);
    const id = house.whatsapp.addMedia(await makeNote({ seconds: 1, transcript: 'hola' }), 'audio/ogg');
    await house.whatsapp.write(
      { phone: phone.phone },
      { raw: { type: 'audio', audio: { id, mime_type: 'audio/ogg', voice: true }, group_id: 'g1' } },
    );
    await eventually(async () => expect(await statesOf(phone)).to.deep.equal(['audio ignored']));
  });
});
