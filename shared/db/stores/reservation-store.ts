import { In, LessThan, MoreThan, type EntityManager } from 'typeorm';
import type { ByOperator, OccupancyStore, ReservationStore } from '#shared/domain/ports.ts';
import type { Actor, Reservation } from '#shared/domain/reservations/reservation.ts';
import { toRange } from '../ranges.ts';
import {
  occupancies,
  refusedHolds,
  reservationEvents,
  reservations,
  type ReservationRow,
} from '../schemas/reservation.ts';
import { deriveBlocks } from './derive-blocks.ts';

/**
 * Reservations and their nights; the occupancies table is the referee (rules.md). What an operator does is noted with the account
 * of `by`; what happens beside it (a hold of somebody else that is over) is not theirs.
 */
export function createReservationStore(manager: EntityManager, by?: ByOperator): ReservationStore {
  const accountOf = (actor: Actor): string | null => (actor === 'operator' ? (by?.account ?? null) : null);
  const findOne = async (
    where: Partial<Pick<Reservation, 'id' | 'code'>>,
    lock: boolean,
  ): Promise<Reservation | undefined> => {
    const row = await manager.findOne(reservations, {
      where,
      ...(lock ? { lock: { mode: 'for_no_key_update' as const } } : {}),
    });
    return row ? toReservation(row) : undefined;
  };

  return {
    find: (id) => findOne({ id }, false),
    findByCode: (code) => findOne({ code: code.trim().toUpperCase() }, false),
    lock: (id) => findOne({ id }, true),

    // One statement for all: foreign keys are looked at when it ends, and without the nights there is nothing to insert.
    async insertHeld(reservation, { paymentLinkId, actor, event }) {
      const rows: unknown[] = await manager.query(
        `WITH nights AS (
           INSERT INTO occupancies (accommodation_id, nights, kind, reservation_id)
           VALUES ($3, daterange($6, $7), 'reservation', $1) ON CONFLICT DO NOTHING RETURNING 1),
         held AS (
           INSERT INTO reservations (id, code, accommodation_id, contact_id, status, channel, check_in, check_out, adults, children,
                                     currency, total_cents, deposit_cents, quote, hold_expires_at, release_at)
           SELECT $1, $2, $3, $4, 'held', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15 WHERE EXISTS (SELECT FROM nights)
           RETURNING id),
         link AS (
           INSERT INTO payment_links (id, reservation_id, amount_cents, currency, expires_at)
           SELECT $16, id, $12, $10, $14 FROM held),
         event AS (
           INSERT INTO reservation_events (reservation_id, actor, account, type, data, at)
           SELECT id, $17, $19, 'held', $18, clock_timestamp() FROM held)
         SELECT FROM held`,
        [
          reservation.id,
          reservation.code,
          reservation.accommodationId,
          reservation.contactId,
          reservation.channel,
          reservation.checkIn,
          reservation.checkOut,
          reservation.adults,
          reservation.children,
          reservation.currency,
          reservation.totalCents,
          reservation.depositCents,
          JSON.stringify(reservation.quote),
          reservation.holdExpiresAt,
          reservation.releaseAt,
          paymentLinkId,
          actor,
          JSON.stringify(event),
          accountOf(actor),
        ],
      );
      return rows.length > 0;
    },

    async takeNights(reservation) {
      const rows: unknown[] = await manager.query(
        `INSERT INTO occupancies (accommodation_id, nights, kind, reservation_id)
         VALUES ($1, $2, 'reservation', $3) ON CONFLICT DO NOTHING RETURNING id`,
        [reservation.accommodationId, toRange(reservation), reservation.id],
      );
      return rows.length > 0;
    },

    async update(id, change) {
      await manager.update(reservations, { id }, { ...change, updatedAt: () => 'now()' });
    },

    async freeNights(reservation) {
      await manager.delete(occupancies, { reservationId: reservation.id });
      await deriveBlocks(manager, reservation.accommodationId, reservation);
    },

    async lockOverdueHolds(accommodationId, before) {
      const rows = await manager.find(reservations, {
        where: { accommodationId, status: 'held', releaseAt: LessThan(before) },
        order: { releaseAt: 'ASC' },
        lock: { mode: 'for_no_key_update' },
      });
      return rows.map(toReservation);
    },

    async listDueHolds(overdueSeconds, limit) {
      const rows: { id: string }[] = await manager.query(
        `SELECT id FROM reservations WHERE status = 'held' AND release_at <= now() - make_interval(secs => $1)
         ORDER BY release_at LIMIT $2`,
        [overdueSeconds, limit],
      );
      return rows.map((row) => row.id);
    },

    async listStaysToComplete(today, limit) {
      // The status is written out, so that its index serves a plan for any values.
      const rows: { id: string }[] = await manager.query(
        `SELECT id FROM reservations WHERE status = 'confirmed' AND check_out < $1 ORDER BY check_out LIMIT $2`,
        [today, limit],
      );
      return rows.map((row) => row.id);
    },

    async listLiveOf(contactId, today) {
      const rows = await manager.find(reservations, {
        where: { contactId, status: In(['held', 'confirmed']), checkOut: MoreThan(today) },
        order: { checkIn: 'ASC' },
      });
      return rows.map(toReservation);
    },

    async addEvent(id, actor, type, data = {}) {
      // Not now(): events of one transaction keep their order by id, but a long wait for a lock should show.
      await manager.insert(reservationEvents, {
        reservationId: id,
        actor,
        account: accountOf(actor),
        type,
        data,
        at: () => 'clock_timestamp()',
      });
    },
  };
}

/** Every unit's nights and who waits for them. */
export function createOccupancyStore(manager: EntityManager): OccupancyStore {
  return {
    async lockUnits(ids) {
      const ascending = [...new Set(ids)].toSorted((a, b) => a - b);
      for (const id of ascending) await manager.query(`SELECT pg_advisory_xact_lock($1, $2)`, [unitLockSpace, id]);
    },

    async listTaken(stay) {
      const rows: { accommodation_id: number }[] = await manager.query(
        `SELECT DISTINCT o.accommodation_id FROM occupancies o LEFT JOIN reservations r ON r.id = o.reservation_id
         WHERE o.nights && $1::daterange
           AND NOT coalesce(r.status = 'held' AND r.release_at < now() - interval '60 seconds', false)`,
        [toRange(stay)],
      );
      return new Set(rows.map((row) => row.accommodation_id));
    },

    async isSoonFree(accommodationId, stay) {
      const [row]: { soon: boolean | null }[] = await manager.query(
        `SELECT bool_and(coalesce(r.status = 'held' AND r.hold_expires_at <= now(), false)) AS soon
         FROM occupancies o LEFT JOIN reservations r ON r.id = o.reservation_id
         WHERE o.accommodation_id = $1 AND o.nights && $2::daterange`,
        [accommodationId, toRange(stay)],
      );
      return row?.soon ?? false;
    },

    async recordRefusal(accommodationId, refusedBy) {
      await manager.insert(refusedHolds, { accommodationId, refusedBy });
    },
  };
}

/** The first key of the units' advisory locks, so that no other lock of ours can meet them. */
export const unitLockSpace = 7_105;

function toReservation(row: ReservationRow): Reservation {
  const { expiredAt: _1, cancelledBy: _2, completedAt: _3, createdAt: _4, updatedAt: _5, ...reservation } = row;
  return reservation;
}
