import { DomainError } from '../errors.ts';
import type { AccommodationId } from '../lodging/accommodation.ts';
import type { Stores } from '../ports.ts';
import { findMoves, type Move } from './find-moves.ts';
import type { Conflict, ConflictId } from './ports.ts';

export type ConflictView = Conflict & { moves: Move[] };

/** Open cases (or all) with where our stay could go now. */
export async function listConflicts(
  stores: Stores,
  filter: { state?: 'open' | 'all'; accommodationId?: AccommodationId } = {},
): Promise<ConflictView[]> {
  const conflicts = await stores.calendars.listConflicts(filter.state ?? 'open', filter.accommodationId);
  const views: ConflictView[] = [];
  for (const conflict of conflicts) {
    const reservation = conflict.state === 'open' ? await stores.reservations.find(conflict.reservationId) : undefined;
    views.push({ ...conflict, moves: reservation ? await findMoves(reservation, stores) : [] });
  }
  return views;
}

/**
 * The operator has dealt with a case (called the platform, agreed with the guest); it is not opened again while the overlap
 * lasts. A case whose overlap ends resolves by itself. Throws `conflict_not_found`.
 */
export async function resolveConflict(id: ConflictId, resolution: string, stores: Stores): Promise<void> {
  const word = resolution.trim() === '' || resolution === 'overlap_ended' ? 'settled' : resolution.trim().slice(0, 200);
  if (!(await stores.calendars.resolveConflict(id, word))) throw new DomainError('conflict_not_found');
}
