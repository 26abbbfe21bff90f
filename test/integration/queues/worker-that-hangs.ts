import { closeNow, openTestQueues, startRecordingPool } from './pools.ts';

/** A worker process for the test to kill: says `running` and its job's payload, then never ends it. */
const [databaseUrl = '', prefix = '', redisUrl] = process.argv.slice(2);
const store = openTestQueues({ redisUrl: redisUrl || undefined, databaseUrl, prefix });
await store.opened;
const pool = startRecordingPool(
  store,
  'expirations',
  {
    'expire-hold': async () => {
      process.stdout.write('running\n');
      await new Promise(() => {});
    },
  },
  { lockMs: 1_000, stalledCheckMs: 500 },
);
await pool.ready;
setInterval(() => {}, 1_000);
process.once('disconnect', () => void closeNow(pool));
