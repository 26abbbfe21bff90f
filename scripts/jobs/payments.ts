import { listPayments } from '#shared/db/stores/operations-payments.ts';
import { Misuse, type Command } from './command.ts';
import { findReservation, toTable, writeAmount } from './money.ts';

/** Payments with where their cents lie, newest first. */
export const command: Command = {
  usage: '[code] [--parked] [--limit n]',
  summary: 'payments and where each of their cents lies; --parked: only those that wait for a decision',
  options: { parked: { type: 'boolean' }, limit: { type: 'string' } },
  needs: 'office',
  async run({ args, options }, office) {
    const limit = Number(options['limit'] ?? 50);
    if (!Number.isInteger(limit) || limit < 1) throw new Misuse('--limit must be a whole number from 1');
    const reservationCode = args[0] ? (await findReservation(args[0], office)).code : undefined;
    const filter = { reservationCode, isParked: options['parked'] === true };
    const payments = (await listPayments(office.database, filter, { limit }))?.items ?? [];
    const rows = payments.map((payment) => [
      payment.providerPaymentId,
      payment.provider,
      payment.reservationCode ?? '-',
      payment.status,
      payment.outcome,
      writeAmount(payment.amountCents, payment.currency),
      Object.entries(payment.allocations)
        .map(([purpose, cents]) => `${purpose} ${writeAmount(cents, payment.currency)}`)
        .join(', '),
    ]);
    const headings = ['payment', 'by', 'reservation', 'status', 'outcome', 'amount', 'lies under'];
    return { data: { payments }, text: rows.length === 0 ? 'none' : toTable(headings, rows) };
  },
};
