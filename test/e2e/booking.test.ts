import { expect } from 'chai';
import { describeOnBothBackends } from '../support/both-backends.ts';
import { eventually } from '../support/eventually.ts';
import { bookUpToLink, createPhone, openHouse, type House } from '../support/house.ts';
import { findOccupancyFaults, inDays, makeOverdue } from '../support/records.ts';

/** "10/2" as a guest writes a date that many days from today. */
function asWritten(days: number): string {
  const [, month, day] = inDays(days).split('-');
  return `${Number(day)}/${Number(month)}`;
}

describeOnBothBackends('a booking by WhatsApp', (backend) => {
  let house: House;
  before(async () => {
    house = await openHouse(backend);
  });
  after(async () => {
    expect(await findOccupancyFaults(house.database)).to.deep.equal([]);
    await house.close();
  });

  const statusOf = async (phone: string): Promise<string[]> => {
    const rows: { status: string }[] = await house.database.query(
      `SELECT r.status FROM reservations r JOIN contact_identities i ON i.contact_id = r.contact_id WHERE i.value = $1 ORDER BY r.created_at`,
      [phone],
    );
    return rows.map(({ status }) => status);
  };
  const ask = (from: number, to: number, guests = 2) =>
    `hola, hay lugar del ${asWritten(from)} al ${asWritten(to)} para ${guests}?`;

  it('goes from the question to the confirmation', async () => {
    const ana = createPhone(house);
    const preferenceId = await bookUpToLink(ana, ask(20, 23, 4), /Lenga/);
    const [preference] = house.mercadopago.preferences().filter(({ id }) => id === preferenceId);
    const [reservation] = await house.database.query('SELECT * FROM reservations WHERE id = $1', [
      preference!.body.external_reference,
    ]);
    expect(reservation).to.include({ status: 'held', adults: 4 });
    expect(preference!.body.items[0]!.unit_price * 100).to.equal(Number(reservation.deposit_cents));
    expect(new Date(preference!.body.expiration_date_to!).getTime()).to.equal(reservation.hold_expires_at.getTime());

    await house.mercadopago.pay(preferenceId);
    const { text } = await ana.waitFor(/confirmad/i);
    expect(text).to.include(reservation.code).and.include('Lenga');
    expect(await statusOf(ana.phone)).to.deep.equal(['confirmed']);
    const allocations = await house.database.query(
      `SELECT a.purpose, a.cents FROM payment_allocations a JOIN payments p ON p.id = a.payment_id WHERE p.reservation_id = $1`,
      [reservation.id],
    );
    expect(allocations).to.deep.equal([{ purpose: 'deposit', cents: reservation.deposit_cents }]);
  });

  it('answers ten copies of one webhook once', async () => {
    const phone = createPhone(house);
    const body = textWebhook(phone.phone, ['wamid.copies'], ['hola']);
    const statuses = await house.whatsapp.post(body, 10);
    expect(statuses).to.deep.equal(Array.from({ length: 10 }, () => 200));
    await phone.waitFor(/./);
    await everythingDone(house);
    expect(phone.received()).to.have.length(1);
  });

  it('takes every message of a POST, and each is covered by an answer', async () => {
    const phone = createPhone(house);
    await phone.say(`del ${asWritten(25)} al ${asWritten(27)}`, 'somos 2');
    await phone.waitFor(/\$/);
    await everythingDone(house);
    const rows = await house.database.query(
      `SELECT m.state FROM inbound_messages m JOIN conversations c ON c.id = m.conversation_id JOIN contact_identities i ON i.contact_id = c.contact_id
       WHERE i.value = $1`,
      [phone.phone],
    );
    expect(rows).to.deep.equal([{ state: 'answered' }, { state: 'answered' }]);
  });

  it('lets one of two guests have the same nights and offers the other something else', async () => {
    const [ana, bruno] = [createPhone(house), createPhone(house)];
    for (const phone of [ana, bruno]) {
      await phone.say(ask(30, 32));
      await phone.waitFor(/\$/);
      await phone.tap(/Coihue/);
      await phone.waitFor(/Seña|seña/);
    }
    await Promise.all([ana.tap(/Confirmar/), bruno.tap(/Confirmar/)]);
    await eventually(async () => {
      const all = [...(await statusOf(ana.phone)), ...(await statusOf(bruno.phone))];
      expect(all).to.deep.equal(['held']);
      expect(
        [ana, bruno].filter((phone) => phone.received().some(({ text }) => text.includes('/checkout/'))),
      ).to.have.length(1);
      expect([ana, bruno].map((phone) => phone.received().length).toSorted((a, b) => a - b)).to.deep.equal([3, 4]);
    });
    const loser = [ana, bruno].find((phone) => !phone.received().some(({ text }) => text.includes('/checkout/')))!;
    const last = loser.received().at(-1)!;
    expect(last.choices.length, last.text).to.be.greaterThan(0);
    const [{ count }] = await house.database.query('SELECT count(*)::int FROM refused_holds');
    expect(count).to.equal(1);
  });

  it('frees the nights of a hold that nobody paid, and says so', async () => {
    const phone = createPhone(house);
    await bookUpToLink(phone, ask(35, 37), /Lenga/);
    const [{ id }] = await house.database.query(
      `SELECT id FROM reservations WHERE status = 'held' ORDER BY created_at DESC LIMIT 1`,
    );
    await makeOverdue(house.database, id, 1);
    await house.workers!.deps.enqueue('expire-hold', { reservationId: id });
    await phone.waitFor(/venc|liber|pas[oó]/i);
    expect(await statusOf(phone.phone)).to.deep.equal(['expired']);
    const other = createPhone(house);
    await bookUpToLink(other, ask(35, 37), /Lenga/);
  });

  it('does not confirm for one peso, and keeps it for the owner', async () => {
    const phone = createPhone(house);
    const preferenceId = await bookUpToLink(phone, ask(40, 42), /Lenga/);
    await house.mercadopago.pay(preferenceId, { amountCents: 100 });
    await phone.waitFor(/\$ 1\b/);
    expect(await statusOf(phone.phone)).to.deep.equal(['held']);
    const [notice] = await house.database.query(
      `SELECT type FROM owner_notices WHERE type LIKE 'payment%' ORDER BY id DESC LIMIT 1`,
    );
    expect(notice).to.deep.equal({ type: 'payment_parked_insufficient' });
  });

  it('confirms a pending payment that becomes approved under the same id, once', async () => {
    const phone = createPhone(house);
    const preferenceId = await bookUpToLink(phone, ask(44, 46), /Lenga/);
    const paymentId = await house.mercadopago.pay(preferenceId, { status: 'pending' });
    await phone.waitFor(/pendiente|proces|acredit/i);
    house.mercadopago.setNotices({ duplicates: 4 });
    await house.mercadopago.change(paymentId, { status: 'approved' });
    house.mercadopago.setNotices({});
    await phone.waitFor(/confirmad/i);
    await everythingDone(house);
    expect(phone.received().filter(({ text }) => /confirmada/i.test(text))).to.have.length(1);
    expect(await statusOf(phone.phone)).to.deep.equal(['confirmed']);
  });

  it('tells of a rejected payment and takes the second try on the same link', async () => {
    const phone = createPhone(house);
    const preferenceId = await bookUpToLink(phone, ask(48, 50), /Lenga/);
    await house.mercadopago.pay(preferenceId, { status: 'rejected' });
    await phone.waitFor(/rechaz/i);
    await house.mercadopago.pay(preferenceId);
    await phone.waitFor(/confirmad/i);
  });

  it('refuses wrong, missing and non-ASCII signatures without a trace', async () => {
    const phone = createPhone(house);
    const body = JSON.stringify(textWebhook(phone.phone, ['wamid.forged'], ['hola']));
    for (const signature of [undefined, `sha256=${'0'.repeat(64)}`, 'sha256=ñandú', 'nonsense']) {
      const response = await postLatin1(`${house.url}/webhooks/whatsapp`, body, signature);
      expect(response).to.equal(403);
    }
    await everythingDone(house);
    expect(
      await house.database.query(`SELECT 1 FROM inbound_messages WHERE provider_message_id = 'wamid.forged'`),
    ).to.have.length(0);
  });

  it('counts the business from the tables, in /metrics', async () => {
    const text = await (await fetch(`${house.url}/metrics`)).text();
    const [{ count }] = await house.database.query('SELECT count(*)::int FROM reservations');
    expect(text).to.match(new RegExp(`^reservations_created_total ${count}$`, 'm'));
    expect(text).to.match(/^reply_latency_seconds_count\{kind="text"\} [1-9]/m);
    expect(text).to.match(/^sweep_last_run_age_seconds\{sweep="sweep-due-holds"\} /m);
  });
});

/** A webhook body of one entry with text messages. */
function textWebhook(from: string, ids: string[], texts: string[]) {
  return {
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '1',
        changes: [
          {
            field: 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '5492944000000', phone_number_id: '100200300' },
              contacts: [{ profile: { name: 'Ana' }, wa_id: from }],
              messages: ids.map((id, i) => ({
                from,
                id,
                timestamp: String(Math.floor(Date.now() / 1000)),
                type: 'text',
                text: { body: texts[i] },
              })),
            },
          },
        ],
      },
    ],
  };
}

/** Waits until nothing is unanswered or unsent. */
async function everythingDone(house: House): Promise<void> {
  await eventually(async () => {
    const [row] = await house.database.query(
      `SELECT (SELECT count(*)::int FROM inbound_messages WHERE state = 'unanswered') AS unanswered,
              (SELECT count(*)::int FROM outbound_messages WHERE state IN ('unsent', 'sending')) AS unsent`,
    );
    expect(row).to.deep.equal({ unanswered: 0, unsent: 0 });
  });
}

/** node:http writes header values as latin1, which fetch refuses. */
async function postLatin1(url: string, body: string, signature: string | undefined): Promise<number> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(signature ? { 'x-hub-signature-256': signature } : {}) },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode!));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
