import type { EntityManager } from 'typeorm';
import type { CalendarStore, ManualBlock } from '#shared/domain/calendars/ports.ts';
import { toRange, toStay } from '../ranges.ts';
import { calendarExports } from '../schemas/calendar.ts';
import { blocks, type BlockRow } from '../schemas/reservation.ts';
import { readExportedEvents } from './calendar-exports.ts';

type BlockStore = Pick<
  CalendarStore,
  | 'insertBlock'
  | 'findBlock'
  | 'listBlocks'
  | 'removeBlock'
  | 'listCodesOn'
  | 'getExport'
  | 'updateExport'
  | 'listExportedEvents'
>;

/** What the owner takes by hand, and what each channel is told. */
export function createBlockStore(manager: EntityManager): BlockStore {
  return {
    async insertBlock({ accommodationId, nights, reason }) {
      const inserted = await manager.insert(blocks, { accommodationId, nights: toRange(nights), reason });
      return String(inserted.identifiers[0]!['id']);
    },

    async findBlock(id) {
      const [row] = await manager.query(`SELECT * FROM (${selectBlocks}) AS b WHERE id = $1`, [id]);
      return row ? toBlock(row as BlockQueryRow) : undefined;
    },

    async listBlocks(from, accommodationId) {
      const rows: BlockQueryRow[] = await manager.query(
        `${selectBlocks} AND upper(nights) > $1::date AND ($2::integer IS NULL OR accommodation_id = $2) ORDER BY lower(nights), id`,
        [from, accommodationId ?? null],
      );
      return rows.map(toBlock);
    },

    async removeBlock(id) {
      await manager.update(blocks, { id }, { removedAt: () => 'now()' });
    },

    async listCodesOn(accommodationId, nights) {
      const rows: { code: string }[] = await manager.query(
        `SELECT r.code FROM occupancies o JOIN reservations r ON r.id = o.reservation_id
         WHERE o.accommodation_id = $1 AND o.nights && $2::daterange ORDER BY o.nights`,
        [accommodationId, toRange(nights)],
      );
      return rows.map(({ code }) => code);
    },

    async getExport(accommodationId, channel) {
      const row = await manager.findOneBy(calendarExports, { accommodationId, channel });
      if (!row) return { accommodationId, channel, version: 1, includesHolds: false, servedAt: null, servedNights: [] };
      return { ...row, servedNights: row.servedNights.map(([checkIn, checkOut]) => ({ checkIn, checkOut })) };
    },

    async updateExport(accommodationId, channel, change) {
      await manager.query(
        `INSERT INTO calendar_exports (accommodation_id, channel, version, includes_holds, served_at, served_nights)
         VALUES ($1, $2, coalesce($3, 1), coalesce($4, false), $5, coalesce($6::jsonb, '[]'))
         ON CONFLICT (accommodation_id, channel) DO UPDATE SET version = coalesce($3, calendar_exports.version),
           includes_holds = coalesce($4, calendar_exports.includes_holds),
           served_at = coalesce($5, calendar_exports.served_at), served_nights = coalesce($6::jsonb, calendar_exports.served_nights)`,
        [
          accommodationId,
          channel,
          change.version ?? null,
          change.includesHolds ?? null,
          change.served?.at ?? null,
          change.served
            ? JSON.stringify(change.served.nights.map(({ checkIn, checkOut }) => [checkIn, checkOut]))
            : null,
        ],
      );
    },

    listExportedEvents: (of, from) => readExportedEvents(manager, of, from),
  };
}

type BlockQueryRow = Pick<BlockRow, 'id' | 'nights' | 'reason'> & { accommodation_id: number; created_at: Date };

const selectBlocks = `SELECT id, accommodation_id, nights::text AS nights, reason, created_at FROM blocks WHERE removed_at IS NULL`;

function toBlock({ id, accommodation_id, nights, reason, created_at }: BlockQueryRow): ManualBlock {
  return { id, accommodationId: accommodation_id, nights: toStay(nights), reason, createdAt: created_at };
}
