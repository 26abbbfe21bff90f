import { expect } from 'chai';
import type { ProviderPayment } from '#shared/domain/payments/payment.ts';
import type { Reservation } from '#shared/domain/reservations/reservation.ts';
import { findLedgerFaults } from '#shared/db/stores/ledger.ts';
import { findOccupancyFaults, inDays, openRecords, type Records } from '../../support/records.ts';
import { createMoneyWorld, unknownReference, type Booked, type MoneyWorld } from './money-world.ts';

/** Where a reservation is when money for it is heard of for the first time. */
const situations = {
  async held(world: MoneyWorld) {
    return world.hold();
  },
  /** One peso of a hold was paid before, and lies parked. */
  async held_with_partial(world: MoneyWorld) {
    const booked = await world.hold();
    await world.settle(world.provided(booked.reservation, { amountCents: 100 }));
    return booked;
  },
  async expired_nights_free(world: MoneyWorld) {
    const booked = await world.hold();
    await world.expire(booked.reservation);
    return booked;
  },
  async expired_nights_taken(world: MoneyWorld) {
    const booked = await situations.expired_nights_free(world);
    await world.takeNights(booked.reservation);
    return booked;
  },
  /** Nobody to make an offer to: booked by the operator for a caller. */
  async expired_nights_taken_no_chat(world: MoneyWorld) {
    const booked = await world.hold({ contactId: null });
    await world.expire(booked.reservation);
    await world.takeNights(booked.reservation);
    return booked;
  },
  async expired_check_in_past(world: MoneyWorld) {
    const booked = await situations.expired_nights_free(world);
    await world.makePast(booked.reservation);
    return booked;
  },
  /** The guest sleeps somewhere else of ours in these nights. */
  async expired_other_stay(world: MoneyWorld) {
    const booked = await situations.expired_nights_free(world);
    const { checkIn, checkOut } = booked.reservation;
    await world.hold({ guest: booked.guest, unit: 'Cabaña Arrayán', checkIn, checkOut });
    return booked;
  },
  /** A first payment is offered for something else. */
  async expired_offered(world: MoneyWorld) {
    const booked = await situations.expired_nights_taken(world);
    expect(await world.settle(world.provided(booked.reservation))).to.equal('offered');
    return booked;
  },
  async cancelled_hold(world: MoneyWorld) {
    const booked = await world.hold();
    await world.cancel(booked.reservation);
    return booked;
  },
  async confirmed(world: MoneyWorld) {
    const booked = await world.hold();
    expect(await world.settle(world.provided(booked.reservation))).to.equal('confirmed');
    return booked;
  },
  /** The owner confirmed it by hand; no deposit came. */
  async confirmed_unpaid(world: MoneyWorld) {
    const booked = await world.hold();
    await world.confirmByHand(booked.reservation);
    return booked;
  },
  /** Cancelled too late by its guest: the deposit stays with the lodging. */
  async cancelled_deposit_kept(world: MoneyWorld) {
    const booked = await situations.confirmed(world);
    await setNights(world, booked.reservation, 0, 2);
    await world.cancel(booked.reservation);
    return booked;
  },
  async completed(world: MoneyWorld) {
    const booked = await situations.confirmed(world);
    await setStatus(world, booked.reservation, 'completed');
    return booked;
  },
  async no_show(world: MoneyWorld) {
    const booked = await situations.confirmed(world);
    await setStatus(world, booked.reservation, 'no_show');
    return booked;
  },
};
type Situation = keyof typeof situations;

async function setStatus(world: MoneyWorld, { id }: Reservation, status: string): Promise<void> {
  await world.records.database.query('UPDATE reservations SET status = $2 WHERE id = $1', [id, status]);
  await world.records.database.query('DELETE FROM occupancies WHERE reservation_id = $1', [id]);
}
async function setNights(world: MoneyWorld, { id }: Reservation, from: number, to: number): Promise<void> {
  await world.records.database.query('UPDATE reservations SET check_in = $2, check_out = $3 WHERE id = $1', [
    id,
    inDays(from),
    inDays(to),
  ]);
}

