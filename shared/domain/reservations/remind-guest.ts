import { checkinReminder, holdReminder, thanksAfterStay } from '../conversations/notices.ts';
import type { AllocatedPayment } from '../payments/payment.ts';
import type { Stores } from '../ports.ts';
import type { CalendarDate } from '../stay.ts';
import type { Reservation, ReservationId } from './reservation.ts';
import { tellGuest } from './tell-guest.ts';

/** A word that is due; `about` is the date or deadline it speaks of, so that a moved stay is reminded of anew. */
export type DueReminder = { reservationId: ReservationId; kind: 'hold_ends' | 'check_in' | 'thanks'; about: string };

export type ReminderStore = {
  /** Due and not yet said, holds first. `isDay`: an hour at which guests may be written to about a day. */
  listDue(at: { today: CalendarDate; isDay: boolean; limit: number }): Promise<DueReminder[]>;
  /** Notes that it is said; false when it was already. */
  claim(reminder: DueReminder, outcome: 'said' | 'not_needed'): Promise<boolean>;
};

/**
 * Says one reminder, once: ten minutes before a hold ends, the day before check-in, the day after check-out. Looks again under
 * the reservation's lock; what no longer holds is not said. A guest whose payment is on its way is not pressed.
 */
export async function remindGuest(due: DueReminder, stores: Stores): Promise<void> {
  const reservation = await stores.reservations.lock(due.reservationId);
  if (!reservation || !stillHolds(due, reservation)) return;
  const payments = await stores.payments.listOf(reservation.id);
  const isNeeded = due.kind !== 'hold_ends' || !payments.some(isOnItsWay);
  if (!(await stores.reminders.claim(due, isNeeded ? 'said' : 'not_needed')) || !isNeeded) return;
  switch (due.kind) {
    case 'hold_ends': {
      const link = await stores.payments.findLinkOf(reservation.id);
      const url = link?.state === 'open' ? link.url : null;
      return tellGuest(reservation, stores, 'hold_reminder', (context) => holdReminder(context, { url }));
    }
    case 'check_in': {
      const paidCents = payments.reduce((sum, payment) => sum + paidOf(payment), 0);
      return tellGuest(reservation, stores, 'checkin_reminder', (context) => checkinReminder(context, { paidCents }));
    }
    case 'thanks':
      return tellGuest(reservation, stores, 'thanks', thanksAfterStay);
  }
}

function stillHolds({ kind, about }: DueReminder, { status, checkIn, checkOut, holdExpiresAt }: Reservation): boolean {
  if (kind === 'hold_ends') return status === 'held' && Math.abs(holdExpiresAt.getTime() - Date.parse(about)) < 1_000;
  if (kind === 'check_in') return status === 'confirmed' && checkIn === about;
  return (status === 'confirmed' || status === 'completed') && checkOut === about;
}

function isOnItsWay({ payment }: AllocatedPayment): boolean {
  return ['pending', 'in_process', 'authorized', 'approved'].includes(payment.status);
}

function paidOf({ allocations }: AllocatedPayment): number {
  return (allocations.deposit ?? 0) + (allocations.balance ?? 0);
}
