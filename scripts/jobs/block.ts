import { blockNights, unblockNights } from '#shared/domain/calendars/blocks.ts';
import { isCalendarDate, type CalendarDate } from '#shared/domain/stay.ts';
import { Misuse, required, type Command } from './command.ts';
import { findAccommodation } from './find-accommodation.ts';

/** Nights that the owner takes, gives back, or has taken. */
export const command: Command = {
  usage: '<accommodation> <from> <to> [--reason words] | --remove <block> | --list',
  summary: 'take nights by hand (works, family); <to> is the first free day again',
  options: { reason: { type: 'string' }, remove: { type: 'string' }, list: { type: 'boolean' } },
  needs: 'office',
  async run({ args, options }, office) {
    if (options['list'] === true) {
      const blocks = await office.inTransaction((stores) => stores.calendars.listBlocks(stores.today));
      const lines = blocks.map(
        ({ id, accommodationId, nights, reason }) =>
          `${id}  unit ${accommodationId}  ${nights.checkIn} to ${nights.checkOut}  ${reason}`,
      );
      return { data: { blocks }, text: lines.length > 0 ? lines.join('\n') : 'No blocks.' };
    }
    const removed = options['remove'];
    if (typeof removed === 'string') {
      if (!/^\d+$/.test(removed)) throw new Misuse('--remove takes the number of a block (see --list)');
      const block = await office.inTransaction((stores) => unblockNights(removed, stores));
      return { data: { removed: block }, text: `Free again: ${block.nights.checkIn} to ${block.nights.checkOut}` };
    }
    const named = required(args, 0, 'accommodation');
    const nights = { checkIn: toDate(required(args, 1, 'from')), checkOut: toDate(required(args, 2, 'to')) };
    const reason = typeof options['reason'] === 'string' ? options['reason'] : '';
    return office.inTransaction(async (stores) => {
      const unit = await findAccommodation(named, stores);
      const { block, codesOnThem } = await blockNights({ accommodationId: unit.id, nights, reason }, stores);
      const stays = codesOnThem.length > 0 ? ` (stays on them keep their nights: ${codesOnThem.join(', ')})` : '';
      return {
        data: { block, codesOnThem },
        text: `${unit.name} blocked ${nights.checkIn} to ${nights.checkOut}${stays}`,
      };
    });
  },
};

function toDate(text: string): CalendarDate {
  if (!isCalendarDate(text)) throw new Misuse(`"${text}" is not a date (YYYY-MM-DD)`);
  return text;
}
