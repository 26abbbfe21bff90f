import { readTimeline } from '#shared/db/stores/timeline.ts';
import { required, type Command } from './command.ts';

/** Everything that happened to a reservation, oldest first. */
export const command: Command = {
  usage: '<code>',
  summary: 'what happened to a reservation, in order',
  needs: 'office',
  async run({ args }, { database }) {
    const timeline = await readTimeline(database, required(args, 0, 'code'));
    const lines = timeline.events.map(
      ({ at, actor, type, ...data }) => `${at}  ${actor.padEnd(11)} ${type} ${JSON.stringify(data)}`,
    );
    return { data: timeline, text: [`${timeline.code}: ${timeline.status}`, ...lines].join('\n') };
  },
};
