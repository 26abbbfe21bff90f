import { expect } from 'chai';
import type { ProviderPayment } from '#shared/domain/payments/payment.ts';
import { cancelReservation } from '#shared/domain/reservations/cancel.ts';
import { findLedgerFaults } from '#shared/db/stores/ledger.ts';
import { findOccupancyFaults, openRecords, type Records } from '../../support/records.ts';
import { createMoneyWorld, unknownReference, type Booked, type MoneyWorld } from './money-world.ts';

type Known = Booked & { payment: ProviderPayment };

/** Money that has its place. */
const places = {
  async deposit_of_confirmed(world: MoneyWorld): Promise<Known> {
    const booked = await world.hold();
    return settled(world, booked);
  },
  /** Deposit and a part of the balance in one payment. */
  async deposit_and_balance(world: MoneyWorld): Promise<Known> {
    const booked = await world.hold();
    return settled(world, booked, { amountCents: booked.reservation.depositCents + 5_000 });
  },
  async deposit_of_completed(world: MoneyWorld): Promise<Known> {
    const known = await places.deposit_of_confirmed(world);
    await world.records.database.query(`UPDATE reservations SET status = 'completed' WHERE id = $1`, [
      known.reservation.id,
    ]);
    await world.records.database.query(`DELETE FROM occupancies WHERE reservation_id = $1`, [known.reservation.id]);
    return known;
  },
  async credit_of_offer(world: MoneyWorld): Promise<Known> {
    const booked = await world.hold();
    await world.expire(booked.reservation);
    await world.takeNights(booked.reservation);
    return settled(world, booked);
  },
  async parked_partial(world: MoneyWorld): Promise<Known> {
    const booked = await world.hold();
    return settled(world, booked, { amountCents: booked.reservation.depositCents - 1_000 });
  },
  async parked_unknown(world: MoneyWorld): Promise<Known> {
    const booked = await world.hold();
    return settled(world, booked, { externalReference: unknownReference() });
  },
  /** A duplicate whose refund is wanted and was not called for yet. */
  async refund_wanted(world: MoneyWorld): Promise<Known> {
    const known = await places.deposit_of_confirmed(world);
    return settled(world, known);
  },
  async deposit_kept(world: MoneyWorld): Promise<Known> {
    const known = await places.deposit_of_confirmed(world);
    await world.act((stores) =>
      cancelReservation(known.reservation.id, stores, { actor: 'owner', keepsDeposit: true }),
    );
    return known;
  },
};
type Place = keyof typeof places;

async function settled(world: MoneyWorld, booked: Booked, overrides: Partial<ProviderPayment> = {}): Promise<Known> {
  const payment = world.provided(booked.reservation, overrides);
  await world.settle(payment);
  return { ...booked, payment };
}

/** What happens to it at the provider. A half is 40 % here, so that no two halves make a whole. */
const happenings = {
  part_given_back: (payment: ProviderPayment) => {
    const cents = Math.round(payment.amountCents * 0.4);
    return {
      refundedCents: cents,
      statusDetail: 'partially_refunded',
      refunds: [{ id: `r${payment.id}`, cents, status: 'approved' }],
    };
  },
  all_given_back: (payment: ProviderPayment) => ({
    status: 'refunded',
    refundedCents: payment.amountCents,
    refunds: [{ id: `r${payment.id}`, cents: payment.amountCents, status: 'approved' }],
  }),
  charged_back: () => ({ status: 'charged_back' }),
  disputed: () => ({ status: 'in_mediation' }),
} satisfies Record<string, (payment: ProviderPayment) => Partial<ProviderPayment>>;
type Happening = keyof typeof happenings;

/** outcome · status of the reservation · where the cents lie, in percent of the payment · what the owner hears. */
type Cell = readonly [outcome: string, status: string, lies: string, owner: string];

