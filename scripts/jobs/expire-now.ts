import { expireHold, type ExpireHoldOutcome } from '#shared/domain/reservations/expire-hold.ts';
import type { Command } from './command.ts';

/** Ends the holds whose time is over, by the workers' own path: Mercado Pago is asked first. */
export const command: Command = {
  usage: '',
  summary: 'end the holds whose time is over (asks Mercado Pago first)',
  needs: 'office',
  async run(_input, office) {
    const due = await office.inTransaction((stores) => stores.reservations.listDueHolds(0, 1_000));
    const counts: Record<ExpireHoldOutcome, number> = { expired: 0, extended: 0, not_held: 0, not_due: 0 };
    for (const id of due) counts[await expireHold(id, office, AbortSignal.timeout(60_000))] += 1;
    const data = {
      due: due.length,
      expired: counts.expired,
      extended: counts.extended,
      skipped: counts.not_held + counts.not_due,
    };
    return {
      data,
      text: `${data.due} due: ${data.expired} expired, ${data.extended} extended, ${data.skipped} no longer due`,
    };
  },
};
