import type { Env } from '#shared/config/env.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { readQueueFigures } from '#shared/queues/figures.ts';
import { readRedisFacts, type RedisFacts } from '#shared/queues/redis-admin.ts';
import { fault, look, ok, warning, type Finding } from './finding.ts';

/** Redis keeps the only copy of a message between our 200 and the first commit: what it must be set to, and the queues in it. */
export async function checkQueues(env: Env, queues: QueueStore): Promise<Finding[]> {
  const redisUrl = env.redisUrl;
  return [
    ...(redisUrl === undefined
      ? [ok('redis', 'not used: the queues live in Postgres')]
      : await look('redis', 'start it, or correct REDIS_URL', async () =>
          (await readRedisFacts(redisUrl)).flatMap(judgeRedis),
        )),
    ...(await look('queues', 'npm run migrate makes their schema in Postgres', () => figures(queues))),
  ];
}

/** One node's settings. */
export function judgeRedis(facts: RedisFacts): Finding[] {
  const [major = 0, minor = 0] = facts.version.split('.').map(Number);
  const expect = (check: string, name: string, value: string | undefined, wanted: string, why: string): Finding => {
    if (value === wanted) return ok(check, `${name} ${value}`);
    const cure = `set ${name} ${wanted} in redis.conf`;
    return value === undefined
      ? warning(check, `${name} cannot be read`, `make sure that it is ${wanted}`)
      : fault(check, `${name} is ${value}: ${why}`, cure);
  };
  return [
    major > 6 || (major === 6 && minor >= 2)
      ? ok('redis', facts.version)
      : fault('redis', `${facts.version} is too old`, 'use Redis 6.2 or newer'),
    expect('redis policy', 'maxmemory-policy', facts.maxmemoryPolicy, 'noeviction', 'messages can be evicted'),
    expect('redis persistence', 'appendonly', facts.appendonly, 'yes', 'messages are lost with the process'),
    ...(facts.appendonly === 'yes'
      ? [
          expect(
            'redis persistence',
            'appendfsync',
            facts.appendfsync,
            'always',
            'the last second of messages can be lost',
          ),
        ]
      : []),
  ];
}

async function figures(queues: QueueStore): Promise<Finding[]> {
  await Promise.race([
    queues.opened,
    new Promise((_resolve, reject) => setTimeout(reject, 5_000, new Error('late')).unref()),
  ]);
  const all = await readQueueFigures(queues);
  const oldest = Math.max(0, ...all.map(({ oldestAgeSeconds }) => oldestAgeSeconds));
  const failed = all
    .filter(({ jobs }) => (jobs['failed'] ?? 0) > 0)
    .map(({ queue, jobs }) => `${jobs['failed']} in ${queue}`);
  return [
    oldest > 60
      ? warning('queues', `a job has been waiting for ${Math.round(oldest)} s`, 'start the workers, or more of them')
      : ok('queues', `${all.length} queues, nothing waits long`),
    failed.length > 0
      ? warning('failed jobs', failed.join(', '), 'npm run --silent jobs -- replay --failed, once the cause is gone')
      : ok('failed jobs', 'none'),
  ];
}
