import { expect } from 'chai';
import { describeOnBothBackends } from '../../support/both-backends.ts';
import { eventually } from '../../support/eventually.ts';
import { bookUpToLink, createPhone, openHouse, type House, type Phone } from '../../support/house.ts';
import { findLedgerFaults } from '#shared/db/stores/ledger.ts';
import { findOccupancyFaults, inDays, makeOverdue } from '../../support/records.ts';

function asWritten(days: number): string {
  const [, month, day] = inDays(days).split('-');
  return `${Number(day)}/${Number(month)}`;
}

describeOnBothBackends('money that comes too late, by WhatsApp', function (backend) {
  this.timeout(90_000);
  let house: House;
  before(async () => {
    house = await openHouse(backend);
  });
  after(async () => {
    expect(await findLedgerFaults(house.database)).to.deep.equal([]);
    expect(await findOccupancyFaults(house.database)).to.deep.equal([]);
    await house.close();
  });

  const patience = 30_000;
  const ask = (from: number): string => `hola, hay lugar del ${asWritten(from)} al ${asWritten(from + 2)} para 2?`;
  const statusesOf = async ({ phone }: Phone): Promise<string[]> => {
    const rows: { status: string }[] = await house.database.query(
      `SELECT r.status FROM reservations r JOIN contact_identities i ON i.contact_id = r.contact_id WHERE i.value = $1 ORDER BY r.created_at`,
      [phone],
    );
    return rows.map(({ status }) => status);
  };

  /** Holds, lets the hold end, sees another guest take the nights and pays all the same. */
  async function payTooLate(from: number): Promise<{ late: Phone; paymentId: string }> {
    const [late, other] = [createPhone(house), createPhone(house)];
    const preferenceId = await bookUpToLink(late, ask(from), /Lenga/);
    const reservationId = house.mercadopago.preferences().find(({ id }) => id === preferenceId)!
      .body.external_reference!;
    await makeOverdue(house.database, reservationId, 1);
    await house.workers!.deps.enqueue('expire-hold', { reservationId });
    await eventually(async () => expect(await statusesOf(late)).to.deep.equal(['expired']), { timeoutMs: patience });
    await house.mercadopago.pay(await bookUpToLink(other, ask(from), /Lenga/));
    await other.waitFor(/confirmada/i, patience);
    const paymentId = await house.mercadopago.pay(preferenceId, { late: true });
    await late.waitFor(/a salvo/, patience);
    return { late, paymentId };
  }
  const refundsAt = (paymentId: string) =>
    house.mercadopago.payments().find(({ id }) => String(id) === paymentId)!.refunds;

  it('is offered for another unit, taken with one tap and a confirmation, and the difference comes back', async () => {
    const { late, paymentId } = await payTooLate(60);
    await late.tap(/Coihue/);
    const summary = await late.waitFor(/a favor/, patience);
    expect(summary.text).to.include('Departamento Coihue');
    await late.tap(/Confirmar/);
    await late.waitFor(/Reserva confirmada/, patience);
    await late.waitFor(/Te devolvimos.*diferencia/s, patience);
    expect(await statusesOf(late)).to.deep.equal(['expired', 'confirmed']);
    expect(refundsAt(paymentId)).to.have.length(1);
    expect(late.received().filter(({ text }) => /Reserva confirmada/.test(text))).to.have.length(1);
  });

  it('comes back to a guest who asks for it in words', async () => {
    const { late, paymentId } = await payTooLate(70);
    await late.say('prefiero que me devuelvan la plata');
    await late.waitFor(/¿Te devolvemos/, patience);
    await late.tap(/^Devolver el dinero/);
    await late.waitFor(/pedimos la devolución|te devolvimos/i, patience);
    await eventually(
      () => expect(late.received().some(({ text }) => /Listo: te devolvimos/.test(text))).to.equal(true),
      { timeoutMs: patience },
    );
    expect(refundsAt(paymentId)).to.have.length(1);
    // An old row of the offer is an ordinary one now: no credit is promised.
    await late.tap(/Coihue/);
    const { text } = await late.waitFor(/Coihue/, patience);
    expect(text).to.not.match(/a favor/);
  });

  it('with every notice lost, a booking is right after the sweep', async () => {
    const phone = createPhone(house);
    const preferenceId = await bookUpToLink(phone, ask(80), /Lenga/);
    house.mercadopago.setNotices({ drop: true });
    await house.mercadopago.pay(preferenceId);
    house.mercadopago.setNotices({});
    // Time passes by moving rows.
    await house.database.query(
      `UPDATE payment_links SET made_at = made_at - interval '3 minutes' WHERE preference_id = $1`,
      [preferenceId],
    );
    await house.workers!.deps.enqueue('sweep-unsettled-payments', {});
    await phone.waitFor(/Reserva confirmada/, patience);
  });

  it('survives notices that come doubled, late and in any order', async () => {
    const phone = createPhone(house);
    const preferenceId = await bookUpToLink(phone, ask(90), /Lenga/);
    house.mercadopago.hideNewPayments(1);
    house.mercadopago.setNotices({ hold: true, duplicates: 3 });
    const paymentId = await house.mercadopago.pay(preferenceId, { status: 'pending' });
    await house.mercadopago.change(paymentId, { status: 'approved' });
    house.mercadopago.hideNewPayments(0);
    await house.mercadopago.releaseNotices();
    house.mercadopago.setNotices({});
    await phone.waitFor(/Reserva confirmada/, patience);
    await house.mercadopago.notify(paymentId);
    expect(await statusesOf(phone)).to.deep.equal(['confirmed']);
    expect(phone.received().filter(({ text }) => /Reserva confirmada/.test(text))).to.have.length(1);
  });
});