const table: Record<Place, Record<Happening, Cell>> = {
  deposit_of_confirmed: {
    // Below the deposit: one case for the owner; the nights stay taken.
    part_given_back: ['confirmed', 'confirmed', 'deposit 60, refund 40', 'deposit_reversed'],
    all_given_back: ['refunded', 'confirmed', 'refund 100', 'deposit_reversed'],
    charged_back: ['charged_back', 'confirmed', 'charged_back 100', 'deposit_reversed, payment_charged_back'],
    // Nothing is lost yet, but it is an alarm.
    disputed: ['disputed', 'confirmed', 'deposit 100', 'payment_disputed'],
  },
  deposit_and_balance: {
    part_given_back: ['confirmed', 'confirmed', 'B', 'deposit_reversed'],
    all_given_back: ['refunded', 'confirmed', 'refund 100', 'deposit_reversed'],
    charged_back: ['charged_back', 'confirmed', 'charged_back 100', 'deposit_reversed, payment_charged_back'],
    disputed: ['disputed', 'confirmed', 'B', 'payment_disputed'],
  },
  deposit_of_completed: {
    part_given_back: ['confirmed', 'completed', 'deposit 60, refund 40', 'deposit_reversed'],
    all_given_back: ['refunded', 'completed', 'refund 100', 'deposit_reversed'],
    charged_back: ['charged_back', 'completed', 'charged_back 100', 'deposit_reversed, payment_charged_back'],
    disputed: ['disputed', 'completed', 'deposit 100', 'payment_disputed'],
  },
  credit_of_offer: {
    part_given_back: ['offered', 'expired', 'credit 60, refund 40', ''],
    all_given_back: ['refunded', 'expired', 'refund 100', ''],
    charged_back: ['charged_back', 'expired', 'charged_back 100', 'payment_charged_back'],
    disputed: ['disputed', 'expired', 'credit 100', 'payment_disputed'],
  },
  parked_partial: {
    part_given_back: ['parked:insufficient', 'held', 'parked 60, refund 40', ''],
    all_given_back: ['refunded', 'held', 'refund 100', ''],
    charged_back: ['charged_back', 'held', 'charged_back 100', 'payment_charged_back'],
    disputed: ['disputed', 'held', 'parked 100', 'payment_disputed'],
  },
  parked_unknown: {
    part_given_back: ['parked:unknown_reference', 'held', 'parked 60, refund 40', ''],
    all_given_back: ['refunded', 'held', 'refund 100', ''],
    charged_back: ['charged_back', 'held', 'charged_back 100', 'payment_charged_back'],
    disputed: ['disputed', 'held', 'parked 100', 'payment_disputed'],
  },
  refund_wanted: {
    // Of another amount: somebody else's refund, and ours (of all that is left then) is still to be made.
    part_given_back: ['refunding:duplicate', 'confirmed', 'refund 100', ''],
    // The owner was quicker in the panel: ours counts as made, and is not made twice.
    all_given_back: ['refunded', 'confirmed', 'refund 100', ''],
    // The bank took it: ours is dropped.
    charged_back: ['charged_back', 'confirmed', 'charged_back 100', 'payment_charged_back'],
    disputed: ['refunding:duplicate', 'confirmed', 'refund 100', ''],
  },
  deposit_kept: {
    part_given_back: ['confirmed', 'cancelled', 'deposit 60, refund 40', ''],
    all_given_back: ['refunded', 'cancelled', 'refund 100', ''],
    charged_back: ['charged_back', 'cancelled', 'charged_back 100', 'payment_charged_back'],
    disputed: ['disputed', 'cancelled', 'deposit 100', 'payment_disputed'],
  },
};

