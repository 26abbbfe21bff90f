import { randomUUID } from 'node:crypto';
import { cancelReservation } from '#shared/domain/reservations/cancel.ts';
import { confirmReservation } from '#shared/domain/reservations/confirm.ts';
import { expireIfDue } from '#shared/domain/reservations/expire.ts';
import { holdStay } from '#shared/domain/reservations/hold-stay.ts';
import type { HoldRequest, Reservation } from '#shared/domain/reservations/reservation.ts';
import { settlePayment, type SettleOutcome } from '#shared/domain/payments/settle-payment.ts';
import type { ProviderPayment } from '#shared/domain/payments/payment.ts';
import type { Stores } from '#shared/domain/ports.ts';
import { noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import { buildGuest, buildHold, inDays, makeOverdue, type Records } from '../../support/records.ts';

export type Guest = { contactId: string; conversationId: string };
export type Booked = { reservation: Reservation; guest: Guest };

/** Nights, guests and payments of their own for every case on one database. */
export type MoneyWorld = {
  records: Records;
  /** A guest whom nobody else is. */
  newGuest(): Promise<Guest>;
  hold(overrides?: Partial<HoldRequest> & { unit?: string; guest?: Guest }): Promise<Booked>;
  /** The hold's time is over; the row moves, not the clock. */
  expire(reservation: Reservation): Promise<void>;
  /** Somebody else takes the same nights. */
  takeNights(reservation: Reservation): Promise<Booked>;
  /** Its nights move into the past, as time would. */
  makePast(reservation: Reservation): Promise<void>;
  confirmByHand(reservation: Reservation): Promise<void>;
  cancel(reservation: Reservation, by?: 'guest' | 'owner'): Promise<void>;
  /** What the provider says of a payment; each call is later than the one before. */
  provided(
    reservation: Pick<Reservation, 'id' | 'depositCents'> | null,
    overrides?: Partial<ProviderPayment>,
  ): ProviderPayment;
  settle(payment: ProviderPayment): Promise<SettleOutcome>;
  act<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
  statusOf(reservation: Pick<Reservation, 'id'>): Promise<string>;
  /** Purpose → cents of one payment, by the provider's id; zeros left out. */
  allocationsOf(providerPaymentId: string): Promise<Record<string, number>>;
  outcomeOf(providerPaymentId: string): Promise<string>;
  /** Purposes of the messages to a guest since the last call. */
  heard(guest: Guest): Promise<string[]>;
  /** Types of the owner's notices about a reservation or, without one, a payment, since the last call. */
  ownerHeard(about: { reservationId?: string; paymentId?: string }): Promise<string[]>;
  refundsOf(providerPaymentId: string): Promise<{ cents: number; reason: string; state: string }[]>;
};

/** The whole of it on records that the test opened. */
export function createMoneyWorld(records: Records): MoneyWorld {
  let days = 5;
  let phones = 0;
  let payments = 0;
  const heardUntil = new Map<string, string>();
  let clock = Date.now();
  const act = records.inTransaction;

  const world: MoneyWorld = {
    records,
    newGuest: () => buildGuest(records, `54929455${String(10_000 + (phones += 1))}`),
    async hold({ guest, ...overrides } = {}) {
      // Nights that no other case has; two lines of them, as far as anybody may book.
      days += 4;
      const unit = days > 500 ? 'Departamento Coihue' : 'Cabaña Lenga';
      const from = days > 500 ? days - 495 : days;
      const known = guest ?? (await world.newGuest());
      const request = await buildHold(records, {
        unit,
        checkIn: inDays(from),
        checkOut: inDays(from + 2),
        contactId: known.contactId,
        channel: 'whatsapp',
        actor: 'guest',
        ...overrides,
      });
      const outcome = await act((stores) => holdStay(request, stores, noCourtesyLock));
      if (outcome.type !== 'held') throw new Error('expected a hold');
      return { reservation: outcome.reservation, guest: known };
    },
    async expire(reservation) {
      await makeOverdue(records.database, reservation.id, 1);
      const { expired } = await act((stores) => expireIfDue(reservation.id, stores));
      if (!expired) throw new Error('expected it to expire');
    },
    async takeNights(reservation) {
      const unit = await act((stores) => stores.lodging.getAccommodation(reservation.accommodationId));
      const { checkIn, checkOut } = reservation;
      return world.hold({ unit: unit.name, checkIn, checkOut });
    },
    async makePast(reservation) {
      await records.database.query('UPDATE reservations SET check_in = $2, check_out = $3 WHERE id = $1', [
        reservation.id,
        inDays(-2),
        inDays(1),
      ]);
    },
    async confirmByHand(reservation) {
      await act(async (stores) => {
        await stores.occupancies.lockUnits([reservation.accommodationId]);
        const locked = await stores.reservations.lock(reservation.id);
        await confirmReservation(locked!, stores, { actor: 'owner', paidCents: 0 });
      });
    },
    async cancel(reservation, by = 'guest') {
      await act((stores) => cancelReservation(reservation.id, stores, { actor: by }));
    },
    provided(reservation, overrides = {}) {
      clock += 1_000;
      const at = new Date(clock).toISOString();
      return {
        id: String(900_000_000 + (payments += 1)),
        status: 'approved',
        statusDetail: 'accredited',
        amountCents: reservation?.depositCents ?? 1_000_000,
        refundedCents: 0,
        currency: 'ARS',
        ...(reservation ? { externalReference: reservation.id } : {}),
        collectorId: '710000001',
        liveMode: true,
        dateCreated: at,
        dateLastUpdated: at,
        dateApproved: at,
        refunds: [],
        ...overrides,
      };
    },
    settle: (payment) => act((stores) => settlePayment(payment, stores)),
    act,
    async statusOf({ id }) {
      const [row]: { status: string }[] = await records.database.query(
        'SELECT status FROM reservations WHERE id = $1',
        [id],
      );
      return row!.status;
    },
    async allocationsOf(id) {
      const rows: { purpose: string; cents: string }[] = await records.database.query(
        `SELECT a.purpose, sum(a.cents) AS cents FROM payment_allocations a JOIN payments p ON p.id = a.payment_id
         WHERE p.provider_payment_id = $1 GROUP BY a.purpose HAVING sum(a.cents) <> 0 ORDER BY a.purpose`,
        [id],
      );
      return Object.fromEntries(rows.map(({ purpose, cents }) => [purpose, Number(cents)]));
    },
    async outcomeOf(id) {
      const [row]: { outcome: string }[] = await records.database.query(
        'SELECT outcome FROM payments WHERE provider_payment_id = $1',
        [id],
      );
      return row!.outcome;
    },
    async heard({ conversationId }) {
      const rows: { id: string; purpose: string }[] = await records.database.query(
        'SELECT id, purpose FROM outbound_messages WHERE conversation_id = $1 AND id > $2 ORDER BY id',
        [conversationId, heardUntil.get(conversationId) ?? 0],
      );
      if (rows.length > 0) heardUntil.set(conversationId, rows.at(-1)!.id);
      return rows.map(({ purpose }) => purpose);
    },
    async ownerHeard({ reservationId, paymentId }) {
      const key = `owner ${reservationId ?? paymentId}`;
      const rows: { id: string; type: string }[] = await records.database.query(
        `SELECT n.id, n.type FROM owner_notices n LEFT JOIN payments p ON p.id = n.payment_id
         WHERE (n.reservation_id = $1 OR p.provider_payment_id = $2) AND n.id > $3 ORDER BY n.id`,
        [reservationId ?? null, paymentId ?? null, heardUntil.get(key) ?? 0],
      );
      if (rows.length > 0) heardUntil.set(key, rows.at(-1)!.id);
      return rows.map(({ type }) => type);
    },
    async refundsOf(id) {
      const rows: { cents: string; reason: string; state: string }[] = await records.database.query(
        `SELECT r.cents, r.reason, r.state FROM refunds r JOIN payments p ON p.id = r.payment_id
         WHERE p.provider_payment_id = $1 ORDER BY r.created_at, r.id`,
        [id],
      );
      return rows.map((row) => ({ ...row, cents: Number(row.cents) }));
    },
  };
  return world;
}

/** A reference that looks like ours and is nobody's. */
export function unknownReference(): string {
  return randomUUID();
}
