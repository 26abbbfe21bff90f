import { getExportLink } from '#shared/domain/calendars/serve-export.ts';
import type { Command } from './command.ts';
import { toChannel } from './feeds.ts';
import { findAccommodation } from './find-accommodation.ts';

/** The link of a unit's calendar for a channel; each channel gets its own, so that it never hears of its own stays. */
export const command: Command = {
  usage: '<accommodation> [--channel c] [--revoke] [--holds yes|no]',
  summary: 'the export link of a unit for a channel (default: other); --revoke makes a new one and ends the old',
  options: { channel: { type: 'string' }, revoke: { type: 'boolean' }, holds: { type: 'string' } },
  needs: 'office',
  async run({ args, options }, office) {
    const channel = toChannel(typeof options['channel'] === 'string' ? options['channel'] : 'other');
    const revoke = options['revoke'] === true;
    const holds = options['holds'];
    const includesHolds = holds === 'yes' ? true : holds === 'no' ? false : undefined;
    return office.inTransaction(async (stores) => {
      const { id, name } = await findAccommodation(args[0] ?? '', stores);
      const link = await getExportLink(
        { accommodationId: id, channel, revoke, includesHolds },
        stores,
        office.calendars,
      );
      const token = link.url.slice(link.url.lastIndexOf('/') + 1, -'.ics'.length);
      return { data: { accommodation: { id, name }, channel, token, ...link, revoked: revoke }, text: link.url };
    });
  },
};
