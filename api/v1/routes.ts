import { accommodationRoutes } from './accommodations.ts';
import { availabilityRoutes } from './availability.ts';
import { calendarRoutes } from './calendars.ts';
import { conversationRoutes } from './conversations.ts';
import { overviewRoutes } from './overview.ts';
import { paymentRoutes } from './payments.ts';
import { reservationActs } from './reservation-acts.ts';
import { reservationRoutes } from './reservations.ts';
import type { Route } from './route.ts';

/** Every route behind the bearer, in the order in which they are tried: fixed words before parameters. */
export const routes: readonly Route[] = [
  ...accommodationRoutes,
  ...availabilityRoutes,
  ...reservationRoutes,
  ...reservationActs,
  ...paymentRoutes,
  ...calendarRoutes,
  ...conversationRoutes,
  ...overviewRoutes,
];
