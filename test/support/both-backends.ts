import { redisUrl } from './services.ts';

/** Where the queues live: in the truth's own PostgreSQL, or in Redis. */
export type Backend = 'postgres' | 'redis';

/** Describes the unit twice, once per queue backend; `title` gets the backend's name appended. */
export function describeOnBothBackends(title: string, describeOn: (this: Mocha.Suite, backend: Backend) => void): void {
  for (const backend of ['postgres', 'redis'] as const) {
    describe(`${title} (queues in ${backend})`, function () {
      describeOn.call(this, backend);
    });
  }
}

/** What `REDIS_URL` would be on this backend: undefined on postgres. */
export async function redisUrlFor(backend: Backend): Promise<string | undefined> {
  return backend === 'redis' ? redisUrl() : undefined;
}
