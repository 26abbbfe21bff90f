import { DomainError } from '#shared/domain/errors.ts';
import type { Accommodation } from '#shared/domain/lodging/accommodation.ts';
import type { Stores } from '#shared/domain/ports.ts';

/** A unit by its number or by its name, whatever the case; throws `accommodation_not_found`. */
export async function findAccommodation(named: string, stores: Pick<Stores, 'lodging'>): Promise<Accommodation> {
  const units = await stores.lodging.listAccommodations();
  const wanted = named.trim().toLocaleLowerCase('es');
  const unit = units.find(({ id, name }) => String(id) === wanted || name.toLocaleLowerCase('es') === wanted);
  if (!unit) throw new DomainError('accommodation_not_found');
  return unit;
}
