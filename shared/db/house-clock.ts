import type { Logger } from '#shared/observability/logger.ts';

/** Further from the database's a clock is wrong; less may be a process that stood still. */
const wrongMs = 30_000;
const everyMs = 10_000;

const OwnDate = Date;
let offsetMs = 0;

/**
 * The database's clock is the house's. A queue puts jobs off by the clock of whoever runs them: with one that is hours off, retries
 * would wait for hours, and what is put off would run at once. So while this process's clock is more than 30 s off, its `Date`
 * tells the database's time. Resolves after the first look, which may fail; looks again every 10 s. Returns what ends it.
 */
export async function followDatabaseClock(
  database: { query(sql: string): Promise<unknown> },
  log: Logger,
): Promise<() => void> {
  const look = async (): Promise<void> => {
    const askedAt = OwnDate.now();
    const [row] = (await database.query('SELECT clock_timestamp() AS now')) as [{ now: Date }];
    const answeredAt = OwnDate.now();
    // Whole ones, as everybody expects of `Date.now()`: PostgreSQL takes no half as the moment of a job.
    const aheadMs = Math.round(row.now.getTime() - (askedAt + answeredAt) / 2);
    const isWrong = Math.abs(aheadMs) > wrongMs + (answeredAt - askedAt);
    if (isWrong && offsetMs === 0)
      log.error({ seconds: Math.round(-aheadMs / 1_000) }, 'this machine’s clock is wrong: the database’s is taken');
    setOffset(isWrong ? aheadMs : 0);
  };
  const tryLook = (): Promise<void> => look().catch(() => {});
  await tryLook();
  const timer = setInterval(() => void tryLook(), everyMs).unref();
  return () => {
    clearInterval(timer);
    setOffset(0);
  };
}

function setOffset(ms: number): void {
  offsetMs = ms;
  globalThis.Date = ms === 0 ? OwnDate : HouseDate;
}

/** The same dates, of the same prototype; only what time it is comes from elsewhere. */
const HouseDate: DateConstructor = new Proxy(OwnDate, {
  construct: (own, args: unknown[], target) =>
    Reflect.construct(own, args.length === 0 ? [OwnDate.now() + offsetMs] : args, target) as object,
  apply: () => new OwnDate(OwnDate.now() + offsetMs).toString(),
  get: (own, name) => (name === 'now' ? () => OwnDate.now() + offsetMs : (Reflect.get(own, name) as unknown)),
});
