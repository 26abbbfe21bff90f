import { listConflicts, resolveConflict } from '#shared/domain/calendars/conflicts.ts';
import { Misuse, type Command } from './command.ts';

/** Where a platform sold nights over a confirmed stay of ours. */
export const command: Command = {
  usage: '[--all] | resolve <conflict> [words]',
  summary: 'cases of nights sold twice, with where our stay could go; resolve closes one',
  options: { all: { type: 'boolean' } },
  needs: 'office',
  async run({ args, options }, office) {
    if (args[0] === 'resolve') {
      const id = args[1] ?? '';
      if (!/^\d+$/.test(id)) throw new Misuse('<conflict> is the number of a case');
      await office.inTransaction((stores) => resolveConflict(id, args.slice(2).join(' '), stores));
      return { data: { resolved: id }, text: `Case ${id} closed` };
    }
    if (args[0] !== undefined) throw new Misuse(`unknown verb "${args[0]}"`);
    const conflicts = await office.inTransaction((stores) =>
      listConflicts(stores, { state: options['all'] === true ? 'all' : 'open' }),
    );
    const lines = conflicts.flatMap((conflict) => [
      `${conflict.id}  ${conflict.state}  ${conflict.code} ${conflict.stay.checkIn} to ${conflict.stay.checkOut}, ${conflict.channel} sold ${conflict.foreignNights.checkIn} to ${conflict.foreignNights.checkOut}`,
      ...conflict.moves.map(
        (move) =>
          `      could go to ${move.unit}, ${move.stay.checkIn} to ${move.stay.checkOut} (${move.differenceCents >= 0 ? '+' : ''}${(move.differenceCents / 100).toFixed(2)})`,
      ),
    ]);
    return { data: { conflicts }, text: lines.length > 0 ? lines.join('\n') : 'No conflicts.' };
  },
};
