import { expect } from 'chai';
import type { Fault } from '#shared/integrations/simulator-kit/faults.ts';
import type { SimulatedRequest } from '#shared/integrations/simulator-kit/http.ts';
import { describeOnBothBackends } from '../support/both-backends.ts';
import { eventually } from '../support/eventually.ts';
import { createPhone, openHouse, type House, type Phone } from '../support/house.ts';

const isSend = ({ method, body }: SimulatedRequest): boolean =>
  method === 'POST' && !body.toString().includes('"status":"read"');
const graphError = (code: number, status = 400): Fault => ({ kind: 'status', status, code });

type Row = {
  id: string;
  state: string;
  failure_code: string | null;
  delivery: string | null;
  attempts: number;
  category: string | null;
};

/** providers.md, WhatsApp 5: the error table, row by row; and 6, the 24 hours. */
describeOnBothBackends('a message that WhatsApp does not take', function (backend) {
  this.timeout(90_000);
  let house: House;
  before(async () => {
    house = await openHouse(backend, {
      variables: { WHATSAPP_TEMPLATES: 'booking_confirmed=reserva_ok:es_AR,offer=oferta:es_AR' },
    });
  });
  afterEach(() => house.whatsapp.setStatuses(['sent', 'delivered']));
  after(() => house.close());

  const rowsOf = (phone: string): Promise<Row[]> =>
    house.database.query(
      `SELECT o.id, o.state, o.failure_code, o.delivery, o.attempts, o.category FROM outbound_messages o JOIN conversations c ON c.id = o.conversation_id
       JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1 ORDER BY o.id`,
      [phone],
    );
  const lastOf = async (phone: string): Promise<Row> => (await rowsOf(phone)).at(-1)!;
  const contactOf = async (phone: string) => {
    const [row] = await house.database.query(
      `SELECT c.id, c.send_to, c.is_undeliverable, v.id AS chat FROM contacts c JOIN contact_identities i ON i.contact_id = c.id
       JOIN conversations v ON v.contact_id = c.id WHERE i.value = $1`,
      [phone],
    );
    return row as { id: string; send_to: string | null; is_undeliverable: boolean; chat: string };
  };
  /** A guest with an answered greeting. */
  const greet = async (): Promise<Phone> => {
    const phone = createPhone(house);
    await phone.say('hola');
    await phone.waitFor(/./, 30_000);
    await eventually(async () => expect((await lastOf(phone.phone)).delivery).to.equal('delivered'), {
      timeoutMs: 20_000,
    });
    return phone;
  };
  const tell = async (phone: Phone, purpose: string, body: string, templateText: string | null = null) => {
    const { chat } = await contactOf(phone.phone);
    await house.database.query(
      'INSERT INTO outbound_messages (conversation_id, purpose, payload, template_text) VALUES ($1, $2, $3, $4)',
      [chat, purpose, JSON.stringify({ kind: 'text', body }), templateText],
    );
    await house.workers!.deps.enqueue('deliver-messages', { conversationId: chat });
  };
  const closeWindow = async (phone: Phone): Promise<void> => {
    const { chat } = await contactOf(phone.phone);
    await house.database.query(
      `UPDATE inbound_messages SET sent_at = sent_at - interval '25 hours' WHERE conversation_id = $1`,
      [chat],
    );
  };
  const noticesOf = async (type: string): Promise<number> => {
    const [{ count }] = await house.database.query('SELECT count(*)::int FROM owner_notices WHERE type = $1', [type]);
    return count;
  };

  it('131047 in a status: again as its template', async () => {
    const phone = await greet();
    house.whatsapp.setStatuses([]);
    await tell(phone, 'booking_confirmed', 'Reserva confirmada\n*Lenga*');
    const first = await phone.waitFor(/confirmada/);
    await house.whatsapp.postStatus(first.id, 'failed', 131047);
    const second = await phone.waitFor(/confirmada · \*Lenga\*/, 20_000);
    expect(second.message).to.have.nested.property('template.name', 'reserva_ok');
    await eventually(async () => expect(await lastOf(phone.phone)).to.include({ state: 'sent', attempts: 2 }));
  });

  it('131047 in an answer: as its template, and without one kept for a person', async () => {
    const phone = await greet();
    house.whatsapp.failNext(
      2,
      graphError(131047),
      (call) => isSend(call) && !call.body.toString().includes('template"'),
    );
    await tell(phone, 'booking_confirmed', 'Reserva confirmada');
    const { message } = await phone.waitFor(/confirmada/, 20_000);
    expect(message.type).to.equal('template');
    await eventually(async () => expect(await lastOf(phone.phone)).to.include({ state: 'sent', attempts: 2 }));
    await tell(phone, 'thanks', 'gracias');
    await eventually(async () =>
      expect(await lastOf(phone.phone)).to.include({ state: 'kept', failure_code: '131047', attempts: 2 }),
    );
  });

  it('outside the 24 hours: the template, in its own language; without one it is kept, and nobody waits behind it', async () => {
    const phone = await greet();
    await closeWindow(phone);
    await tell(phone, 'thanks', 'gracias');
    await tell(phone, 'booking_confirmed', 'Booking confirmed', 'Reserva confirmada');
    const { message, text } = await phone.waitFor(/Reserva confirmada/, 20_000);
    expect(message.type).to.equal('template');
    expect(text).to.include('Cabañas del Arroyo Claro');
    await eventually(async () =>
      expect((await rowsOf(phone.phone)).slice(-2).map(({ state }) => state)).to.deep.equal(['kept', 'sent']),
    );
    await eventually(async () => expect((await lastOf(phone.phone)).category).to.equal('utility'));
    await eventually(async () => {
      const metrics = await (await fetch(`${house.url}/metrics`)).text();
      expect(metrics).to.match(/messages_sent_total\{category="service",outcome="kept"\} [1-9]/);
      expect(metrics).to.match(/messages_sent_total\{category="utility",outcome="delivered"\} [1-9]/);
    });
  });

  it('131026: the other form of the number once, then the contact is flagged until it writes', async () => {
    const phone = createPhone(house);
    const sibling = phone.phone.replace(/^549/, '54');
    house.whatsapp.refuseRecipient(phone.phone, 131026);
    house.whatsapp.refuseRecipient(sibling, 131026);
    await phone.say('hola');
    await eventually(
      async () =>
        expect(await lastOf(phone.phone)).to.include({ state: 'failed', failure_code: '131026', attempts: 2 }),
      {
        timeoutMs: 20_000,
      },
    );
    expect(await contactOf(phone.phone)).to.include({ send_to: null, is_undeliverable: true });
    await tell(phone, 'booking_confirmed', 'nunca');
    await eventually(async () =>
      expect(await lastOf(phone.phone)).to.include({ state: 'failed', failure_code: 'undeliverable' }),
    );
    house.whatsapp.refuseRecipient(phone.phone, undefined);
    await phone.say('hola de nuevo');
    await phone.waitFor(/./, 20_000);
    expect((await contactOf(phone.phone)).is_undeliverable).to.equal(false);
  });

  it('131030: the other form of the number, remembered', async () => {
    const phone = createPhone(house);
    const sibling = phone.phone.replace(/^549/, '54');
    house.whatsapp.refuseRecipient(phone.phone, 131030);
    await phone.say('hola');
    await eventually(() => expect(house.whatsapp.sent(sibling)).to.have.length(1), { timeoutMs: 20_000 });
    await phone.say('hay lugar en enero?');
    await eventually(() => expect(house.whatsapp.sent(sibling)).to.have.length(2), { timeoutMs: 20_000 });
    expect((await contactOf(phone.phone)).send_to).to.equal(sibling);
    expect((await lastOf(phone.phone)).attempts).to.equal(1);
  });

  it('131026 in a status: the other form once, and flagged when that fails too', async () => {
    const phone = await greet();
    const sibling = phone.phone.replace(/^549/, '54');
    house.whatsapp.setStatuses([]);
    await tell(phone, 'reply', 'quizás');
    await house.whatsapp.postStatus((await phone.waitFor(/quizás/)).id, 'failed', 131026);
    const [again] = await eventually(() => {
      const sent = house.whatsapp.sent(sibling);
      expect(sent).to.have.length(1);
      return sent;
    });
    await house.whatsapp.postStatus(again!.id, 'failed', 131026);
    await eventually(async () =>
      expect(await lastOf(phone.phone)).to.include({ state: 'failed', failure_code: '131026', attempts: 2 }),
    );
    expect(await contactOf(phone.phone)).to.include({ send_to: null, is_undeliverable: true });
  });

  it('131056: this guest waits, others do not', async () => {
    const phone = await greet();
    house.whatsapp.refuseRecipient(phone.phone, 131056);
    await tell(phone, 'reply', 'despacio');
    await eventually(async () =>
      expect(await lastOf(phone.phone)).to.include({ state: 'unsent', failure_code: '131056' }),
    );
    await greet();
    house.whatsapp.refuseRecipient(phone.phone, undefined);
    await phone.waitFor(/despacio/, 30_000);
    expect(await lastOf(phone.phone)).to.include({ attempts: 2 });
  });

  for (const way of ['an answer', 'a status'])
    it(`130429 in ${way}: the queue rests for everybody, nothing is lost`, async () => {
      const [phone, other] = [await greet(), await greet()];
      house.whatsapp.setStatuses([]);
      if (way === 'an answer') house.whatsapp.failNext(1, graphError(130429, 429), isSend);
      await tell(phone, 'reply', 'después del descanso');
      if (way === 'a status') await house.whatsapp.postStatus((await phone.waitFor(/descanso/)).id, 'failed', 130429);
      await eventually(async () => expect(await lastOf(phone.phone)).to.include({ failure_code: '130429' }));
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const restsSince = Date.now();
      await tell(other, 'reply', 'yo también espero');
      await other.waitFor(/también/, 40_000);
      expect(Date.now() - restsSince).to.be.greaterThan(2_000);
      await eventually(async () => expect(await lastOf(phone.phone)).to.include({ state: 'sent', attempts: 2 }), {
        timeoutMs: 40_000,
      });
    });

  for (const code of [131048, 131049, 131050, 131051])
    it(`${code}: not retried`, async () => {
      const phone = await greet();
      house.whatsapp.failNext(
        1,
        graphError(code),
        (call) => isSend(call) && call.body.toString().includes(`no ${code}`),
      );
      await tell(phone, 'reply', `no ${code}`);
      await eventually(async () =>
        expect(await lastOf(phone.phone)).to.include({ state: 'failed', failure_code: String(code), attempts: 1 }),
      );
    });

  it('131000, 131016 and a 5xx of Graph: again, with a growing wait', async () => {
    const phone = await greet();
    house.whatsapp.failNext(1, graphError(131000, 500), isSend);
    house.whatsapp.failNext(1, graphError(131016, 503), isSend);
    await tell(phone, 'reply', 'a la tercera');
    await phone.waitFor(/tercera/, 30_000);
    expect((await lastOf(phone.phone)).attempts).to.be.at.least(3);
  });

  it('131000 in a status: sent again, and the first failure told twice changes nothing', async () => {
    const phone = await greet();
    house.whatsapp.setStatuses([]);
    await tell(phone, 'reply', 'otra vez');
    const first = await phone.waitFor(/otra vez/);
    await house.whatsapp.postStatus(first.id, 'failed', 131000);
    const second = await phone.waitFor(/otra vez/, 20_000);
    await house.whatsapp.postStatus(second.id, 'delivered');
    await eventually(async () => expect((await lastOf(phone.phone)).delivery).to.equal('delivered'));
    await house.whatsapp.postStatus(first.id, 'failed', 131000);
    await house.whatsapp.postStatus(first.id, 'sent');
    await house.whatsapp.postStatus(second.id, 'read');
    await eventually(async () => expect((await lastOf(phone.phone)).delivery).to.equal('read'));
    expect(await lastOf(phone.phone)).to.include({ state: 'sent', attempts: 2 });
    const [{ count }] = await house.database.query('SELECT count(*)::int FROM delivery_reports WHERE message_id = $1', [
      (await lastOf(phone.phone)).id,
    ]);
    expect(count).to.equal(4);
  });

  it('190: sending stops for everybody, the owner is paged once, one message probes, then all arrive', async () => {
    const [one, two] = [await greet(), await greet()];
    const before = await noticesOf('whatsapp_stopped');
    let calls = 0;
    house.whatsapp.failAlways(graphError(190, 401), (call) => isSend(call) && ++calls > 0);
    await Promise.all([tell(one, 'reply', 'uno'), tell(two, 'reply', 'dos')]);
    await eventually(async () => expect(await noticesOf('whatsapp_stopped')).to.equal(before + 1));
    await eventually(async () => {
      const report = (await (await fetch(`${house.url}/healthz`)).json()) as {
        checks: Record<string, { status: string; detail: string }>;
      };
      const { whatsapp } = report.checks;
      expect(whatsapp?.status).to.equal('degraded');
      expect(whatsapp?.detail).to.include('190');
    });
    // Time passes: the rest is over, and one of the two asks again.
    await eventually(async () => expect((await lastOf(two.phone)).state).to.equal('unsent'));
    const asked = calls;
    await house.database.query(`UPDATE vendor_health SET stopped_until = now() WHERE vendor = 'whatsapp'`);
    await house.database.query(`UPDATE outbound_messages SET next_attempt_at = now() WHERE state = 'unsent'`);
    for (const phone of [one, two])
      await house.workers!.deps.enqueue('deliver-messages', { conversationId: (await contactOf(phone.phone)).chat });
    await eventually(() => expect(calls).to.equal(asked + 1));
    await eventually(async () => {
      const [{ rest }] = await house.database.query(
        `SELECT extract(epoch FROM stopped_until - now())::float AS rest FROM vendor_health WHERE vendor = 'whatsapp'`,
      );
      expect(rest).to.be.greaterThan(16); // twice the first
    });
    house.whatsapp.failAlways(undefined);
    await house.database.query(`UPDATE vendor_health SET stopped_until = now() WHERE vendor = 'whatsapp'`);
    await house.database.query(`UPDATE outbound_messages SET next_attempt_at = now() WHERE state = 'unsent'`);
    await house.workers!.deps.enqueue('deliver-messages', { conversationId: (await contactOf(one.phone)).chat });
    await one.waitFor(/uno/, 40_000);
    await two.waitFor(/dos/, 40_000);
    expect(await noticesOf('whatsapp_stopped')).to.equal(before + 1);
    expect([...one.received(), ...two.received()].filter(({ text }) => /^(uno|dos)$/.test(text))).to.have.length(2);
  });

  for (const [code, status] of [
    [4, 400],
    [80007, 429],
  ] as const)
    it(`${code}: the application's limit stops sending for everybody and pages the owner, as a dead token does`, async () => {
      const [one, two] = [await greet(), await greet()];
      const before = await noticesOf('whatsapp_stopped');
      house.whatsapp.failNext(1, graphError(code, status), isSend);
      await tell(one, 'reply', 'uno');
      await eventually(async () =>
        expect(await lastOf(one.phone)).to.include({ state: 'unsent', failure_code: String(code) }),
      );
      await eventually(async () => expect(await noticesOf('whatsapp_stopped')).to.equal(before + 1));
      await tell(two, 'reply', 'dos');
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(await lastOf(two.phone)).to.include({ state: 'unsent', attempts: 0 });
      await house.database.query(`UPDATE vendor_health SET stopped_until = now() WHERE vendor = 'whatsapp'`);
      await house.database.query(`UPDATE outbound_messages SET next_attempt_at = now() WHERE state = 'unsent'`);
      await house.workers!.deps.enqueue('deliver-messages', { conversationId: (await contactOf(one.phone)).chat });
      await one.waitFor(/uno/, 40_000);
      await two.waitFor(/dos/, 40_000);
    });

  it('no answer, and WhatsApp is away for long: sent again once it answers, not before', async () => {
    const phone = await greet();
    let sends = 0;
    house.whatsapp.failAlways({ kind: 'reset' }, (call) => !isSend(call) || ++sends > 0);
    await tell(phone, 'reply', 'después del corte');
    await eventually(async () => expect((await lastOf(phone.phone)).failure_code).to.equal('ambiguous'));
    await house.database.query(
      `UPDATE outbound_messages SET sending_at = sending_at - interval '20 s' WHERE state = 'sending'`,
    );
    await house.workers!.deps.enqueue('deliver-messages', { conversationId: (await contactOf(phone.phone)).chat });
    await greetAfter(house);
    expect(sends).to.equal(1);
    await phone.waitFor(/corte/, 40_000);
    expect(phone.received().filter(({ text }) => text.includes('corte'))).to.have.length(1);
  });

  it('accepted but never answered: the status tells, and nothing is sent twice', async () => {
    const phone = await greet();
    house.whatsapp.failNext(1, { kind: 'reset', acted: true }, isSend);
    await tell(phone, 'reply', 'una sola vez');
    await phone.waitFor(/una sola vez/);
    await eventually(async () =>
      expect(await lastOf(phone.phone)).to.include({ state: 'sent', delivery: 'delivered' }),
    );
    expect(phone.received().filter(({ text }) => text === 'una sola vez')).to.have.length(1);
  });

  it('doubtful twice: parked, and the owner decides', async () => {
    const phone = await greet();
    house.whatsapp.setStatuses([]);
    house.whatsapp.failNext(2, { kind: 'reset' }, isSend);
    await tell(phone, 'reply', 'quién sabe');
    for (const _ of [1, 2]) {
      await eventually(
        async () => expect(await lastOf(phone.phone)).to.include({ state: 'sending', failure_code: 'ambiguous' }),
        {
          timeoutMs: 20_000,
        },
      );
      await house.database.query(
        `UPDATE outbound_messages SET sending_at = sending_at - interval '20 s' WHERE state = 'sending' AND is_ambiguous`,
      );
      const before = (await lastOf(phone.phone)).attempts;
      await house.workers!.deps.enqueue('deliver-messages', { conversationId: (await contactOf(phone.phone)).chat });
      await eventually(
        async () => {
          const { attempts, state, failure_code: code } = await lastOf(phone.phone);
          expect(state === 'parked' || (attempts > before && code === 'ambiguous')).to.equal(true);
        },
        { timeoutMs: 20_000 },
      );
      if ((await lastOf(phone.phone)).state === 'parked') break;
    }
    await eventually(async () => expect((await lastOf(phone.phone)).state).to.equal('parked'), { timeoutMs: 20_000 });
    expect(await noticesOf('message_parked')).to.equal(1);
  });
});

/** The Graph API is back a moment after nobody was called. */
async function greetAfter(house: House): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  house.whatsapp.failAlways(undefined);
}
