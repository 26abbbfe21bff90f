import type { Look } from '../conversations/conversation.ts';
import { findNearDates, findOffers } from '../conversations/find-offers.ts';
import type { AccommodationId } from '../lodging/accommodation.ts';
import type { Cents } from '../money.ts';
import type { Stores } from '../ports.ts';
import type { Reservation } from '../reservations/reservation.ts';
import type { Stay } from '../stay.ts';

/** Somewhere else for a stay; `differenceCents` is what it would cost more (or less, negative). */
export type Move = {
  accommodationId: AccommodationId;
  unit: string;
  stay: Stay;
  totalCents: Cents;
  differenceCents: Cents;
};

const mostMoves = 5;

/** Where a stay could go: the same nights in another unit that fits, then the nearest free dates in its own. At most 5. */
export async function findMoves(reservation: Reservation, stores: Stores): Promise<Move[]> {
  const look = await createLook(stores);
  const { accommodationId, adults, children, checkIn, checkOut, totalCents } = reservation;
  const [stay, party] = [
    { checkIn, checkOut },
    { adults, children, total: adults + children },
  ];
  const { units } = await findOffers(look, stay, party, accommodationId);
  const near = await findNearDates(look, stay, party, { wanted: 3, unitId: accommodationId });
  const options = [
    ...units.map((unit) => ({ unit, stay })),
    ...near.flatMap((option) => option.units.slice(0, 1).map((unit) => ({ unit, stay: option.stay }))),
  ];
  return options.slice(0, mostMoves).map((option) => ({
    accommodationId: option.unit.accommodation.id,
    unit: option.unit.accommodation.name,
    stay: option.stay,
    totalCents: option.unit.quote.totalCents,
    differenceCents: option.unit.quote.totalCents - totalCents,
  }));
}

async function createLook(stores: Stores): Promise<Look> {
  const accommodations = await stores.lodging.listAccommodations();
  return {
    now: stores.now,
    today: stores.today,
    hourNow: stores.hourNow,
    lodging: await stores.lodging.getLodging(),
    holdMinutes: stores.settings.holdMinutes,
    accommodations,
    async freeAccommodationIds(stay) {
      const taken = await stores.occupancies.listTaken(stay);
      return new Set(accommodations.map(({ id }) => id).filter((id) => !taken.has(id)));
    },
    bookings: () => Promise.resolve([]),
  };
}
