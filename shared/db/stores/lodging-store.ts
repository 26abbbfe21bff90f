import type { EntityManager } from 'typeorm';
import type { Database } from '../data-source.ts';
import { DomainError } from '#shared/domain/errors.ts';
import type { Accommodation, Lodging } from '#shared/domain/lodging/accommodation.ts';
import type { ListedAccommodation } from '#shared/domain/lodging/edit-accommodation.ts';
import type { LodgingStore, Settings } from '#shared/domain/ports.ts';
import type { Season } from '#shared/domain/pricing.ts';
import { addDays } from '#shared/domain/stay.ts';
import { accommodations, lodgings, seasons, type AccommodationRow, type SeasonRow } from '../schemas/lodging.ts';
import { parseRange, toRange } from '../ranges.ts';

/** The lodging, its units and their prices, as one transaction sees them. */
export function createLodgingStore(
  manager: EntityManager,
  settings: Pick<Settings, 'timeZone' | 'currency'>,
): LodgingStore {
  async function getLodging(): Promise<Lodging> {
    const row = await manager.findOneBy(lodgings, { id: 1 });
    if (!row) throw new DomainError('accommodation_not_found', { lodging: 'not set up' });
    const { id: _, ...lodging } = row;
    return { ...lodging, timeZone: settings.timeZone, currency: settings.currency };
  }

  async function load(where: { id?: number; isActive?: boolean }): Promise<ListedAccommodation[]> {
    const rows = await manager.find(accommodations, { where, order: { position: 'ASC', id: 'ASC' } });
    if (rows.length === 0) return [];
    const lodging = await manager.findOneBy(lodgings, { id: 1 });
    const priced = await manager.find(seasons, {
      ...(where.id === undefined ? {} : { where: { accommodationId: where.id } }),
      order: { id: 'ASC' },
    });
    return rows.map((row) => ({
      ...toAccommodation(
        row,
        priced.filter((season) => season.accommodationId === row.id),
        lodging?.lastArrivalHour ?? 20,
        settings.currency,
      ),
      isActive: row.isActive,
      position: row.position,
    }));
  }

  /** Writers of units take turns, so that the look holds until the commit. */
  async function assertNameIsFree(name: string, except?: number): Promise<void> {
    await manager.query('LOCK TABLE accommodations IN SHARE ROW EXCLUSIVE MODE');
    const rows = await manager.find(accommodations, { select: { id: true }, where: { name } });
    if (rows.some(({ id }) => id !== except)) throw new DomainError('name_taken');
  }

  return {
    getLodging,
    listAccommodations: () => load({ isActive: true }),
    async getAccommodation(id) {
      const [accommodation] = await load({ id });
      if (!accommodation) throw new DomainError('accommodation_not_found');
      return accommodation;
    },

    listEveryAccommodation: () => load({}),
    async insertAccommodation(unit) {
      await assertNameIsFree(unit.name);
      const inserted = await manager.insert(accommodations, unit);
      return Number(inserted.identifiers[0]!['id']);
    },
    async updateAccommodation(id, change) {
      if (change.name !== undefined) await assertNameIsFree(change.name, id);
      if (Object.keys(change).length === 0) return;
      const { affected } = await manager.update(accommodations, { id }, change);
      if (affected === 0) throw new DomainError('accommodation_not_found');
    },
    async saveLodging(lodging) {
      await manager.upsert(lodgings, { id: 1, ...lodging }, ['id']);
    },
    async replaceSeasons(accommodationId, wanted) {
      await manager.delete(seasons, { accommodationId });
      for (const { name, firstNight, lastNight, priceCents, minNights } of wanted)
        await manager.insert(seasons, {
          accommodationId,
          name,
          nights: toRange({ checkIn: firstNight, checkOut: addDays(lastNight, 1) }),
          priceCents,
          minNights,
        });
    },
  };
}

/** How the lodging calls itself; "Posada" while it was never set up. */
export async function readLodgingName(database: Database): Promise<string> {
  return (await database.manager.findOneBy(lodgings, { id: 1 }))?.name ?? 'Posada';
}

function toSeason(row: SeasonRow): Season {
  const { from, to } = parseRange(row.nights);
  return {
    name: row.name,
    firstNight: from,
    lastNight: addDays(to, -1),
    priceCents: row.priceCents,
    minNights: row.minNights,
  };
}

function toAccommodation(
  row: AccommodationRow,
  priced: SeasonRow[],
  lodgingLastArrival: number,
  currency: string,
): Accommodation {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    description: row.description,
    capacity: row.capacity,
    minNights: row.minNights,
    lastArrivalHour: row.lastArrivalHour ?? lodgingLastArrival,
    facts: row.facts,
    prices: {
      currency,
      basePriceCents: row.basePriceCents,
      weekendPercent: row.weekendPercent,
      weekendDays: row.weekendDays,
      includedGuests: row.includedGuests,
      extraGuestCents: row.extraGuestCents,
      longStayNights: row.longStayNights,
      longStayDiscountPercent: row.longStayDiscountPercent,
      depositPercent: row.depositPercent,
      seasons: priced.map(toSeason),
    },
  };
}
