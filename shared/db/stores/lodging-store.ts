import type { EntityManager } from 'typeorm';
import type { Database } from '../data-source.ts';
import { DomainError } from '#shared/domain/errors.ts';
import type { Accommodation, Lodging } from '#shared/domain/lodging/accommodation.ts';
import type { ListedAccommodation } from '#shared/domain/lodging/edit-accommodation.ts';
import type { LodgingStore, Settings } from '#shared/domain/ports.ts';
import type { Season } from '#shared/domain/pricing.ts';
import { addDays } from '#shared/domain/stay.ts';
import {
  accommodations,
  lodgings,
  seasons,
  type AccommodationRow,
  type LodgingRow,
  type SeasonRow,
} from '../schemas/lodging.ts';
import { parseRange, toRange } from '../ranges.ts';

/** The lodging, its units and their prices, as one transaction sees them. */
export function createLodgingStore(
  manager: EntityManager,
  settings: Pick<Settings, 'timeZone' | 'currency'>,
): LodgingStore {
  async function getLodging(): Promise<Lodging> {
    const [lodging]: Omit<LodgingRow, 'id'>[] = await manager.query(selectLodging);
    if (!lodging) throw new DomainError('accommodation_not_found', { lodging: 'not set up' });
    return { ...lodging, timeZone: settings.timeZone, currency: settings.currency };
  }

  async function load(where: string, values: unknown[] = []): Promise<ListedAccommodation[]> {
    const rows: { unit: LoadedRow }[] = await manager.query(
      `SELECT to_json(u) AS unit FROM (${selectUnits} ${where} ORDER BY a.position, a.id) u`,
      values,
    );
    return rows.map(({ unit: row }) => ({
      ...toAccommodation(row, settings.currency),
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
    listAccommodations: () => load('WHERE a.is_active'),
    async getAccommodation(id) {
      const [accommodation] = await load('WHERE a.id = $1', [id]);
      if (!accommodation) throw new DomainError('accommodation_not_found');
      return accommodation;
    },

    listEveryAccommodation: () => load(''),
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

const selectLodging = `SELECT name, address, map_url AS "mapUrl", check_in_from AS "checkInFrom", check_out_until AS "checkOutUntil",
    last_arrival_hour AS "lastArrivalHour", free_cancellation_hours AS "freeCancellationHours", facts FROM lodgings`;

/** Every message asks for all of it: one statement, one column as JSON, the seasons with each unit. */
const selectUnits = `SELECT a.id, a.name, a.kind, a.description, a.capacity, a.included_guests AS "includedGuests",
    a.base_price_cents AS "basePriceCents", a.weekend_percent AS "weekendPercent", a.weekend_days AS "weekendDays",
    a.extra_guest_cents AS "extraGuestCents", a.long_stay_nights AS "longStayNights",
    a.long_stay_discount_percent AS "longStayDiscountPercent", a.deposit_percent AS "depositPercent", a.min_nights AS "minNights",
    coalesce(a.last_arrival_hour, (SELECT last_arrival_hour FROM lodgings), 20) AS "lastArrivalHour", a.facts,
    a.is_active AS "isActive", a.position,
    ARRAY(SELECT json_build_object('name', s.name, 'nights', s.nights, 'priceCents', s.price_cents, 'minNights', s.min_nights)
      FROM seasons s WHERE s.accommodation_id = a.id ORDER BY s.id) AS seasons
  FROM accommodations a`;

/** As JSON has it: a bigint is a number. */
type LoadedRow = Omit<AccommodationRow, 'basePriceCents' | 'extraGuestCents' | 'lastArrivalHour'> & {
  basePriceCents: number;
  extraGuestCents: number;
  lastArrivalHour: number;
  seasons: Pick<SeasonRow, 'name' | 'nights' | 'priceCents' | 'minNights'>[];
};

function toSeason({ name, nights, priceCents, minNights }: LoadedRow['seasons'][number]): Season {
  const { from, to } = parseRange(nights);
  return { name, firstNight: from, lastNight: addDays(to, -1), priceCents, minNights };
}

function toAccommodation(row: LoadedRow, currency: string): Accommodation {
  const { id, name, kind, description, capacity, minNights, lastArrivalHour, facts } = row;
  const { weekendPercent, weekendDays, includedGuests, longStayNights, longStayDiscountPercent, depositPercent } = row;
  return {
    id,
    name,
    kind,
    description,
    capacity,
    minNights,
    lastArrivalHour,
    facts,
    prices: {
      currency,
      basePriceCents: row.basePriceCents,
      weekendPercent,
      weekendDays,
      includedGuests,
      extraGuestCents: row.extraGuestCents,
      longStayNights,
      longStayDiscountPercent,
      depositPercent,
      seasons: row.seasons.map(toSeason),
    },
  };
}
