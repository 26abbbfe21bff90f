import { queueNames, type QueueName } from '#shared/queues/contracts.ts';
import { listDeadLetters, putBack, type DeadLetter } from '#shared/queues/dead-letters.ts';
import { Misuse, type Command, type CommandInput, type CommandResult } from './command.ts';
import type { Office } from './office.ts';

/** The dead letters: jobs that failed finally and are kept for 14 days. Each runs again with all its tries. */
export const command: Command = {
  usage: '<job id|--failed> [--queue q] [--list]',
  summary: 'run failed jobs again: one by its id, or all; --list only shows them',
  options: { failed: { type: 'boolean' }, list: { type: 'boolean' }, queue: { type: 'string' } },
  needs: 'office',
  run: replay,
};

async function replay({ args, options }: CommandInput, { queues }: Office): Promise<CommandResult> {
  const queue = toQueue(options['queue']);
  const [id] = args;
  const wantsAll = options['failed'] === true || options['list'] === true;
  if (wantsAll === (id !== undefined)) throw new Misuse('say a job id or --failed');
  if (!queues.queues()) throw new Error('the queue store cannot be reached');
  const letters = (await listDeadLetters(queues, queue)).filter(({ id: own }) => id === undefined || own === id);
  if (id !== undefined && letters.length === 0) throw new Error(`no failed job ${id}`);
  if (id !== undefined && letters.length > 1)
    throw new Misuse(
      `several queues have a failed job ${id}: say --queue ${letters.map((each) => each.queue).join(' or ')}`,
    );
  const rows: { queue: string; job: string; id: string; failedAt: string; reason: string; outcome: string }[] = [];
  for (const letter of letters) {
    const outcome = options['list'] === true ? 'listed' : await replayOne(letter, queues);
    const { job, reason, failedAt } = letter;
    rows.push({ queue: letter.queue, job, id: letter.id, failedAt: failedAt.toISOString(), reason, outcome });
  }
  const count = rows.filter(({ outcome }) => outcome === 'replayed').length;
  const lines = rows.map(
    (row) => `${row.outcome}  ${row.queue}  ${row.job}  ${row.id}  ${row.failedAt}  ${row.reason}`,
  );
  const summary = options['list'] === true ? `${rows.length} failed jobs` : `${count} of ${rows.length} run again`;
  return { data: { replayed: count, jobs: rows }, text: [...lines, summary].join('\n') };
}

/** A sweep comes by itself: replaying an old one would only be one more. */
async function replayOne(letter: DeadLetter, queues: Office['queues']): Promise<string> {
  if (letter.isSweep) return 'skipped';
  return (await putBack(queues, letter, { tries: 'all' })) ? 'replayed' : 'gone';
}

function toQueue(value: string | boolean | undefined): QueueName | undefined {
  if (value === undefined) return undefined;
  const queue = queueNames.find((name) => name === value);
  if (!queue) throw new Misuse(`unknown queue "${String(value)}": choose among ${queueNames.join(', ')}`);
  return queue;
}