/** What the provider tells, of a payment that nobody heard of before. */
const events = {
  deposit: () => ({}),
  partial: ({ depositCents }: Reservation) => ({ amountCents: depositCents - 1 }),
  more_than_deposit: ({ depositCents }: Reservation) => ({ amountCents: depositCents + 5_000 }),
  more_than_total: ({ totalCents }: Reservation) => ({ amountCents: totalCents + 700 }),
  other_currency: () => ({ currency: 'USD' }),
  other_collector: () => ({ collectorId: '666' }),
  unknown_reference: () => ({ externalReference: unknownReference() }),
  test_mode: () => ({ liveMode: false }),
  pending: () => ({ status: 'pending', statusDetail: 'pending_waiting_transfer' }),
  rejected: () => ({ status: 'rejected', statusDetail: 'cc_rejected_other_reason' }),
  refunded: ({ depositCents }: Reservation) => ({ status: 'refunded', refundedCents: depositCents }),
  partly_refunded: ({ depositCents }: Reservation) => ({ refundedCents: depositCents - 100 }),
  charged_back: () => ({ status: 'charged_back' }),
  in_mediation: () => ({ status: 'in_mediation' }),
} satisfies Record<string, (reservation: Reservation) => Partial<ProviderPayment>>;
type Event = keyof typeof events;

/**
 * outcome · status afterwards · where the cents lie · what the guest hears · what the owner hears. Cents: D deposit, all of it
 * otherwise. `same`: as the row "any" of the event says.
 */
type Cell = readonly [outcome: string, status: string, lies: string, guest: string, owner: string];

/** Whatever the reservation: money that is none, or that is nobody's to decide but the owner's. */
const anywhere: Partial<Record<Event, (status: string, hasChat: boolean) => Cell>> = {
  other_currency: (s, c) => [
    'parked:other_currency',
    s,
    'parked',
    c ? 'payment_under_review' : '',
    'payment_parked_other_currency',
  ],
  other_collector: (s, c) => [
    'parked:other_collector',
    s,
    'parked',
    c ? 'payment_under_review' : '',
    'payment_parked_other_collector',
  ],
  unknown_reference: (s) => ['parked:unknown_reference', s, 'parked', '', 'payment_parked_unknown_reference'],
  test_mode: (s, c) => ['parked:test_mode', s, 'parked', c ? 'payment_under_review' : '', 'payment_parked_test_mode'],
  pending: (s) => ['pending', s, '', s === 'held' ? 'payment_pending' : '', ''],
  rejected: (s) => ['rejected', s, '', s === 'held' ? 'payment_rejected' : '', ''],
  refunded: (s) => ['refunded', s, 'refund', '', ''],
  charged_back: (s) => ['charged_back', s, 'charged_back', '', 'payment_charged_back'],
  in_mediation: (s, c) => [
    'parked:in_mediation',
    s,
    'parked',
    c ? 'payment_under_review' : '',
    'payment_parked_in_mediation',
  ],
};

const insufficient = (status: string): Cell => [
  'parked:insufficient',
  status,
  'parked',
  'payment_insufficient',
  'payment_parked_insufficient',
];
const sentBack = (reason: string, status: string): Cell => [
  `refunding:${reason}`,
  status,
  'refund',
  '',
  `payment_refunding_${reason}`,
];
const rescued: Cell = ['rescued', 'confirmed', 'deposit', 'booking_confirmed', 'booking_confirmed'];
const offered: Cell = ['offered', 'expired', 'credit', 'offer', 'payment_offered'];

