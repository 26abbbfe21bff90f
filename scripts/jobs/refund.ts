import { giveBack, markGivenByHand } from '#shared/domain/payments/give-back.ts';
import { Misuse, type Command } from './command.ts';
import { findReservation, readAmount, writeAmount } from './money.ts';

/** Sends a reservation's money back, by the workers' own path; what a standing stay counts on only when it is said. */
export const command: Command = {
  usage: '[code] [--payment id] [--amount a] [--all] [--given]',
  summary:
    'give money back: what no standing stay counts on, or --amount, or --all; --payment for one payment; --given: cash and transfers were handed back',
  options: {
    payment: { type: 'string' },
    amount: { type: 'string' },
    all: { type: 'boolean' },
    given: { type: 'boolean' },
  },
  needs: 'office',
  async run({ args, options }, office) {
    const [code] = args;
    const paymentId = typeof options['payment'] === 'string' ? options['payment'] : undefined;
    if (!code && !paymentId) throw new Misuse('missing <code> or --payment <id>');
    if (options['given'] && !code) throw new Misuse('--given needs the <code>');
    const cents = typeof options['amount'] === 'string' ? readAmount(options['amount'], '--amount') : undefined;
    const reservationId = code ? (await findReservation(code, office)).id : undefined;
    const refunds = await office.inTransaction((stores) =>
      options['given']
        ? markGivenByHand({ reservationId: reservationId! }, stores)
        : giveBack(
            {
              ...(reservationId ? { reservationId } : {}),
              ...(paymentId ? { paymentId } : {}),
              ...(cents === undefined ? {} : { cents }),
              includingStay: options['all'] === true,
              actor: 'cli',
            },
            stores,
          ),
    );
    const data = refunds.map(({ id, cents: amount, state }) => ({ refundId: id, cents: amount, state }));
    const lines = data.map(
      ({ refundId, cents: amount, state }) => `${writeAmount(amount, office.env.currency)}  ${state}  ${refundId}`,
    );
    return { data: { refunds: data }, text: lines.length === 0 ? 'nothing to give back by hand' : lines.join('\n') };
  },
};
