import type { EntityManager } from 'typeorm';
import type { DueReminder, ReminderStore } from '#shared/domain/reservations/remind-guest.ts';

/** What guests were reminded of, and whom to remind now. */
export function createReminderStore(manager: EntityManager): ReminderStore {
  return {
    async listDue({ today, isDay, limit }) {
      const rows: { reservation_id: string; kind: DueReminder['kind']; about: string }[] = await manager.query(
        `SELECT due.id AS reservation_id, due.kind, due.about FROM (
           SELECT id, 'hold_ends' AS kind, to_char(hold_expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS about
             FROM reservations
             WHERE status = 'held' AND contact_id IS NOT NULL AND hold_expires_at BETWEEN now() + interval '1 minute' AND now() + interval '10 minutes'
               AND hold_expires_at - created_at >= interval '15 minutes'
           UNION ALL
           SELECT id, 'check_in', check_in::text FROM reservations
             WHERE $2 AND status = 'confirmed' AND contact_id IS NOT NULL AND check_in = $1::date + 1
               AND confirmed_at <= now() - interval '3 hours'
           UNION ALL
           SELECT id, 'thanks', check_out::text FROM reservations
             WHERE $2 AND status IN ('confirmed', 'completed') AND contact_id IS NOT NULL AND check_out IN ($1::date - 1, $1::date - 2)
         ) due
         WHERE NOT EXISTS (SELECT FROM reminders r WHERE r.reservation_id = due.id AND r.kind = due.kind AND r.about = due.about)
         ORDER BY due.kind DESC, due.about LIMIT $3`,
        [today, isDay, limit],
      );
      return rows.map((row) => ({ reservationId: row.reservation_id, kind: row.kind, about: row.about }));
    },

    async claim({ reservationId, kind, about }, outcome) {
      const rows: unknown[] = await manager.query(
        `INSERT INTO reminders (reservation_id, kind, about, outcome) VALUES ($1, $2, $3, $4)
         ON CONFLICT ON CONSTRAINT once_per_reminder DO NOTHING RETURNING id`,
        [reservationId, kind, about, outcome],
      );
      return rows.length > 0;
    },
  };
}