const table: Record<Situation, Partial<Record<Event, Cell>>> = {
  held: {
    deposit: ['confirmed', 'confirmed', 'deposit', 'booking_confirmed', 'booking_confirmed'],
    partial: insufficient('held'),
    more_than_deposit: ['confirmed', 'confirmed', 'balance 5000, deposit D', 'booking_confirmed', 'booking_confirmed'],
    more_than_total: [
      'confirmed',
      'confirmed',
      'balance T-D, deposit D, parked 700',
      'booking_confirmed',
      'booking_confirmed, payment_parked_overpaid',
    ],
    partly_refunded: [
      'parked:insufficient',
      'held',
      'parked 100, refund D-100',
      'payment_insufficient',
      'payment_parked_insufficient',
    ],
  },
  held_with_partial: {
    deposit: ['confirmed', 'confirmed', 'balance 100, deposit D-100', 'booking_confirmed', 'booking_confirmed'],
    // One peso short alone, enough together with the peso that lay parked.
    partial: ['confirmed', 'confirmed', 'balance 99, deposit D-100', 'booking_confirmed', 'booking_confirmed'],
    more_than_deposit: [
      'confirmed',
      'confirmed',
      'balance 5100, deposit D-100',
      'booking_confirmed',
      'booking_confirmed',
    ],
    more_than_total: [
      'confirmed',
      'confirmed',
      'balance T-D, deposit D-100, parked 800',
      'booking_confirmed',
      'booking_confirmed, payment_parked_overpaid',
    ],
    partly_refunded: [
      'parked:insufficient',
      'held',
      'parked 100, refund D-100',
      'payment_insufficient',
      'payment_parked_insufficient',
    ],
  },
  expired_nights_free: {
    deposit: rescued,
    partial: insufficient('expired'),
    more_than_deposit: ['rescued', 'confirmed', 'balance 5000, deposit D', 'booking_confirmed', 'booking_confirmed'],
    more_than_total: [
      'rescued',
      'confirmed',
      'balance T-D, deposit D, parked 700',
      'booking_confirmed',
      'booking_confirmed, payment_parked_overpaid',
    ],
    partly_refunded: [
      'parked:insufficient',
      'expired',
      'parked 100, refund D-100',
      'payment_insufficient',
      'payment_parked_insufficient',
    ],
  },
  expired_nights_taken: {
    deposit: offered,
    partial: insufficient('expired'),
    more_than_deposit: offered,
    more_than_total: offered,
    partly_refunded: [
      'parked:insufficient',
      'expired',
      'parked 100, refund D-100',
      'payment_insufficient',
      'payment_parked_insufficient',
    ],
  },
  expired_nights_taken_no_chat: {
    deposit: sentBack('late', 'expired'),
    partial: ['parked:insufficient', 'expired', 'parked', '', 'payment_parked_insufficient'],
    more_than_deposit: sentBack('late', 'expired'),
    more_than_total: sentBack('late', 'expired'),
    partly_refunded: ['parked:insufficient', 'expired', 'parked 100, refund D-100', '', 'payment_parked_insufficient'],
  },
  expired_check_in_past: {
    deposit: sentBack('late', 'expired'),
    partial: insufficient('expired'),
    more_than_deposit: sentBack('late', 'expired'),
    more_than_total: sentBack('late', 'expired'),
    partly_refunded: [
      'parked:insufficient',
      'expired',
      'parked 100, refund D-100',
      'payment_insufficient',
      'payment_parked_insufficient',
    ],
  },
  expired_other_stay: {
    deposit: sentBack('late', 'expired'),
    partial: insufficient('expired'),
    more_than_deposit: sentBack('late', 'expired'),
    more_than_total: sentBack('late', 'expired'),
    partly_refunded: [
      'parked:insufficient',
      'expired',
      'parked 100, refund D-100',
      'payment_insufficient',
      'payment_parked_insufficient',
    ],
  },
  expired_offered: {
    deposit: sentBack('duplicate', 'expired'),
    partial: sentBack('duplicate', 'expired'),
    more_than_deposit: sentBack('duplicate', 'expired'),
    more_than_total: sentBack('duplicate', 'expired'),
    partly_refunded: sentBack('duplicate', 'expired'),
  },
  cancelled_hold: {
    deposit: sentBack('cancelled', 'cancelled'),
    partial: sentBack('cancelled', 'cancelled'),
    more_than_deposit: sentBack('cancelled', 'cancelled'),
    more_than_total: sentBack('cancelled', 'cancelled'),
    partly_refunded: sentBack('cancelled', 'cancelled'),
  },
  confirmed: {
    deposit: sentBack('duplicate', 'confirmed'),
    partial: sentBack('duplicate', 'confirmed'),
    more_than_deposit: sentBack('duplicate', 'confirmed'),
    more_than_total: sentBack('duplicate', 'confirmed'),
    partly_refunded: sentBack('duplicate', 'confirmed'),
  },
  confirmed_unpaid: {
    deposit: ['deposit', 'confirmed', 'deposit', '', ''],
    partial: insufficient('confirmed'),
    more_than_deposit: ['deposit', 'confirmed', 'balance 5000, deposit D', '', ''],
    more_than_total: ['deposit', 'confirmed', 'balance T-D, deposit D, parked 700', '', 'payment_parked_overpaid'],
    partly_refunded: [
      'parked:insufficient',
      'confirmed',
      'parked 100, refund D-100',
      'payment_insufficient',
      'payment_parked_insufficient',
    ],
  },
  cancelled_deposit_kept: {
    deposit: sentBack('cancelled', 'cancelled'),
    partial: sentBack('cancelled', 'cancelled'),
    more_than_deposit: sentBack('cancelled', 'cancelled'),
    more_than_total: sentBack('cancelled', 'cancelled'),
    partly_refunded: sentBack('cancelled', 'cancelled'),
  },
  completed: {
    deposit: sentBack('duplicate', 'completed'),
    partial: sentBack('duplicate', 'completed'),
    more_than_deposit: sentBack('duplicate', 'completed'),
    more_than_total: sentBack('duplicate', 'completed'),
    partly_refunded: sentBack('duplicate', 'completed'),
  },
  no_show: {
    deposit: sentBack('duplicate', 'no_show'),
    partial: sentBack('duplicate', 'no_show'),
    more_than_deposit: sentBack('duplicate', 'no_show'),
    more_than_total: sentBack('duplicate', 'no_show'),
    partly_refunded: sentBack('duplicate', 'no_show'),
  },
};

