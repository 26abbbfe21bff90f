import type { Stores } from '../ports.ts';
import type { Reservation } from '../reservations/reservation.ts';
import type { Payment } from './payment.ts';

/** Tells the owner about a payment, once per payment and type, however often the provider tells us. */
export async function tellOwnerOnce(
  type: string,
  about: { payment: Payment; reservation: Reservation | null; data?: Record<string, unknown> },
  stores: Stores,
): Promise<void> {
  const { payment, reservation, data } = about;
  if (await stores.payments.hasOwnerNotice(type, { paymentId: payment.id })) return;
  await stores.outbox.addOwnerNotice({
    type,
    paymentId: payment.id,
    reservationId: reservation?.id ?? null,
    data: {
      ...(reservation ? { code: reservation.code } : {}),
      paymentId: payment.providerPaymentId,
      currency: payment.currency,
      ...data,
    },
  });
}
