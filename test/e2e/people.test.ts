import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { describeOnBothBackends } from '../support/both-backends.ts';
import { eventually } from '../support/eventually.ts';
import { createPhone, openHouse, type House, type Phone } from '../support/house.ts';

const owner = '5492944000009';

describeOnBothBackends('people and chats', function (backend) {
  this.timeout(90_000);
  let house: House;
  before(async () => {
    house = await openHouse(backend, {
      variables: { OWNER_WHATSAPP: owner, WHATSAPP_TEMPLATES: 'owner_alert=aviso:es_AR' },
    });
  });
  after(() => house.close());

  const within = { timeoutMs: 40_000, intervalMs: 50 };
  const statesOf = async (phone: string): Promise<string[]> => {
    const rows: { state: string }[] = await house.database.query(
      `SELECT m.state FROM inbound_messages m JOIN conversations c ON c.id = m.conversation_id
       JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1 ORDER BY m.id`,
      [phone],
    );
    return rows.map(({ state }) => state);
  };
  const greeted = async (): Promise<Phone> => {
    const phone = createPhone(house);
    await phone.say('hola');
    await phone.waitFor(/./, 30_000);
    return phone;
  };

  it('leaves the chat to the owner who typed on the phone, and not to an old echo', async () => {
    const phone = await greeted();
    await house.whatsapp.echo({ phone: phone.phone }, 'Hola, soy Marta');
    await eventually(async () => expect(await statesOf(phone.phone)).to.deep.equal(['answered', 'ignored']), within);
    await phone.say('hay lugar en enero?');
    await eventually(async () => expect((await statesOf(phone.phone)).at(-1)).to.equal('left_to_person'), within);
    const count = phone.received().length;
    await house.database.query(`UPDATE conversations SET paused_until = now() - interval '1 second'`);
    await phone.say('hola?');
    await eventually(() => expect(phone.received().length).to.be.greaterThan(count), within);
    // What was left to the person stays so.
    expect((await statesOf(phone.phone)).filter((state) => state === 'left_to_person')).to.have.length(1);

    const raw = {
      id: `wamid.old-echo-${backend}`,
      to: phone.phone,
      timestamp: String(Math.floor(Date.now() / 1000) - 13 * 3600),
      type: 'text',
      text: { body: 'de ayer' },
    };
    await house.whatsapp.post(webhook('smb_message_echoes', { message_echoes: [raw] }));
    await eventually(async () => expect((await statesOf(phone.phone)).at(-1)).to.equal('ignored'), within);
    const [{ paused }] = await house.database.query('SELECT max(paused_until) > now() AS paused FROM conversations');
    expect(paused).to.equal(false);
  });

  it('answers a guest whose chat somebody stood still with, and does not apologise', async () => {
    const phone = await greeted();
    const still = house.database.createQueryRunner();
    await still.startTransaction();
    try {
      const locked = await still.query(
        `SELECT c.id FROM conversations c JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1 FOR UPDATE OF c`,
        [phone.phone],
      );
      expect(locked).to.have.length(1);
      await phone.say('¿tienen wifi?');
      // Longer than a lock is waited for.
      await sleep(6_500);
    } finally {
      await still.rollbackTransaction();
      await still.release();
    }
    await phone.waitFor(/wifi/i, 40_000);
    expect(await statesOf(phone.phone)).to.deep.equal(['answered', 'answered']);
    const lost = await house.database.query(`SELECT FROM owner_notices WHERE type = 'message_lost'`);
    expect(lost).to.deep.equal([]);
  });

  it('hands over on request, tells the owner by template, and obeys the owner alone', async () => {
    const phone = await greeted();
    await phone.say('quiero hablar con una persona');
    await phone.waitFor(/./, 30_000);
    const ownersPhone = createPhone(house, owner);
    const alert = await ownersPhone.waitFor(/persona/, 40_000);
    expect(alert.message.type).to.equal('template');
    expect(alert.choices[0]!.id).to.match(/^own:\d+:resume:/);
    await phone.say('sigo acá');
    await eventually(async () => expect((await statesOf(phone.phone)).at(-1)).to.equal('left_to_person'), within);

    // A guest who knows the id (a forwarded message, say) is nobody's owner.
    const thief = await greeted();
    await house.whatsapp.write({ phone: thief.phone }, { raw: tapOf(alert.choices[0]!.id) });
    await eventually(async () => expect((await statesOf(thief.phone)).at(-1)).to.equal('ignored'), within);
    const [{ hours }] = await house.database.query(
      `SELECT extract(epoch FROM paused_until - now())::float / 3600 AS hours FROM conversations c
       JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1`,
      [phone.phone],
    );
    expect(hours).to.be.within(11.9, 12);

    await ownersPhone.tap(/own:\d+:resume/);
    await ownersPhone.waitFor(/Listo: que siga el bot/, 40_000);
    await ownersPhone.tap(/own:\d+:resume/);
    await ownersPhone.waitFor(/ya estaba resuelto/, 40_000);
    await phone.say('hay lugar en enero?');
    await eventually(async () => expect((await statesOf(phone.phone)).at(-1)).to.equal('answered'), within);
    // The owner who writes is a guest like any other.
    await ownersPhone.say('hola');
    await ownersPhone.waitFor(/asistente/, 40_000);
    // And within 24 hours hears in plain messages with buttons of their own.
    const other = await greeted();
    await other.say('quiero hablar con una persona');
    const plain = await ownersPhone.waitFor(/Un huésped quiere/, 40_000);
    expect(plain.choices.map(({ title }) => title)).to.deep.equal(['Que siga el bot']);
  });

  it('hands over after three turns without progress', async () => {
    const phone = await greeted();
    for (const [index, text] of ['asdf qwer', 'zxcv poiu', 'lkjh mnbv', 'qqqq wwww'].entries()) {
      await phone.say(text);
      await eventually(async () => {
        const states = await statesOf(phone.phone);
        expect(states).to.have.length(index + 2);
        expect(states).to.not.include('unanswered');
      }, within);
    }
    await eventually(async () => expect((await statesOf(phone.phone)).at(-1)).to.equal('left_to_person'), within);
  });

  it('answers what can be answered and is silent where nobody expects a word', async () => {
    const phone = await greeted();
    const first = phone.received().at(-1)!;
    const guest = { phone: phone.phone };
    const mediaId = house.whatsapp.addMedia(Buffer.from('x'), 'image/webp');
    await house.whatsapp.write(guest, { reaction: { messageId: first.id, emoji: '👍' } });
    await house.whatsapp.write(guest, { media: { id: mediaId, type: 'sticker' } });
    await house.whatsapp.write(guest, {
      raw: { type: 'system', system: { type: 'customer_identity_changed', body: 'x' } },
    });
    await eventually(async () => {
      const states = (await statesOf(phone.phone)).slice(1);
      expect(states).to.have.length(3);
      expect(states).to.not.include('unanswered');
    }, within);
    expect(phone.received()).to.have.length(1);
    const contents: Parameters<House['whatsapp']['write']>[1][] = [
      { media: { id: mediaId, type: 'document' } },
      { location: { latitude: -41.1, longitude: -71.3 } },
      { raw: { type: 'contacts', contacts: [{ name: { formatted_name: 'Beto' } }] } },
      { raw: { type: 'unsupported', errors: [{ code: 131051, title: 'Message type unknown' }] } },
    ];
    for (const content of contents) {
      const before = phone.received().length;
      await house.whatsapp.write(guest, content);
      await eventually(() => expect(phone.received()).to.have.length(before + 1), within);
      await house.database.query(`UPDATE conversations SET paused_until = NULL, state = '{}'`);
    }
  });

  it('covers each message of a burst once, in order', async () => {
    const phone = createPhone(house);
    const texts = ['hola', 'del 10 al 14 de enero', 'somos 4', 'hay wifi?', 'aceptan mascotas?', 'y estacionamiento?'];
    await Promise.all(texts.map((text) => phone.say(text)));
    await eventually(async () => {
      const states = await statesOf(phone.phone);
      expect(states).to.have.length(texts.length);
      expect(new Set(states)).to.deep.equal(new Set(['answered']));
    }, within);
    const rows: { answers: string; state: string }[] = await house.database.query(
      `SELECT o.answers_message_id AS answers, o.state FROM outbound_messages o JOIN conversations c ON c.id = o.conversation_id
       JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1 ORDER BY o.id`,
      [phone.phone],
    );
    expect(rows.length).to.be.within(1, texts.length);
    const order = rows.map(({ answers }) => Number(answers));
    expect(order).to.deep.equal(order.toSorted((a, b) => a - b));
    await eventually(() => expect(phone.received()).to.have.length(rows.length), within);
  });

  it('answers first what was written first, though its job waits for a retry or a dead worker', async () => {
    const phone = await greeted();
    const at = new Date(Math.floor(Date.now() / 1_000) * 1_000).toISOString();
    const older = {
      providerMessageId: `wamid.older-${phone.phone}`,
      phoneNumberId: house.variables['WHATSAPP_PHONE_NUMBER_ID'],
      contact: { phone: phone.phone },
      sentAt: at,
      receivedAt: at,
      type: 'text',
      text: 'hola',
    };
    const { queues } = house.workers!.deps;
    await queues.queues()!.conversations.add('reply-to-message', older, { delay: 600_000 });
    await phone.say('tienen wifi?');
    await phone.waitFor(/wifi/i, 30_000);
    const rows = await house.database.query(
      `SELECT text, state FROM inbound_messages WHERE conversation_id =
         (SELECT conversation_id FROM inbound_messages WHERE provider_message_id = $1) ORDER BY id OFFSET 1`,
      [older.providerMessageId],
    );
    expect(rows).to.deep.equal([
      { text: 'hola', state: 'answered' },
      { text: 'tienen wifi?', state: 'answered' },
    ]);
    expect(phone.received().some(({ text }) => /tarde/.test(text))).to.equal(false);
  });

  it('apologises once for a message that always throws, and answers the next one meanwhile', async () => {
    await house.database.query(
      `CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF NEW.text = 'veneno' AND NEW.state = 'answered' THEN RAISE EXCEPTION 'poison'; END IF; RETURN NEW; END $$;
       CREATE TRIGGER refuse_poison BEFORE UPDATE ON inbound_messages FOR EACH ROW EXECUTE FUNCTION refuse_poison()`,
    );
    const phone = await greeted();
    await phone.say('veneno');
    await phone.say('tienen wifi?');
    await phone.waitFor(/wifi/i, 40_000);
    const chats: { state: string; id: string }[] = [];
    await eventually(async () => {
      // Time passes: each try is due at once.
      chats.splice(
        0,
        chats.length,
        ...(
          await house.database.query(
            `UPDATE inbound_messages SET next_attempt_at = now() WHERE text = 'veneno' RETURNING state, conversation_id AS id`,
          )
        ).flat(),
      );
      const [chat] = chats;
      await house.workers!.deps.enqueue('sweep-unanswered-messages', { conversationId: chat!.id });
      expect(chat!.state).to.equal('failed');
    }, within);
    await phone.waitFor(/Perdón, tuve un problema/, 60_000);
    expect((await statesOf(phone.phone)).toSorted()).to.deep.equal(['answered', 'answered', 'failed']);
    expect(phone.received().filter(({ text }) => text.includes('Perdón, tuve un problema'))).to.have.length(1);
    await house.database.query('DROP TRIGGER refuse_poison ON inbound_messages');
  });

  it('writes to a guest who shows no number, and knows the number when it comes', async () => {
    const bsuid = `AR.1349120865530274191${backend === 'redis' ? 1 : 2}`;
    await house.whatsapp.write({ bsuid, name: 'Luz' }, { text: 'hola' });
    await eventually(() => expect(house.whatsapp.sent(bsuid)).to.have.length(1), within);
    expect(house.whatsapp.sent(bsuid)[0]!.to).to.equal(undefined);
    const number = backend === 'redis' ? '5492944777001' : '5492944777002';
    await house.whatsapp.write({ phone: number }, { text: 'hola' });
    await eventually(() => expect(house.whatsapp.sent(number)).to.have.length(1), within);
    await house.whatsapp.post(
      webhook('messages', {
        contacts: [{ profile: { name: 'Luz' }, wa_id: number, user_id: bsuid }],
        messages: [
          {
            id: `wamid.both-${backend}`,
            from: number,
            from_user_id: bsuid,
            timestamp: now(),
            type: 'text',
            text: { body: 'soy yo' },
          },
        ],
      }),
    );
    await eventually(async () => {
      const rows = await house.database.query(
        `SELECT count(DISTINCT contact_id)::int AS contacts, count(*)::int AS names FROM contact_identities WHERE value IN ($1, $2)`,
        [bsuid, number],
      );
      expect(rows[0]).to.deep.equal({ contacts: 1, names: 2 });
      const chats = await house.database.query('SELECT 1 FROM contacts WHERE merged_into_id IS NOT NULL');
      expect(chats).to.have.length(0);
    }, within);
  });

  it("never takes one guest's entry for another's in a mixed batch", async () => {
    const [one, two] = [
      backend === 'redis' ? '5492944888001' : '5492944888003',
      backend === 'redis' ? '5492944888002' : '5492944888004',
    ];
    await house.whatsapp.post(
      webhook('messages', {
        contacts: [{ profile: { name: 'Uno' }, wa_id: one, user_id: `AR.8${one.slice(-4)}` }],
        messages: [one, two].map((from, index) => ({
          id: `wamid.mixed-${backend}-${index}`,
          from,
          timestamp: now(),
          type: 'text',
          text: { body: 'hola' },
        })),
      }),
    );
    await eventually(() => {
      expect(house.whatsapp.sent(one)).to.have.length(1);
      expect(house.whatsapp.sent(two)).to.have.length(1);
    }, within);
  });

  it('neither stores nor answers history, app state and what belongs to another number', async () => {
    const countMessages = async (): Promise<number> => {
      const [row] = await house.database.query('SELECT count(*)::int AS n FROM inbound_messages');
      return row.n;
    };
    const before = await countMessages();
    const old = { id: 'wamid.history', from: '5492944999001', timestamp: now(), type: 'text', text: { body: 'vieja' } };
    const statuses = [
      ...(await house.whatsapp.post(webhook('history', { history: [{ threads: [{ messages: [old] }] }] }))),
      ...(await house.whatsapp.post(webhook('smb_app_state_sync', { state_sync: [{ type: 'contact' }] }))),
      ...(await house.whatsapp.post(webhook('messages', { messages: [old] }, '999999999'))),
    ];
    expect(statuses).to.deep.equal([200, 200, 200]);
    await greeted();
    expect(await countMessages()).to.equal(before + 1);
    const metrics = await (await fetch(`${house.url}/metrics`)).text();
    for (const outcome of ['ignored_history', 'ignored_app_state_sync', 'ignored_foreign_phone_number'])
      expect(metrics).to.match(
        new RegExp(`webhooks_received_total\\{provider="whatsapp",outcome="${outcome}"\\} [1-9]`),
      );
  });
});

function now(): string {
  return String(Math.floor(Date.now() / 1000));
}

function webhook(field: string, value: object, phoneNumberId = '100200300'): object {
  return {
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '1',
        changes: [
          {
            field,
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '1', phone_number_id: phoneNumberId },
              ...value,
            },
          },
        ],
      },
    ],
  };
}

function tapOf(id: string): Record<string, unknown> {
  return { type: 'button', button: { payload: id, text: 'Hacerlo' } };
}
