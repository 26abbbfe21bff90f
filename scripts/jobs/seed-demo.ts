import { seedDemo } from '../seed-demo.ts';
import type { Command } from './command.ts';

/** The demo lodging, once. */
export const command: Command = {
  usage: '',
  summary: 'make the demo lodging with four units (harmless to repeat)',
  needs: 'office',
  async run(_input, { database }) {
    const data = await seedDemo(database);
    return {
      data,
      text: data.unitsAdded > 0 ? `${data.unitsAdded} units added` : 'The demo lodging is there already.',
    };
  },
};
