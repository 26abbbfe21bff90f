import type { AccommodationId } from '../lodging/accommodation.ts';
import type { Stores } from '../ports.ts';
import { expireHeld } from '../reservations/expire.ts';
import { findMoves } from './find-moves.ts';
import type { Conflict } from './ports.ts';

/**
 * What foreign stays do to ours in a unit whose lock is held (rules.md): a hold under one ends, for those nights are sold; a
 * confirmed stay under one becomes a case, told to the owner once with the moves that are possible. Gives the new cases.
 */
export async function settleForeignStays(accommodationId: AccommodationId, stores: Stores): Promise<Conflict[]> {
  for (const id of await stores.calendars.listHoldsUnderStays(accommodationId)) {
    const hold = await stores.reservations.lock(id);
    if (hold?.status === 'held' && hold.accommodationId === accommodationId)
      await expireHeld(hold, stores, 'sold_elsewhere');
  }
  const opened = await stores.calendars.openConflicts(accommodationId, stores.today);
  for (const conflict of opened) {
    const reservation = await stores.reservations.find(conflict.reservationId);
    if (!reservation) continue;
    const { name: unit } = await stores.lodging.getAccommodation(accommodationId);
    await stores.outbox.addOwnerNotice({
      type: 'calendar_conflict',
      reservationId: reservation.id,
      data: {
        conflictId: conflict.id,
        code: conflict.code,
        unit,
        channel: conflict.channel,
        stay: conflict.stay,
        foreignNights: conflict.foreignNights,
        currency: reservation.currency,
        moves: await findMoves(reservation, stores),
      },
    });
    await stores.reservations.addEvent(reservation.id, 'system', 'calendar_conflict', {
      channel: conflict.channel,
      foreignNights: conflict.foreignNights,
    });
  }
  return opened;
}
