import { acceptPayment } from '#shared/domain/payments/accept-payment.ts';
import { required, type Command } from './command.ts';
import { findReservation } from './money.ts';

/** The owner takes parked money as it is, for its reservation or the one named. */
export const command: Command = {
  usage: '<payment id> [--reservation code]',
  summary: 'accept a parked payment as it is; confirms its hold, or an expired one whose nights are free',
  options: { reservation: { type: 'string' } },
  needs: 'office',
  async run({ args, options }, office) {
    const paymentId = required(args, 0, 'payment id');
    const code = options['reservation'];
    const reservationId = typeof code === 'string' ? (await findReservation(code, office)).id : undefined;
    const accepted = await office.inTransaction((stores) =>
      acceptPayment({ paymentId, actor: 'cli', ...(reservationId ? { reservationId } : {}) }, stores),
    );
    const data = {
      paymentId: accepted.payment.providerPaymentId,
      code: accepted.reservation.code,
      status: accepted.reservation.status,
      outcome: accepted.outcome,
    };
    return { data, text: `${data.paymentId}: ${data.outcome} for ${data.code} (${data.status})` };
  },
};
