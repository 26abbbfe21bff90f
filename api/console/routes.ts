import { blockRoutes } from './blocks.ts';
import { calendarRoutes } from './calendar.ts';
import { channelRoutes } from './channels.ts';
import { inboxRoutes } from './inbox.ts';
import type { Live } from './live.ts';
import { moveRoutes } from './move.ts';
import { newReservationRoutes } from './new-reservation.ts';
import { noticeRoutes } from './notices.ts';
import { paymentRoutes } from './payments.ts';
import { priceRoutes } from './prices.ts';
import { reservationActRoutes } from './reservation-acts.ts';
import { reservationRoutes } from './reservation.ts';
import { reservationListRoutes } from './reservations.ts';
import { get, type ConsoleRoute } from './route.ts';
import { todayRoutes } from './today.ts';

/** Every page and form of the console behind the session, in the order in which they are tried: fixed words before parameters. */
export function routes(live: Live): readonly ConsoleRoute[] {
  return [
    ...todayRoutes,
    ...calendarRoutes,
    ...reservationListRoutes,
    ...newReservationRoutes,
    ...reservationRoutes,
    ...reservationActRoutes,
    ...moveRoutes,
    ...paymentRoutes,
    ...inboxRoutes,
    ...noticeRoutes,
    ...priceRoutes,
    ...blockRoutes,
    ...channelRoutes,
    get('/eventos', (request) => live.open(request)),
  ];
}
