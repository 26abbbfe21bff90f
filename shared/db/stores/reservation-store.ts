import { In, LessThan, MoreThan, QueryFailedError, type EntityManager } from 'typeorm';
import type { OccupancyStore, ReservationStore } from '#shared/domain/ports.ts';
import type { Reservation } from '#shared/domain/reservations/reservation.ts';
import { toRange } from '../ranges.ts';
import { occupancies, refusedHolds, reservationEvents, reservations, type ReservationRow } from '../schemas/reservation.ts';

/** Reservations and their nights; the occupancies table is the referee (rules.md). */
export function createReservationStore(manager: EntityManager): ReservationStore {
  const findOne = async (where: Partial<Pick<Reservation, 'id' | 'code'>>, lock: boolean): Promise<Reservation | undefined> => {
    const row = await manager.findOne(reservations, {
      where,
      ...(lock ? { lock: { mode: 'for_no_key_update' as const } } : {}),
    });
    return row ? toReservation(row) : undefined;
  };

  /** Inserts the occupancy, and the reservation before it when it is new; the referee's refusal costs only the savepoint. */
  async function take(reservation: Reservation, isNew: boolean): Promise<boolean> {
    await manager.query('SAVEPOINT take_nights');
    try {
      if (isNew) await manager.insert(reservations, reservation);
      await manager.insert(occupancies, {
        accommodationId: reservation.accommodationId,
        nights: toRange(reservation),
        kind: 'reservation',
        reservationId: reservation.id,
      });
      await manager.query('RELEASE SAVEPOINT take_nights');
      return true;
    } catch (error) {
      if (!isRefereesNo(error)) throw error;
      await manager.query('ROLLBACK TO SAVEPOINT take_nights');
      return false;
    }
  }

  return {
    find: (id) => findOne({ id }, false),
    findByCode: (code) => findOne({ code: code.trim().toUpperCase() }, false),
    lock: (id) => findOne({ id }, true),
    insertHeld: (reservation) => take(reservation, true),
    takeNights: (reservation) => take(reservation, false),

    async update(id, change) {
      await manager.update(reservations, { id }, { ...change, updatedAt: () => 'now()' });
    },

    async freeNights(reservation) {
      await manager.delete(occupancies, { reservationId: reservation.id });
      await materialiseBlocks(manager, reservation);
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
      const rows = await manager.find(reservations, {
        select: { id: true },
        where: { status: 'confirmed', checkOut: LessThan(today) },
        order: { checkOut: 'ASC' },
        take: limit,
      });
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
      await manager.insert(reservationEvents, { reservationId: id, actor, type, data, at: () => 'clock_timestamp()' });
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

/**
 * Gives the nights that a reservation leaves to the manual blocks waiting under them (rules.md: blocks are derived). The
 * pieces are what is left of each block when every live reservation is taken away; the unit's lock is held.
 */
async function materialiseBlocks(manager: EntityManager, reservation: Reservation): Promise<void> {
  const nights = toRange(reservation);
  await manager.query(
    `DELETE FROM occupancies o USING blocks b
     WHERE o.block_id = b.id AND b.accommodation_id = $1 AND b.removed_at IS NULL AND b.nights && $2::daterange`,
    [reservation.accommodationId, nights],
  );
  await manager.query(
    `INSERT INTO occupancies (accommodation_id, nights, kind, block_id)
     SELECT b.accommodation_id, piece, 'block', b.id
     FROM blocks b,
       unnest(datemultirange(b.nights) - coalesce(
         (SELECT range_agg(o.nights) FROM occupancies o
          WHERE o.accommodation_id = b.accommodation_id AND o.kind = 'reservation' AND o.nights && b.nights), '{}'::datemultirange)) AS piece
     WHERE b.accommodation_id = $1 AND b.removed_at IS NULL AND b.nights && $2::daterange`,
    [reservation.accommodationId, nights],
  );
}

/** 23P01 by one of the two rules of the referee. */
function isRefereesNo(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const driver = error.driverError as { code?: string; constraint?: string };
  return (
    driver.code === '23P01' && (driver.constraint === 'no_double_booking' || driver.constraint === 'no_booking_over_block')
  );
}

function toReservation(row: ReservationRow): Reservation {
  const { expiredAt: _1, cancelledBy: _2, completedAt: _3, createdAt: _4, updatedAt: _5, ...reservation } = row;
  return reservation;
}
