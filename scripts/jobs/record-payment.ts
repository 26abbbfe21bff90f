import { recordPayment } from '#shared/domain/payments/record-payment.ts';
import { Misuse, required, type Command } from './command.ts';
import { findReservation, readAmount, writeAmount } from './money.ts';

/** Cash or a transfer that the owner received. */
export const command: Command = {
  usage: '<code> <amount> [--method cash|transfer] [--reference r] [--currency c]',
  summary: 'record cash (or a transfer) for a reservation; the same reference is recorded once',
  options: { method: { type: 'string' }, reference: { type: 'string' }, currency: { type: 'string' } },
  needs: 'office',
  async run({ args, options }, office) {
    const code = required(args, 0, 'code');
    const amountCents = readAmount(required(args, 1, 'amount'));
    const { method = 'cash', reference, currency } = options;
    if (method !== 'cash' && method !== 'transfer') throw new Misuse('--method is cash or transfer');
    if (typeof reference === 'string' && !/^[\w-]{1,64}$/.test(reference))
      throw new Misuse('--reference takes letters, digits, - and _ (at most 64)');
    if (typeof currency === 'string' && !/^[A-Z]{3}$/.test(currency))
      throw new Misuse('--currency takes three capitals, such as USD');
    const reservation = await findReservation(code, office);
    const { payment, outcome, isNew } = await office.inTransaction((stores) =>
      recordPayment(
        {
          reservationId: reservation.id,
          amountCents,
          method,
          actor: 'cli',
          ...(typeof reference === 'string' ? { reference } : {}),
          ...(typeof currency === 'string' ? { currency } : {}),
        },
        stores,
      ),
    );
    const data = { paymentId: payment.providerPaymentId, code: reservation.code, outcome, isNew };
    const amount = writeAmount(payment.amountCents, payment.currency);
    return { data, text: `${data.paymentId}: ${amount}, ${outcome}${isNew ? '' : ' (recorded before)'}` };
  },
};
