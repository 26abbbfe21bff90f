import { expect } from 'chai';
import { acceptPayment } from '#shared/domain/payments/accept-payment.ts';
import { giveBack, markGivenByHand } from '#shared/domain/payments/give-back.ts';
import { applyCredit, closeOffer } from '#shared/domain/payments/offers.ts';
import { reconcilePayments } from '#shared/domain/payments/reconcile.ts';
import { recordPayment } from '#shared/domain/payments/record-payment.ts';
import { cancelReservation } from '#shared/domain/reservations/cancel.ts';
import { expireIfDue, giveGrace } from '#shared/domain/reservations/expire.ts';
import { holdStay } from '#shared/domain/reservations/hold-stay.ts';
import type { Reservation } from '#shared/domain/reservations/reservation.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { findLedgerFaults } from '#shared/db/stores/ledger.ts';
import { noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import {
  buildHold,
  findOccupancyFaults,
  inDays,
  makeOverdue,
  openRecords,
  type Records,
} from '../../support/records.ts';
import { createMoneyWorld, type Booked, type Guest, type MoneyWorld } from './money-world.ts';
import { createTill, openProvider, type Till } from './till.ts';

describe('money on other ways than expected', function () {
  this.timeout(60_000);
  let records: Records;
  let world: MoneyWorld;
  let provider: Awaited<ReturnType<typeof openProvider>>;
  let till: Till;
  before(async () => {
    records = await openRecords();
    provider = await openProvider();
    till = createTill(records, provider.gateway);
    world = createMoneyWorld({ ...records, inTransaction: till.inTransaction });
  });
  after(async () => {
    expect(await findLedgerFaults(records.database)).to.deep.equal([]);
    expect(await findOccupancyFaults(records.database)).to.deep.equal([]);
    await provider.close();
    await records.close();
  });

  /** Pays a reservation's link whatever the hour, and has the notice heard. */
  async function pay(
    { reservation }: Pick<Booked, 'reservation'>,
    how: { amountCents?: number; status?: 'pending' } = {},
  ): Promise<string> {
    await till.runAll();
    const preference = provider.simulator
      .preferences()
      .findLast(({ body }) => body.external_reference === reservation.id);
    const paymentId = await provider.simulator.pay(preference!.id, { late: true, ...how });
    await till.run({ name: 'settle-payment', payload: { paymentId } });
    return paymentId;
  }

  const refundsAtProvider = (paymentId: string) =>
    provider.simulator
      .payments()
      .find(({ id }) => String(id) === paymentId)!
      .refunds.map(({ amount }) => Math.round(amount * 100));

  /** The guest of an expired hold whose nights were sold, and who paid all the same. */
  async function lateGuest(): Promise<Booked & { paymentId: string }> {
    const booked = await world.hold();
    await till.runAll();
    await world.expire(booked.reservation);
    await world.takeNights(booked.reservation);
    const paymentId = await pay(booked);
    return { ...booked, paymentId };
  }

  const offerOf = async ({ reservation }: { reservation: Pick<Reservation, 'id'> }) => {
    const [row] = await records.database.query(
      'SELECT id, state, accepted_reservation_id FROM payment_offers WHERE reservation_id = $1 OR accepted_reservation_id = $1',
      [reservation.id],
    );
    return row as { id: string; state: string; accepted_reservation_id: string | null };
  };

  /** Chooses something else with the credit, as the conversation does it. */
  async function choose(guest: Guest, unit: string, from: number, nights: number, adults = 2) {
    const request = await buildHold(records, {
      unit,
      contactId: guest.contactId,
      channel: 'whatsapp',
      actor: 'guest',
      adults,
      checkIn: inDays(from),
      checkOut: inDays(from + nights),
    });
    return till.inTransaction(async (stores) => {
      const outcome = await holdStay(request, stores, noCourtesyLock);
      if (outcome.type !== 'held') throw new Error('expected a hold');
      return { hold: outcome.reservation, applied: await applyCredit(outcome.reservation, stores) };
    });
  }

  const bodyOf = async (guest: Guest, purpose: string): Promise<string> => {
    const rows: { payload: { body: string } }[] = await records.database.query(
      'SELECT payload FROM outbound_messages WHERE conversation_id = $1 AND purpose = $2 ORDER BY id',
      [guest.conversationId, purpose],
    );
    return rows.at(-1)!.payload.body;
  };

  describe('an offer', () => {
    it('names what is free on the same nights and near them, with the way back', async () => {
      const { guest, reservation } = await lateGuest();
      const [{ payload }] = await records.database.query(
        `SELECT payload FROM outbound_messages WHERE conversation_id = $1 AND purpose = 'offer'`,
        [guest.conversationId],
      );
      expect(payload.kind).to.equal('list');
      const titles = payload.sections.map(({ title, rows }: { title: string; rows: unknown[] }) => [
        title,
        rows.length,
      ]);
      expect(titles.map(([title]: [string]) => title)).to.deep.equal([
        'Mismas fechas',
        'Otras fechas',
        'Devolver el dinero',
      ]);
      const ids = payload.sections.flatMap(({ rows }: { rows: { id: string }[] }) => rows.map(({ id }) => id));
      expect(
        ids.filter((id: string) => id.startsWith(`unit:${reservation.accommodationId}:`)).length,
      ).to.be.greaterThan(0);
      expect(ids.at(-1)).to.equal(`give_back:${(await offerOf({ reservation })).id}`);
    });

    it('taken for a stay that costs less: confirmed at once, the difference goes back, told when it is done', async () => {
      const late = await lateGuest();
      await world.heard(late.guest);
      const { hold, applied } = await choose(late.guest, 'Departamento Coihue', 300, 1);
      const { depositCents } = late.reservation;
      const difference = depositCents - hold.depositCents;
      expect(applied).to.deep.include({ missingCents: 0, returnedCents: difference, creditCents: depositCents });
      expect(await world.statusOf(hold)).to.equal('confirmed');
      expect(await world.heard(late.guest)).to.deep.equal(['booking_confirmed']);
      expect(await world.allocationsOf(late.paymentId)).to.deep.equal({
        deposit: hold.depositCents,
        refund: difference,
      });
      await till.runAll();
      expect(refundsAtProvider(late.paymentId)).to.deep.equal([difference]);
      expect(await world.heard(late.guest)).to.deep.equal(['refund_done']);
      expect(await world.statusOf(late.reservation)).to.equal('expired');
      // Paid with the money of another stay: a charge-back is this one's case.
      await world.ownerHeard({ reservationId: hold.id });
      await provider.simulator.chargeBack(late.paymentId);
      await till.run({ name: 'settle-payment', payload: { paymentId: late.paymentId } });
      expect(await world.ownerHeard({ reservationId: hold.id })).to.include.members([
        'payment_charged_back',
        'deposit_reversed',
      ]);
    });

    it('taken for a stay that costs more: the link asks for the rest, and the rest confirms', async () => {
      const late = await lateGuest();
      const { hold, applied } = await choose(late.guest, 'Casa Ñire', 150, 4, 8);
      const missing = hold.depositCents - late.reservation.depositCents;
      expect(applied).to.deep.include({ missingCents: missing, returnedCents: 0 });
      await world.heard(late.guest);
      await till.runAll();
      expect(await world.heard(late.guest)).to.deep.equal(['payment_link']);
      expect(await bodyOf(late.guest, 'payment_link')).to.match(/Ya tenemos \$/);
      const preference = provider.simulator.preferences().findLast(({ body }) => body.external_reference === hold.id)!;
      expect(Math.round(preference.body.items[0]!.unit_price * 100)).to.equal(missing);
      const paymentId = await pay({ reservation: hold });
      expect(await world.statusOf(hold)).to.equal('confirmed');
      expect(await world.allocationsOf(paymentId)).to.deep.equal({ deposit: missing });
      expect(await world.allocationsOf(late.paymentId)).to.deep.equal({ deposit: late.reservation.depositCents });
    });

    it('goes on when the hold that was chosen for it ends unpaid, and goes back when its own time is over then', async () => {
      const late = await lateGuest();
      const { hold } = await choose(late.guest, 'Casa Ñire', 160, 4, 8);
      await world.heard(late.guest);
      await makeOverdue(records.database, hold.id, 1);
      await till.inTransaction((stores) => expireIfDue(hold.id, stores));
      expect(await world.heard(late.guest)).to.deep.equal(['hold_expired', 'offer']);
      expect(await offerOf({ reservation: hold })).to.include({ state: 'open' });
      expect(await world.allocationsOf(late.paymentId)).to.deep.equal({ credit: late.reservation.depositCents });

      const { hold: second } = await choose(late.guest, 'Casa Ñire', 160, 4, 8);
      await records.database.query(
        `UPDATE payment_offers SET expires_at = now() - interval '1 minute' WHERE accepted_reservation_id = $1`,
        [second.id],
      );
      await makeOverdue(records.database, second.id, 1);
      await till.inTransaction((stores) => expireIfDue(second.id, stores));
      await till.runAll();
      expect(refundsAtProvider(late.paymentId)).to.deep.equal([late.reservation.depositCents]);
      expect(await world.heard(late.guest)).to.deep.equal(['hold_expired', 'refund_done']);
    });

    it('becomes the deposit of its hold however that is confirmed: by the owner, or by parked money he accepts', async () => {
      const first = await lateGuest();
      const { hold: byHand } = await choose(first.guest, 'Casa Ñire', 170, 4, 8);
      await world.confirmByHand(byHand);
      expect(await world.allocationsOf(first.paymentId)).to.deep.equal({ deposit: first.reservation.depositCents });

      const second = await lateGuest();
      const { hold: short } = await choose(second.guest, 'Casa Ñire', 180, 4, 8);
      const partial = await pay({ reservation: short }, { amountCents: 100 });
      expect(await world.outcomeOf(partial)).to.equal('parked:insufficient');
      await till.inTransaction((stores) => acceptPayment({ paymentId: partial, actor: 'owner' }, stores));
      expect(await world.statusOf(short)).to.equal('confirmed');
      expect(await world.allocationsOf(second.paymentId)).to.deep.equal({ deposit: second.reservation.depositCents });
      expect(await world.allocationsOf(partial)).to.deep.equal({ deposit: 100 });
      expect((await bodyOf(second.guest, 'booking_confirmed')).replaceAll(/\D/g, '')).to.include(
        String(Math.trunc((second.reservation.depositCents + 100) / 100)),
      );
      till.jobs.length = 0;
    });

    it('is over after its hours: the money goes back by the sweep', async () => {
      const late = await lateGuest();
      await till.run({ name: 'sweep-due-offers', payload: {} });
      expect((await offerOf(late)).state).to.equal('open');
      await records.database.query(
        `UPDATE payment_offers SET expires_at = now() - interval '1 second' WHERE reservation_id = $1`,
        [late.reservation.id],
      );
      await world.heard(late.guest);
      await till.run({ name: 'sweep-due-offers', payload: {} });
      await till.runAll();
      expect((await offerOf(late)).state).to.equal('expired');
      expect(refundsAtProvider(late.paymentId)).to.deep.equal([late.reservation.depositCents]);
      expect(await world.heard(late.guest)).to.deep.equal(['refund_done']);
      expect(await world.outcomeOf(late.paymentId)).to.equal('refunded');
      // Too late to use it: an ordinary hold, with its own deposit.
      expect((await choose(late.guest, 'Departamento Coihue', 310, 1)).applied).to.equal(undefined);
    });

    it('is given back on request, once', async () => {
      const late = await lateGuest();
      const { id } = await offerOf(late);
      const results = await Promise.all(
        Array.from({ length: 4 }, () =>
          till.inTransaction((stores) => closeOffer(id, { actor: 'guest', as: 'declined' }, stores)),
        ),
      );
      expect(results.filter((result) => result !== undefined)).to.have.length(1);
      await till.runAll();
      expect(refundsAtProvider(late.paymentId)).to.have.length(1);
    });

    it('is withdrawn when somebody else gives its money back', async () => {
      const late = await lateGuest();
      await provider.simulator.refundFromPanel(late.paymentId);
      await till.run({ name: 'settle-payment', payload: { paymentId: late.paymentId } });
      expect((await offerOf(late)).state).to.equal('withdrawn');
    });
  });

  describe('a refund', () => {
    /** A duplicate, so that something is to go back. */
    async function duplicate(): Promise<Booked & { paymentId: string }> {
      const booked = await world.hold();
      await pay(booked);
      const paymentId = await pay(booked);
      return { ...booked, paymentId };
    }
    const theRefund = async (paymentId: string): Promise<{ id: string; state: string; attempts: number }> => {
      const [row] = await records.database.query(
        'SELECT r.id, r.state, r.attempts FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE p.provider_payment_id = $1',
        [paymentId],
      );
      return row as { id: string; state: string; attempts: number };
    };

    for (const crashAfter of [1, 2, 3, 4, 5, 6])
      it(`is made exactly once when its worker dies after step ${crashAfter}`, async () => {
        const { paymentId, guest, reservation } = await duplicate();
        till.jobs.length = 0;
        await world.heard(guest);
        const refund = await theRefund(paymentId);
        const job = { name: 'refund-payment', payload: { refundId: refund.id } } as const;
        await till.run(job, crashAfter);
        await records.database.query(`UPDATE refunds SET next_attempt_at = now() - interval '1 minute' WHERE id = $1`, [
          refund.id,
        ]);
        await till.run({ name: 'sweep-unmade-refunds', payload: {} });
        await till.runAll();
        await till.run(job);
        expect(refundsAtProvider(paymentId)).to.deep.equal([reservation.depositCents]);
        expect((await theRefund(paymentId)).state).to.equal('made');
        expect(await world.heard(guest)).to.deep.equal(['refund_done']);
        await till.run({ name: 'settle-payment', payload: { paymentId } });
        expect(await world.outcomeOf(paymentId)).to.equal('refunded');
        expect(await world.statusOf(reservation)).to.equal('confirmed');
      });

    it('is recognised when the provider acted and did not answer, though its key is forgotten', async () => {
      const { paymentId, guest } = await duplicate();
      till.jobs.length = 0;
      await world.heard(guest);
      const { id } = await theRefund(paymentId);
      provider.simulator.failNext(1, { kind: 'reset', acted: true }, ({ path }) => path.endsWith('/refunds'));
      const job = { name: 'refund-payment', payload: { refundId: id } } as const;
      const error = await till.run(job).then(
        () => null,
        (thrown: Error) => thrown,
      );
      expect(error).to.have.property('kind', 'ambiguous');
      // A second call would be a second refund from here on.
      provider.simulator.failAlways(
        { kind: 'status', status: 500 },
        ({ method, path }) => method === 'POST' && path.endsWith('/refunds'),
      );
      await till.run(job);
      provider.simulator.failAlways(undefined);
      expect((await theRefund(paymentId)).state).to.equal('made');
      expect(await world.heard(guest)).to.deep.equal(['refund_done']);
      expect(refundsAtProvider(paymentId)).to.have.length(1);
    });

    it('waits and tries again while the provider is away, and slows down when told to', async () => {
      const { paymentId } = await duplicate();
      till.jobs.length = 0;
      const { id } = await theRefund(paymentId);
      const job = { name: 'refund-payment', payload: { refundId: id } } as const;
      const isRefund = ({ path }: { path: string }): boolean => path.endsWith('/refunds');
      for (const [fault, kind] of [
        [{ kind: 'status', status: 429, retryAfterS: 2 }, 'rate_limited'],
        [{ kind: 'status', status: 500 }, 'temporary'],
        [{ kind: 'status', status: 401 }, 'auth'],
      ] as const) {
        provider.simulator.failNext(1, fault, isRefund);
        const error = await till.run(job).then(
          () => null,
          (thrown: Error) => thrown,
        );
        expect(error, kind).to.have.property('kind', kind);
      }
      expect(await theRefund(paymentId)).to.include({ state: 'wanted', attempts: 3 });
      await till.run(job);
      expect((await theRefund(paymentId)).state).to.equal('made');
    });

    it('that the provider refuses again and again is parked, and owner and guest are told', async () => {
      const { paymentId, guest, reservation } = await duplicate();
      till.jobs.length = 0;
      await world.heard(guest);
      await world.ownerHeard({ reservationId: reservation.id });
      const { id } = await theRefund(paymentId);
      await records.database.query('UPDATE refunds SET attempts = 11 WHERE id = $1', [id]);
      provider.simulator.failNext(1, { kind: 'status', status: 400, code: 2018 }, ({ path }) =>
        path.endsWith('/refunds'),
      );
      await till.run({ name: 'refund-payment', payload: { refundId: id } });
      expect((await theRefund(paymentId)).state).to.equal('failed');
      expect(await world.allocationsOf(paymentId)).to.deep.equal({ parked: reservation.depositCents });
      expect(await world.heard(guest)).to.deep.equal(['refund_stuck']);
      expect(await world.ownerHeard({ reservationId: reservation.id })).to.deep.equal(['refund_failed']);
      // The owner tries again: a new row with a new key.
      const again = await till.inTransaction((stores) => giveBack({ paymentId, actor: 'owner' }, stores));
      expect(again.map(({ cents }) => cents)).to.deep.equal([reservation.depositCents]);
      await till.runAll();
      expect(refundsAtProvider(paymentId)).to.deep.equal([reservation.depositCents]);
    });

    it('gives only what the panel left', async () => {
      const { paymentId, reservation } = await duplicate();
      till.jobs.length = 0;
      const { id } = await theRefund(paymentId);
      await provider.simulator.refundFromPanel(paymentId, 4_000);
      await till.run({ name: 'settle-payment', payload: { paymentId } });
      await till.run({ name: 'refund-payment', payload: { refundId: id } });
      expect(refundsAtProvider(paymentId)).to.deep.equal([4_000, reservation.depositCents - 4_000]);
      await till.run({ name: 'settle-payment', payload: { paymentId } });
      expect(await world.outcomeOf(paymentId)).to.equal('refunded');
    });

    it('follows the cancellation policy: in time everything, late what is beyond the deposit, by the lodging everything', async () => {
      const early = await world.hold();
      const first = await pay(early, { amountCents: early.reservation.depositCents + 7_000 });
      await till.inTransaction((stores) => cancelReservation(early.reservation.id, stores, { actor: 'guest' }));
      await till.runAll();
      expect(refundsAtProvider(first)).to.deep.equal([early.reservation.depositCents + 7_000]);

      const late = await world.hold();
      const second = await pay(late, { amountCents: late.reservation.depositCents + 7_000 });
      await records.database.query('UPDATE reservations SET check_in = $2, check_out = $3 WHERE id = $1', [
        late.reservation.id,
        inDays(0),
        inDays(2),
      ]);
      const { keepsDeposit, refundCents } = await till.inTransaction((stores) =>
        cancelReservation(late.reservation.id, stores, { actor: 'guest' }),
      );
      expect({ keepsDeposit, refundCents }).to.deep.equal({ keepsDeposit: true, refundCents: 7_000 });
      await till.runAll();
      expect(refundsAtProvider(second)).to.deep.equal([7_000]);
      expect(await world.allocationsOf(second)).to.deep.equal({
        deposit: late.reservation.depositCents,
        refund: 7_000,
      });

      const byOwner = await world.hold();
      const third = await pay(byOwner);
      await records.database.query('UPDATE reservations SET check_in = $2, check_out = $3 WHERE id = $1', [
        byOwner.reservation.id,
        inDays(0),
        inDays(2),
      ]);
      await till.inTransaction((stores) => cancelReservation(byOwner.reservation.id, stores, { actor: 'owner' }));
      await till.runAll();
      expect(refundsAtProvider(third)).to.deep.equal([byOwner.reservation.depositCents]);
    });

    it('of a partial that waits on a hold follows its cancellation', async () => {
      const booked = await world.hold();
      const paymentId = await pay(booked, { amountCents: 100 });
      await till.inTransaction((stores) => cancelReservation(booked.reservation.id, stores, { actor: 'guest' }));
      await till.runAll();
      expect(refundsAtProvider(paymentId)).to.deep.equal([100]);
    });
  });

  describe('the owner', () => {
    it('records cash and transfers, which are allocated alike, once per reference', async () => {
      const { reservation, guest } = await world.hold();
      await world.heard(guest);
      const record = (amountCents: number, reference?: string) =>
        till.inTransaction((stores) =>
          recordPayment(
            {
              reservationId: reservation.id,
              amountCents,
              method: 'transfer',
              actor: 'owner',
              ...(reference ? { reference } : {}),
            },
            stores,
          ),
        );
      expect((await record(reservation.depositCents - 100, 'tr-1')).outcome).to.equal('parked:insufficient');
      expect((await record(100, 'tr-2')).outcome).to.equal('confirmed');
      expect(await record(100, 'tr-2')).to.include({ isNew: false });
      expect(await world.heard(guest)).to.deep.equal(['booking_confirmed']);
      const cash = await till.inTransaction((stores) =>
        recordPayment(
          {
            reservationId: reservation.id,
            amountCents: reservation.totalCents - reservation.depositCents + 50,
            method: 'cash',
            actor: 'owner',
          },
          stores,
        ),
      );
      expect(cash.outcome).to.equal('balance');
      expect(await world.allocationsOf(cash.payment.providerPaymentId)).to.deep.equal({
        balance: reservation.totalCents - reservation.depositCents,
        parked: 50,
      });
      const misfit = await record(200, 'tr-2').then(
        () => null,
        (error: unknown) => error,
      );
      expect(misfit).to.be.instanceOf(DomainError);
    });

    it('gives cash back by hand, and the guest is told when it is done', async () => {
      const { reservation, guest } = await world.hold();
      const { payment } = await till.inTransaction((stores) =>
        recordPayment(
          { reservationId: reservation.id, amountCents: reservation.depositCents, method: 'cash', actor: 'owner' },
          stores,
        ),
      );
      await till.inTransaction((stores) => cancelReservation(reservation.id, stores, { actor: 'owner' }));
      expect(await world.refundsOf(payment.providerPaymentId)).to.deep.equal([
        { cents: reservation.depositCents, reason: 'cancelled', state: 'by_hand' },
      ]);
      expect(await world.ownerHeard({ reservationId: reservation.id })).to.include('refund_by_hand');
      await world.heard(guest);
      await till.inTransaction((stores) => markGivenByHand({ reservationId: reservation.id }, stores));
      expect(await world.heard(guest)).to.deep.equal(['refund_done']);
      expect(await world.outcomeOf(payment.providerPaymentId)).to.equal('refunded');
    });

    it('takes a transfer for an expired hold when its nights are free, else keeps it parked', async () => {
      const free = await world.hold();
      await world.expire(free.reservation);
      const taken = await world.hold();
      await world.expire(taken.reservation);
      await world.takeNights(taken.reservation);
      const record = ({ reservation }: Booked) =>
        till.inTransaction((stores) =>
          recordPayment(
            {
              reservationId: reservation.id,
              amountCents: reservation.depositCents,
              method: 'transfer',
              actor: 'owner',
            },
            stores,
          ),
        );
      expect((await record(free)).outcome).to.equal('rescued');
      expect((await record(taken)).outcome).to.equal('parked:late');
    });

    it('accepts parked money as it is: too little, another currency, an unknown reference', async () => {
      const short = await world.hold();
      const first = await pay(short, { amountCents: 500 });
      const accept = (paymentId: string, reservationId?: string) =>
        till.inTransaction((stores) =>
          acceptPayment({ paymentId, actor: 'owner', ...(reservationId ? { reservationId } : {}) }, stores),
        );
      expect((await accept(first)).outcome).to.equal('confirmed');
      expect(await world.statusOf(short.reservation)).to.equal('confirmed');

      const dollars = await world.hold();
      const usd = world.provided(dollars.reservation, { currency: 'USD', amountCents: 9_000 });
      await world.settle(usd);
      await accept(usd.id);
      expect(await world.statusOf(dollars.reservation)).to.equal('confirmed');
      // It stands on the dollars: pesos now are one payment too many.
      expect(await world.settle(world.provided(dollars.reservation))).to.equal('refunding:duplicate');

      const lost = await world.hold();
      const stray = world.provided(lost.reservation, { externalReference: 'pedido 7' });
      expect(await world.settle(stray)).to.equal('parked:unknown_reference');
      await accept(stray.id, lost.reservation.id);
      expect(await world.statusOf(lost.reservation)).to.equal('confirmed');
      // The provider knows no better than before, the row does.
      const charged = { ...stray, status: 'charged_back', dateLastUpdated: world.provided(null).dateLastUpdated };
      expect(await world.settle(charged)).to.equal('charged_back');
      expect(await world.ownerHeard({ reservationId: lost.reservation.id })).to.include('deposit_reversed');
      till.jobs.length = 0;
    });

    it('accepts what the stay does not cost to the account of its guest', async () => {
      const booked = await world.hold();
      const paymentId = await pay(booked, { amountCents: booked.reservation.totalCents + 300 });
      await till.inTransaction((stores) => acceptPayment({ paymentId, actor: 'owner' }, stores));
      const { depositCents, totalCents } = booked.reservation;
      expect(await world.allocationsOf(paymentId)).to.deep.equal({
        balance: totalCents - depositCents + 300,
        deposit: depositCents,
      });
    });

    it('cannot accept what is not parked, nor for a cancelled stay or nights that are gone', async () => {
      const confirmed = await world.hold();
      const paid = await pay(confirmed);
      const gone = await world.hold();
      const partial = await pay(gone, { amountCents: 100 });
      await world.expire(gone.reservation);
      await world.takeNights(gone.reservation);
      for (const [paymentId, code] of [
        [paid, 'invalid_state'],
        [partial, 'stay_unavailable'],
        ['999', 'payment_not_found'],
      ] as const) {
        const error = await till
          .inTransaction((stores) => acceptPayment({ paymentId, actor: 'owner' }, stores))
          .then(
            () => null,
            (thrown: unknown) => thrown,
          );
        expect(error, code).to.be.instanceOf(DomainError).with.property('code', code);
      }
    });

    it('gives back by itself only what no standing stay counts on', async () => {
      const booked = await world.hold();
      const paymentId = await pay(booked, { amountCents: booked.reservation.totalCents + 300 });
      const [refund] = await till.inTransaction((stores) =>
        giveBack({ reservationId: booked.reservation.id, actor: 'owner' }, stores),
      );
      expect(refund!.cents).to.equal(300);
      await till.inTransaction((stores) => giveBack({ paymentId, cents: 1_000, actor: 'owner' }, stores));
      await till.runAll();
      expect(refundsAtProvider(paymentId)).to.deep.equal([300, 1_000]);
      expect(await world.statusOf(booked.reservation)).to.equal('confirmed');
      // Ours, so nobody's case; nor is a part of the deposit that the owner sends.
      await till.run({ name: 'settle-payment', payload: { paymentId } });
      await till.inTransaction((stores) =>
        giveBack({ paymentId, cents: booked.reservation.totalCents - 1_100, actor: 'owner' }, stores),
      );
      await till.runAll();
      await till.run({ name: 'settle-payment', payload: { paymentId } });
      expect(await world.allocationsOf(paymentId)).to.deep.equal({
        deposit: 100,
        refund: booked.reservation.totalCents + 200,
      });
      expect(await world.ownerHeard({ reservationId: booked.reservation.id })).to.not.include('deposit_reversed');
    });
  });

  describe('reconciliation', () => {
    it('finds what no notice told, prints the differences and leaves other sales alone', async () => {
      const held = await world.hold();
      await till.runAll();
      const preference = provider.simulator
        .preferences()
        .findLast(({ body }) => body.external_reference === held.reservation.id)!;
      const missing = await provider.simulator.pay(preference.id);
      const standing = await world.hold();
      const reversed = await pay(standing);
      await provider.simulator.refundFromPanel(reversed, 700);
      const jam = await provider.simulator.payWithoutPreference({ amountCents: 5_000, externalReference: 'mermelada' });

      const look = await reconcilePayments({ hours: 1, isDryRun: true }, till, AbortSignal.timeout(20_000));
      expect(look.differences).to.deep.include({
        paymentId: missing,
        code: null,
        what: 'missing',
        ours: null,
        theirs: 'approved',
        outcome: null,
      });
      expect(await world.statusOf(held.reservation)).to.equal('held');

      const done = await reconcilePayments({ hours: 1 }, till, AbortSignal.timeout(20_000));
      expect(done.differences).to.deep.include({
        paymentId: missing,
        code: held.reservation.code,
        what: 'missing',
        ours: null,
        theirs: 'approved',
        outcome: 'confirmed',
      });
      expect(done.differences).to.deep.include({
        paymentId: reversed,
        code: standing.reservation.code,
        what: 'refunded',
        ours: '0',
        theirs: '700',
        outcome: 'confirmed',
      });
      expect(done.foreign).to.equal(1);
      expect(
        await records.database.query('SELECT 1 FROM payments WHERE provider_payment_id = $1', [jam]),
      ).to.have.length(0);
      expect(await world.statusOf(held.reservation)).to.equal('confirmed');
      expect((await reconcilePayments({ hours: 1 }, till, AbortSignal.timeout(20_000))).differences).to.deep.equal([]);
    });

    it('with every webhook lost, the sweeps alone make every booking right', async () => {
      const bookings = await Promise.all(Array.from({ length: 4 }, () => world.hold()));
      await till.runAll();
      const preferenceOf = ({ reservation }: Booked) =>
        provider.simulator.preferences().findLast(({ body }) => body.external_reference === reservation.id)!.id;
      const [paid, expired, cancelled, unpaid] = bookings as [Booked, Booked, Booked, Booked];
      await provider.simulator.pay(preferenceOf(paid));
      await world.expire(expired.reservation);
      await provider.simulator.pay(preferenceOf(expired), { late: true });
      await world.cancel(cancelled.reservation);
      const back = await provider.simulator.pay(preferenceOf(cancelled), { late: true });
      // Time passes: rows move, clocks do not.
      await records.database.query(`UPDATE payment_links SET made_at = made_at - interval '3 minutes'`);
      await makeOverdue(records.database, unpaid.reservation.id, 20);
      for (const name of [
        'sweep-missing-links',
        'sweep-unsettled-payments',
        'sweep-recent-payments',
        'sweep-due-holds',
        'sweep-due-offers',
        'sweep-unmade-refunds',
      ] as const)
        await till.run({ name, payload: {} });
      await till.runAll();
      expect(await Promise.all(bookings.map(({ reservation }) => world.statusOf(reservation)))).to.deep.equal([
        'confirmed',
        'confirmed',
        'cancelled',
        'expired',
      ]);
      expect(refundsAtProvider(back)).to.deep.equal([cancelled.reservation.depositCents]);
    });

    it('gives a hold the time that its link was late, once, and not again on top of a grace', async () => {
      const minutesAway = async ({ reservation }: Booked): Promise<Record<string, number>> => {
        const [row] = await records.database.query(
          `SELECT round(extract(epoch FROM hold_expires_at - now()) / 60)::int AS expires, round(extract(epoch FROM release_at - now()) / 60)::int AS released
           FROM reservations WHERE id = $1`,
          [reservation.id],
        );
        return row;
      };
      /** Its job was lost and nobody came by for so long. */
      const passMinutes = async ({ reservation }: Booked, minutes: number): Promise<void> => {
        await records.database.query(
          `UPDATE reservations SET hold_expires_at = hold_expires_at - make_interval(mins => $2), release_at = release_at - make_interval(mins => $2) WHERE id = $1`,
          [reservation.id, minutes],
        );
        await records.database.query(
          `UPDATE payment_links SET created_at = created_at - make_interval(mins => $2), expires_at = expires_at - make_interval(mins => $2),
             next_attempt_at = next_attempt_at - make_interval(mins => $2) WHERE reservation_id = $1`,
          [reservation.id, minutes],
        );
      };
      const late = await world.hold();
      till.jobs.length = 0;
      await passMinutes(late, 5);
      await till.run({ name: 'sweep-missing-links', payload: {} });
      await till.runAll();
      expect(await minutesAway(late)).to.deep.equal({ expires: 30, released: 32 });
      expect(await world.heard(late.guest)).to.include('link_late');

      const forgotten = await world.hold();
      till.jobs.length = 0;
      await passMinutes(forgotten, 25 * 60);
      await till.inTransaction((stores) => giveGrace(forgotten.reservation.id, stores, 'provider_unreachable'));
      await till.run({ name: 'sweep-missing-links', payload: {} });
      await till.runAll();
      expect(await minutesAway(forgotten)).to.deep.equal({ expires: 30, released: 32 });
    });

    it('asks about a live hold every two minutes, not with every sweep', async () => {
      const booked = await world.hold();
      await till.runAll();
      const due = () => till.inTransaction((stores) => stores.payments.listHoldsToAskAbout(1_000));
      expect(await due()).to.not.include(booked.reservation.id);
      await records.database.query(`UPDATE payment_links SET made_at = made_at - interval '3 minutes'`);
      expect(await due()).to.include(booked.reservation.id);
      await till.run({ name: 'sweep-unsettled-payments', payload: {} });
      expect(await due()).to.not.include(booked.reservation.id);
    });
  });
});
