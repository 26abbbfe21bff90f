import { DomainError } from '#shared/domain/errors.ts';
import type { Database } from '../data-source.ts';
import { reservationEvents, reservations } from '../schemas/reservation.ts';

export type Timeline = {
  code: string;
  status: string;
  events: { at: string; actor: string; account?: string; type: string; [detail: string]: unknown }[];
};

/** A reservation's events, oldest first, their data beside them; throws `reservation_not_found`. */
export async function readTimeline(database: Database, code: string): Promise<Timeline> {
  const reservation = await database.manager.findOneBy(reservations, { code: code.trim().toUpperCase() });
  if (!reservation) throw new DomainError('reservation_not_found');
  const events = await database.manager.find(reservationEvents, {
    where: { reservationId: reservation.id },
    order: { id: 'ASC' },
  });
  return {
    code: reservation.code,
    status: reservation.status,
    events: events.map((event) => ({
      ...event.data,
      at: event.at.toISOString(),
      actor: event.actor,
      ...(event.account === null ? {} : { account: event.account }),
      type: event.type,
    })),
  };
}
