import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  erasePeople,
  findPeople,
  findPeopleOfReservation,
  findTraces,
  type Erasure,
} from '#shared/db/stores/erase-store.ts';
import { toIdentities } from '#shared/domain/contacts.ts';
import { eraseJobs } from '#shared/queues/erase-jobs.ts';
import { rewriteAppendOnlyFiles } from '#shared/queues/redis-admin.ts';
import { Misuse, required, exitCodes, type Command } from './command.ts';
import type { Office } from './office.ts';

/** Ley 25.326: a person asks to be forgotten. */
export const command: Command = {
  usage: '<phone|bsuid|reservation code>',
  summary: 'remove a person from tables, queues and media; bookings and payments stay without a name',
  needs: 'office',
  async run({ args }, office) {
    const people = await findPerson(required(args, 0, 'phone|bsuid|reservation code'), office);
    if (people.length === 0)
      return { data: { found: false }, text: 'Nobody is known by that.', exitCode: exitCodes.failed };
    const report = await eraseContact(people, office);
    const isWhole =
      Object.keys(report.leftInTables).length === 0 && report.jobsLeft === 0 && report.isRedisRewritten !== false;
    return {
      data: { found: true, ...report },
      text: toText(report),
      exitCode: isWhole ? exitCodes.done : exitCodes.failed,
    };
  },
};

export type EraseReport = Pick<Erasure, 'contacts' | 'messages' | 'notices' | 'reservations'> & {
  mediaFiles: number;
  jobs: number;
  /** Jobs that were still running: say it again. */
  jobsLeft: number;
  /** Null without Redis. False: it has to be done by hand (BGREWRITEAOF). */
  isRedisRewritten: boolean | null;
  /** Where the number still stands, by table and column; empty when all is well. */
  leftInTables: Record<string, number>;
};

async function findPerson(named: string, { database }: Office): Promise<string[]> {
  if (/^RES\d{6}/i.test(named.trim())) return findPeopleOfReservation(database, named);
  const isBsuid = /^[A-Z]{2}\.[\w.-]+$/.test(named.trim());
  const identities = toIdentities(isBsuid ? { bsuid: named.trim() } : { phone: named.replaceAll(/\D/g, '') });
  if (identities.length === 0)
    throw new Misuse('that is neither a phone, a business-scoped user id nor a reservation code');
  return findPeople(database, identities);
}

/** Queues first and last: a job that runs meanwhile may write a message down, which the tables then lose too. */
async function eraseContact(people: readonly string[], office: Office): Promise<EraseReport> {
  const { database, queues, env, inTransaction } = office;
  const erasure = await erasePeople(database, people);
  const jobs = await eraseJobs(queues, erasure.traces);
  for (const path of erasure.mediaPaths) await rm(join(env.mediaDir, path), { force: true });
  await inTransaction((stores) => {
    for (const conversationId of erasure.conversationIds) stores.nudge({ type: 'answer', conversationId });
    return Promise.resolve();
  });
  const { contacts, messages, notices, reservations } = erasure;
  return {
    contacts,
    messages,
    notices,
    reservations,
    mediaFiles: erasure.mediaPaths.length,
    jobs: jobs.removed,
    jobsLeft: jobs.left,
    isRedisRewritten: env.redisUrl ? await rewriteAppendOnlyFiles(env.redisUrl) : null,
    leftInTables: await findTraces(database, erasure.traces),
  };
}

function toText(report: EraseReport): string {
  const left = Object.entries(report.leftInTables).map(([where, count]) => `${where} (${count})`);
  return [
    `Erased: ${report.messages} messages, ${report.mediaFiles} media files, ${report.notices} notices, ${report.jobs} jobs.`,
    `${report.reservations} reservations and their payments stay, without a name.`,
    ...(report.jobsLeft > 0 ? [`${report.jobsLeft} jobs were running: say it again.`] : []),
    ...(report.isRedisRewritten === false
      ? ['Redis did not rewrite its append-only file: run BGREWRITEAOF there.']
      : []),
    ...(left.length > 0 ? [`Still found in ${left.join(', ')}: say it again.`] : []),
    'Backups made before this still hold the data; each is deleted after the days in its name (…-keep14d).',
  ].join('\n');
}
