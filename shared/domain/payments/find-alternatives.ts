import type { Look } from '../conversations/conversation.ts';
import { findNearDates, findOffers } from '../conversations/find-offers.ts';
import type { Alternatives } from '../conversations/money-notices.ts';
import type { Stores } from '../ports.ts';
import type { Reservation } from '../reservations/reservation.ts';

/** What a guest whose nights are gone could have instead: other units on them, and that unit on the days around. */
export async function findAlternatives(reservation: Reservation, stores: Stores): Promise<Alternatives> {
  const look = await createLook(stores);
  const { accommodationId, adults, children, checkIn, checkOut } = reservation;
  const [stay, party] = [
    { checkIn, checkOut },
    { adults, children, total: adults + children },
  ];
  const isMoney = ({ quote }: { quote: { currency: string } }): boolean => quote.currency === reservation.currency;
  const { units } = await findOffers(look, stay, party, accommodationId);
  const near = await findNearDates(look, stay, party, { wanted: 4, unitId: accommodationId });
  const dates = near.map((option) => ({ stay: option.stay, unit: option.units[0]! }));
  return { units: units.filter(isMoney), dates: dates.filter(({ unit }) => isMoney(unit)) };
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
      return new Set(accommodations.filter(({ id }) => !taken.has(id)).map(({ id }) => id));
    },
    bookings: () => Promise.resolve([]),
  };
}
