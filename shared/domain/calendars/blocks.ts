import { DomainError } from '../errors.ts';
import type { AccommodationId } from '../lodging/accommodation.ts';
import type { Stores } from '../ports.ts';
import { addDays, daysBetween, isCalendarDate, maxDaysAhead, type Stay } from '../stay.ts';
import type { BlockId, ManualBlock } from './ports.ts';

/** Works may last, but a block of years is a typing error. */
const longestBlockNights = 730;

/**
 * Takes nights by hand (works, family). Stays of ours on them stay what they are: their codes come back, and the block waits
 * under them. Throws `accommodation_not_found`, `invalid_dates`, `date_in_past` and `too_far_ahead`.
 */
export async function blockNights(
  { accommodationId, nights, reason = '' }: { accommodationId: AccommodationId; nights: Stay; reason?: string },
  stores: Stores,
): Promise<{ block: ManualBlock; codesOnThem: string[] }> {
  await stores.lodging.getAccommodation(accommodationId);
  const { checkIn, checkOut } = nights;
  if (!isCalendarDate(checkIn) || !isCalendarDate(checkOut) || checkOut <= checkIn)
    throw new DomainError('invalid_dates');
  if (daysBetween(checkIn, checkOut) > longestBlockNights)
    throw new DomainError('stay_too_long', { maxNights: longestBlockNights });
  if (checkOut <= stores.today) throw new DomainError('date_in_past');
  if (checkIn > addDays(stores.today, maxDaysAhead)) throw new DomainError('too_far_ahead', { maxDays: maxDaysAhead });
  await stores.occupancies.lockUnits([accommodationId]);
  const codesOnThem = await stores.calendars.listCodesOn(accommodationId, nights);
  const id = await stores.calendars.insertBlock({ accommodationId, nights, reason });
  await stores.calendars.settleNights(accommodationId, nights);
  return { block: { id, accommodationId, nights, reason, createdAt: stores.now }, codesOnThem };
}

/** Gives the nights of a manual block back. Throws `block_not_found`. */
export async function unblockNights(id: BlockId, stores: Stores): Promise<ManualBlock> {
  const seen = await stores.calendars.findBlock(id);
  if (!seen) throw new DomainError('block_not_found');
  await stores.occupancies.lockUnits([seen.accommodationId]);
  // Somebody else may have removed it while the unit was waited for.
  const block = await stores.calendars.findBlock(id);
  if (!block) throw new DomainError('block_not_found');
  await stores.calendars.removeBlock(id);
  await stores.calendars.settleNights(block.accommodationId, block.nights);
  return block;
}
