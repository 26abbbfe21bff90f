import { DomainError } from '#shared/domain/errors.ts';
import type { Facts } from '#shared/domain/lodging/accommodation.ts';
import type { AccommodationDraft, ListedAccommodation } from '#shared/domain/lodging/edit-accommodation.ts';
import type { LodgingDraft, Stores } from '#shared/domain/ports.ts';
import type { Season } from '#shared/domain/pricing.ts';
import type { LodgingFile, LodgingPart, UnitPart } from './schema.ts';

export type ApplyOutcome = {
  lodging: 'written' | 'untouched';
  units: { name: string; outcome: 'added' | 'updated' }[];
  /** Units of the lodging that the file does not name. */
  untouched: string[];
};

/**
 * Makes the lodging what the file says, in one transaction. Units are known by their names, whatever the case; what a unit of the
 * file does not say becomes its default, except seasons, which stay when the key is missing. Units that are not in it stay as they
 * are: nothing is ever deleted, and bookings keep the price they were quoted.
 */
export async function applyLodgingFile(file: LodgingFile, stores: Stores): Promise<ApplyOutcome> {
  if (file.lodging) await stores.lodging.saveLodging(toLodging(file.lodging));
  const known = await stores.lodging.listEveryAccommodation();
  const units: ApplyOutcome['units'] = [];
  const touched = new Set<number>();
  for (const [position, unit] of file.units.entries()) {
    const same = findUnit(unit, known);
    const draft = toDraft(unit, position);
    const id = same ? same.id : await stores.lodging.insertAccommodation(draft);
    if (same) await stores.lodging.updateAccommodation(same.id, draft);
    if (unit.seasons) await stores.lodging.replaceSeasons(id, toSeasons(unit));
    touched.add(id);
    units.push({ name: unit.name, outcome: same ? 'updated' : 'added' });
  }
  return {
    lodging: file.lodging ? 'written' : 'untouched',
    units,
    untouched: known.filter(({ id }) => !touched.has(id)).map(({ name }) => name),
  };
}

function findUnit(unit: UnitPart, known: readonly ListedAccommodation[]): ListedAccommodation | undefined {
  const named = (name: string): ListedAccommodation | undefined =>
    known.find((each) => each.name.toLocaleLowerCase('es') === name.toLocaleLowerCase('es'));
  const same = named(unit.name);
  if (same || unit.renamedFrom === undefined) return same;
  const renamed = named(unit.renamedFrom);
  if (!renamed) throw new DomainError('accommodation_not_found', { renamedFrom: unit.renamedFrom });
  return renamed;
}

function toFacts({ amenities, wifi, parking, pets, notes, photos }: UnitPart | LodgingPart): Facts {
  return {
    ...(amenities ? { amenities } : {}),
    ...(wifi ? { wifi } : {}),
    ...(parking ? { parking } : {}),
    ...(pets ? { pets } : {}),
    ...(notes ? { notes } : {}),
    ...(photos
      ? { photos: photos.map(({ url, caption }) => (caption === undefined ? { url } : { url, caption })) }
      : {}),
  };
}

function toLodging(part: LodgingPart): LodgingDraft {
  const { name, checkInFrom, checkOutUntil, lastArrivalHour, freeCancellationHours, policies, contact, payment } = part;
  return {
    name,
    address: part.address ?? null,
    mapUrl: part.mapUrl ?? null,
    checkInFrom,
    checkOutUntil,
    lastArrivalHour,
    freeCancellationHours,
    facts: {
      ...toFacts(part),
      ...(policies ? { policies } : {}),
      ...(contact ? { contact } : {}),
      ...(payment ? { payment } : {}),
    },
  };
}

function toDraft(unit: UnitPart, position: number): AccommodationDraft {
  return {
    name: unit.name,
    kind: unit.kind,
    description: unit.description,
    capacity: unit.capacity,
    includedGuests: unit.includedGuests ?? unit.capacity,
    basePriceCents: unit.price,
    weekendPercent: unit.weekendPercent,
    weekendDays: unit.weekendNights,
    extraGuestCents: unit.extraGuest,
    longStayNights: unit.longStay?.nights ?? null,
    longStayDiscountPercent: unit.longStay?.discountPercent ?? 0,
    depositPercent: unit.depositPercent,
    minNights: unit.minNights,
    lastArrivalHour: unit.lastArrivalHour ?? null,
    facts: toFacts(unit),
    isActive: unit.active,
    position,
  };
}

/** The seasons of a unit of the file; none when it does not name any. */
export function toSeasons({ seasons = [] }: UnitPart): Season[] {
  return seasons.map(({ name, from, to, price, minNights }) => ({
    name,
    firstNight: from,
    lastNight: to,
    priceCents: price,
    minNights: minNights ?? null,
  }));
}