describe('newly approved money, by (reservation state × payment event × nights free or taken)', function () {
  this.timeout(120_000);
  let records: Records;
  let world: MoneyWorld;
  before(async () => {
    // Production, so that test mode is parked.
    records = await openRecords({ isProduction: true });
    world = createMoneyWorld(records);
  });
  after(async () => {
    expect(await findLedgerFaults(records.database)).to.deep.equal([]);
    await records.close();
  });

  for (const situation of Object.keys(situations) as Situation[])
    it(`settles every event for a reservation that is ${situation.replaceAll('_', ' ')}`, async () => {
      await Promise.all(
        (Object.keys(events) as Event[]).map(async (event) => {
          const booked = await situations[situation](world);
          const status = await world.statusOf(booked.reservation);
          const cell = table[situation][event] ?? anywhere[event]!(status, booked.reservation.contactId !== null);
          await check(booked, event, cell, `${situation} × ${event}`);
        }),
      );
      expect(await findOccupancyFaults(records.database)).to.deep.equal([]);
    });

  async function check({ reservation, guest }: Booked, event: Event, cell: Cell, name: string): Promise<void> {
    const [link]: { id: string }[] = await records.database.query(
      `UPDATE payment_links SET collector_id = '710000001' WHERE reservation_id = $1 RETURNING id`,
      [reservation.id],
    );
    await world.heard(guest);
    await world.ownerHeard({ reservationId: reservation.id });
    const payment = world.provided(reservation, { linkId: link!.id, ...events[event](reservation) });
    const outcome = await world.settle(payment);
    const isNobodys = event === 'unknown_reference';
    const found: Cell = [
      outcome,
      await world.statusOf(reservation),
      write(await world.allocationsOf(payment.id), reservation),
      (await world.heard(guest)).join(', '),
      (await world.ownerHeard(isNobodys ? { paymentId: payment.id } : { reservationId: reservation.id }))
        .toSorted()
        .join(', '),
    ];
    expect(found, name).to.deep.equal(cell);
    const refunds = await world.refundsOf(payment.id);
    const isSentBack = cell[0].startsWith('refunding:');
    expect(
      refunds.map(({ reason }) => reason),
      name,
    ).to.deep.equal(isSentBack ? [cell[0].slice('refunding:'.length)] : []);
    // Told again, and again by an older answer: nothing happens.
    expect(await world.settle(payment), `${name}, again`).to.equal('unchanged');
    const older = { ...payment, status: 'pending', dateLastUpdated: '2020-01-01T00:00:00.000Z' };
    expect(await world.settle(older), `${name}, older`).to.equal('stale');
    expect(await world.heard(guest), `${name}, again`).to.deep.equal([]);
  }
});

/** "balance 5000, deposit D": cents by purpose; one purpose that holds all but what went back is named alone. */
function write(allocations: Record<string, number>, { depositCents, totalCents }: Reservation): string {
  const entries = Object.entries(allocations);
  if (entries.length === 1) return entries[0]![0];
  const symbols = new Map<number, string>();
  symbols
    .set(totalCents - depositCents, 'T-D')
    .set(depositCents - 100, 'D-100')
    .set(depositCents, 'D');
  return entries.map(([purpose, cents]) => `${purpose} ${symbols.get(cents) ?? cents}`).join(', ');
}
