import { reconcilePayments } from '#shared/domain/payments/reconcile.ts';
import { Misuse, type Command } from './command.ts';
import { toTable } from './money.ts';

/** Compares what Mercado Pago knows with what we know, settles what differs and prints it. */
export const command: Command = {
  usage: '[--hours n] [--dry-run]',
  summary: 'compare the payments of the last n hours (72) with Mercado Pago and settle what differs',
  options: { hours: { type: 'string' }, 'dry-run': { type: 'boolean' } },
  needs: 'office',
  async run({ options }, office) {
    const hours = Number(options['hours'] ?? 72);
    if (!Number.isFinite(hours) || hours <= 0 || hours > 24 * 366)
      throw new Misuse('--hours must be a number up to 8784');
    const isDryRun = options['dry-run'] === true;
    const result = await reconcilePayments({ hours, isDryRun }, office, AbortSignal.timeout(10 * 60_000));
    const refunds = await office.inTransaction((stores) => stores.refunds.listWaiting(0, 1_000));
    const rows = result.differences.map(({ paymentId, code, what, ours, theirs, outcome }) => [
      paymentId,
      code ?? '-',
      what,
      ours ?? '-',
      theirs,
      outcome ?? '-',
    ]);
    const lines = [
      ...(rows.length === 0
        ? ['no differences']
        : [toTable(['payment', 'reservation', 'what', 'ours', 'theirs', 'now'], rows)]),
      `${result.looked} looked at, ${result.foreign} of other sales, ${result.failed.length} failed, ${refunds.length} refunds on their way`,
    ];
    const data = { ...result, refundsWaiting: refunds.length };
    return { data, text: lines.join('\n'), exitCode: result.failed.length > 0 ? 1 : 0 };
  },
};