describe('money that has its place, by (where it lies × what happens to it)', function () {
  this.timeout(120_000);
  let records: Records;
  let world: MoneyWorld;
  before(async () => {
    records = await openRecords();
    world = createMoneyWorld(records);
  });
  after(async () => {
    expect(await findLedgerFaults(records.database)).to.deep.equal([]);
    expect(await findOccupancyFaults(records.database)).to.deep.equal([]);
    await records.close();
  });

  const later = (payment: ProviderPayment, change: Partial<ProviderPayment>): ProviderPayment => ({
    ...payment,
    ...change,
    dateLastUpdated: world.provided(null).dateLastUpdated,
  });
  const percents = async ({ payment }: Known): Promise<string> =>
    Object.entries(await world.allocationsOf(payment.id))
      .map(([purpose, cents]) => `${purpose} ${Math.round((cents / payment.amountCents) * 100)}`)
      .join(', ');
  const ownerHeard = async ({ reservation, payment }: Known): Promise<string> => {
    const types = [
      ...(await world.ownerHeard({ reservationId: reservation.id })),
      ...(await world.ownerHeard({ paymentId: payment.id })),
    ];
    return [...new Set(types)].toSorted().join(', ');
  };

  for (const place of Object.keys(places) as Place[])
    it(`moves ${place.replaceAll('_', ' ')} and nothing else`, async () => {
      await Promise.all(
        (Object.keys(happenings) as Happening[]).map(async (happening) => {
          const name = `${place} × ${happening}`;
          const known = await places[place](world);
          await ownerHeard(known);
          const told = later(known.payment, happenings[happening](known.payment));
          const outcome = await world.settle(told);
          const [wanted, status, lies, owner] = table[place][happening];
          expect([outcome, await world.statusOf(known.reservation), await ownerHeard(known)], name).to.deep.equal([
            wanted,
            status,
            owner,
          ]);
          if (lies === 'B') {
            const { depositCents } = known.reservation;
            const back = happening === 'disputed' ? 0 : Math.round(known.payment.amountCents * 0.4);
            const fromBalance = Math.min(5_000, back);
            expect(await world.allocationsOf(known.payment.id), name).to.deep.equal({
              ...(fromBalance < 5_000 ? { balance: 5_000 - fromBalance } : {}),
              deposit: depositCents - (back - fromBalance),
              ...(back > 0 ? { refund: back } : {}),
            });
          } else expect(await percents(known), name).to.equal(lies);
          expect(await world.settle(told), `${name}, again`).to.equal('unchanged');
          expect(await ownerHeard(known), `${name}, again`).to.equal('');
          // What it was before, told late: the past.
          expect(await world.settle(known.payment), `${name}, older`).to.equal('stale');
        }),
      );
    });

  it('takes a won dispute back to the deposit while the stay still needs it', async () => {
    const known = await places.deposit_of_confirmed(world);
    await world.settle(later(known.payment, { status: 'in_mediation' }));
    expect(await world.settle(later(known.payment, { status: 'charged_back' }))).to.equal('charged_back');
    expect(await world.settle(later(known.payment, { status: 'approved' }))).to.equal('deposit');
    expect(await percents(known)).to.equal('deposit 100');
  });

  it('reads a charge-back that was reimbursed as money that is back, whenever it is heard of', async () => {
    const known = await places.deposit_of_confirmed(world);
    await world.settle(later(known.payment, { status: 'charged_back', statusDetail: 'in_process' }));
    expect(await world.settle(later(known.payment, { status: 'charged_back', statusDetail: 'reimbursed' }))).to.equal(
      'deposit',
    );
    expect(await percents(known)).to.equal('deposit 100');
    const booked = await world.hold();
    const first = world.provided(booked.reservation, { status: 'charged_back', statusDetail: 'reimbursed' });
    expect(await world.settle(first)).to.equal('confirmed');
  });

  it('counts a refund of ours by its sum where the answer names none', async () => {
    const known = await places.refund_wanted(world);
    const cents = known.payment.amountCents;
    await records.database.query(
      `UPDATE refunds r SET called_at = now(), attempts = 1 FROM payments p WHERE p.id = r.payment_id AND p.provider_payment_id = $1`,
      [known.payment.id],
    );
    await world.heard(known.guest);
    const { refunds: _none, ...silent } = later(known.payment, { status: 'refunded', refundedCents: cents });
    expect(await world.settle(silent)).to.equal('refunded');
    expect(await world.refundsOf(known.payment.id)).to.deep.equal([{ cents, reason: 'duplicate', state: 'made' }]);
    expect(await world.heard(known.guest)).to.deep.equal(['refund_done']);
    expect(
      await world.settle(later(known.payment, { status: 'refunded', refundedCents: cents, refunds: [] })),
    ).to.equal('unchanged');
  });

  it('parks a won dispute that no stay needs, and says so', async () => {
    const known = await places.deposit_kept(world);
    await world.settle(later(known.payment, { status: 'charged_back' }));
    await ownerHeard(known);
    expect(await world.settle(later(known.payment, { status: 'approved' }))).to.equal('parked:dispute_over');
    expect(await ownerHeard(known)).to.equal('payment_parked_dispute_over');
  });

  it('confirms with money that was first heard of in mediation once it is approved', async () => {
    const booked = await world.hold();
    const payment = world.provided(booked.reservation, { status: 'in_mediation' });
    expect(await world.settle(payment)).to.equal('parked:in_mediation');
    expect(await world.settle(later(payment, { status: 'in_mediation', statusDetail: 'pending' }))).to.equal(
      'parked:in_mediation',
    );
    expect(await world.settle(later(payment, { status: 'approved' }))).to.equal('confirmed');
  });

  it('sees a change that is neither status nor refund: a gross amount', async () => {
    const known = await places.deposit_of_confirmed(world);
    expect(await world.settle(later(known.payment, { amountCents: known.payment.amountCents + 500 }))).to.equal(
      'confirmed',
    );
    expect(await world.allocationsOf(known.payment.id)).to.deep.equal({
      deposit: known.payment.amountCents,
      parked: 500,
    });
  });

  it('holds what was in between, and is told last, for the past', async () => {
    const known = await places.deposit_of_confirmed(world);
    const between = later(known.payment, { status: 'in_mediation' });
    expect(await world.settle(later(known.payment, {}))).to.equal('unchanged');
    expect(await world.settle(between)).to.equal('stale');
  });

  it('keeps one case while a stay is short, and none when another payment covers it', async () => {
    const known = await places.deposit_of_confirmed(world);
    await ownerHeard(known);
    const part = happenings.part_given_back(known.payment);
    await world.settle(later(known.payment, part));
    await world.settle(later(known.payment, { status: 'charged_back', ...part, refunds: part.refunds }));
    expect(await ownerHeard(known)).to.equal('deposit_reversed, payment_charged_back');
    const [{ count }] = await records.database.query(
      `SELECT count(*)::int FROM owner_notices WHERE type = 'deposit_reversed' AND reservation_id = $1`,
      [known.reservation.id],
    );
    expect(count).to.equal(1);
    expect(await world.settle(world.provided(known.reservation))).to.equal('deposit');

    const paid = await places.deposit_and_balance(world);
    await ownerHeard(paid);
    await world.settle(
      later(paid.payment, {
        refundedCents: 5_000,
        refunds: [{ id: `r${paid.payment.id}`, cents: 5_000, status: 'approved' }],
      }),
    );
    expect(await ownerHeard(paid)).to.equal('');
  });

  it('never lets two payments of different currencies make one deposit', async () => {
    const booked = await world.hold();
    const half = Math.ceil(booked.reservation.depositCents / 2);
    expect(await world.settle(world.provided(booked.reservation, { amountCents: half, currency: 'USD' }))).to.equal(
      'parked:other_currency',
    );
    expect(await world.settle(world.provided(booked.reservation, { amountCents: half }))).to.equal(
      'parked:insufficient',
    );
    expect(await world.settle(world.provided(booked.reservation, { amountCents: half }))).to.equal('confirmed');
  });

  it('takes a payment of a balance link for the balance, and parks what the stay does not cost', async () => {
    const known = await places.deposit_of_confirmed(world);
    const { id, totalCents, depositCents, currency } = known.reservation;
    const [link]: { id: string }[] = await records.database.query(
      `INSERT INTO payment_links (reservation_id, purpose, state, amount_cents, currency, expires_at) VALUES ($1, 'balance', 'open', 1000, $2, now()) RETURNING id`,
      [id, currency],
    );
    const payment = world.provided(known.reservation, {
      linkId: link!.id,
      amountCents: totalCents - depositCents + 900,
    });
    expect(await world.settle(payment)).to.equal('balance');
    expect(await world.allocationsOf(payment.id)).to.deep.equal({ balance: totalCents - depositCents, parked: 900 });
    await ownerHeard(known);
  });

  it('refuses at commit what does not balance', async () => {
    const known = await places.deposit_of_confirmed(world);
    const [{ id }] = await records.database.query('SELECT id FROM payments WHERE provider_payment_id = $1', [
      known.payment.id,
    ]);
    const statements = [
      `UPDATE payments SET approved_cents = approved_cents + 1 WHERE id = ${id}`,
      `INSERT INTO payment_allocations (payment_id, purpose, cents) VALUES (${id}, 'balance', 1)`,
      `INSERT INTO payment_allocations (payment_id, purpose, cents) VALUES (${id}, 'deposit', -1), (${id}, 'refund', 1)`,
      `INSERT INTO payment_allocations (payment_id, purpose, cents) VALUES (${id}, 'deposit', 1), (${id}, 'parked', -1)`,
      `UPDATE payments SET refunded_cents = 1 WHERE id = ${id}`,
      `INSERT INTO refunds (payment_id, cents, reason, requested_by) VALUES (${id}, 1, 'owner', 'owner')`,
      `DELETE FROM payment_allocations WHERE payment_id = ${id}`,
    ];
    for (const statement of statements) {
      const error = await records.database.query(statement).then(
        () => null,
        (thrown: Error) => thrown,
      );
      expect(error?.message, statement).to.match(/does not balance/);
    }
  });
});
