import type { Cents } from '../money.ts';
import type { Stores } from '../ports.ts';
import type { Actor, Reservation } from '../reservations/reservation.ts';
import { returnCredit } from './offers.ts';
import type { AllocationPurpose } from './payment.ts';
import { requestRefund } from './refunds.ts';

/**
 * The money of a reservation that is being cancelled (`reservation` as it was, locked): all of it goes back, or all but the
 * deposit. Offered money that had been put to a hold is offered again. Returns the cents on their way back.
 */
export async function refundCancelled(
  reservation: Reservation,
  { keepsDeposit, actor }: { keepsDeposit: boolean; actor: Actor },
  stores: Stores,
): Promise<Cents> {
  await returnCredit(reservation, stores);
  const from: AllocationPurpose[] = keepsDeposit ? ['parked', 'balance'] : ['parked', 'balance', 'deposit'];
  let cents = 0;
  for (const { payment } of await stores.payments.listOf(reservation.id)) {
    const locked = await stores.payments.lockPaymentById(payment.id);
    // Another currency or payee, test mode: parked for a reason that cancelling does not answer.
    const isForOwner = /^parked:(?!insufficient|overpaid)/.test(payment.outcome);
    if (!locked || isForOwner) continue;
    const wanted = { cents: Number.MAX_SAFE_INTEGER, from, reason: 'cancelled', actor } as const;
    const refund = await requestRefund({ payment: locked, reservation }, wanted, stores);
    cents += refund?.cents ?? 0;
  }
  return cents;
}
