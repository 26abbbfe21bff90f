import { openDatabase, type Database } from '#shared/db/data-source.ts';
import { createInTransaction } from '#shared/db/transaction.ts';
import type { InTransaction, Nudge, Settings } from '#shared/domain/ports.ts';
import type { HoldRequest } from '#shared/domain/reservations/reservation.ts';
import { addDays, toCalendarDate, type CalendarDate } from '#shared/domain/stay.ts';
import { seedDemo } from '../../scripts/seed-demo.ts';
import { createTestDatabase } from './database.ts';
import { track } from './track.ts';

export const testSettings: Settings = {
  timeZone: 'America/Argentina/Buenos_Aires',
  currency: 'ARS',
  holdMinutes: 30,
  releaseDelayMinutes: 2,
  paymentGraceMinutes: 10,
  offerHours: 24,
  isProduction: false,
};

/** A database with the demo lodging and the transactions on it; nudges are collected instead of enqueued. */
export type Records = {
  url: string;
  database: Database;
  inTransaction: InTransaction;
  nudges: Nudge[];
  close(): Promise<void>;
};

export async function openRecords(settings: Partial<Settings> = {}, poolSize = 10): Promise<Records> {
  const copy = await createTestDatabase();
  const database = await openDatabase(copy.url, poolSize, { connectMs: 15_000 }); // hundreds at once wait for a client on a busy machine
  await seedDemo(database);
  const nudges: Nudge[] = [];
  const records: Records = {
    url: copy.url,
    database,
    nudges,
    inTransaction: createInTransaction(database, { ...testSettings, ...settings }, (collected) => {
      nudges.push(...collected);
      return Promise.resolve();
    }),
    async close() {
      await database.destroy();
      await copy.drop();
    },
  };
  return track(records, 'records');
}

/** A calendar date that many days from today in the lodging's zone. */
export function inDays(days: number): CalendarDate {
  return addDays(toCalendarDate(new Date(), testSettings.timeZone), days);
}

/** A hold of the demo's first unit for two people, two nights from now on in 30 days, unless told otherwise. */
export async function buildHold(
  records: Records,
  overrides: Partial<HoldRequest> & { unit?: string } = {},
): Promise<HoldRequest> {
  const { unit = 'Cabaña Lenga', ...rest } = overrides;
  const accommodation = await records.inTransaction(async (stores) => {
    const found = (await stores.lodging.listAccommodations()).find(({ name }) => name === unit);
    if (!found) throw new Error(`no unit ${unit}`);
    return found;
  });
  return {
    accommodation,
    contactId: null,
    channel: 'api',
    actor: 'operator',
    checkIn: inDays(30),
    checkOut: inDays(32),
    adults: 2,
    children: 0,
    ...rest,
  };
}

/** A contact with a conversation, as a first message makes them; returns both ids. */
export async function buildGuest(
  records: Pick<Records, 'database'>,
  phone = '5492945550001',
): Promise<{ contactId: string; conversationId: string }> {
  const [contact]: { id: string }[] = await records.database.query(
    `INSERT INTO contacts (profile_name) VALUES ('Ana') RETURNING id`,
  );
  await records.database.query(
    `INSERT INTO contact_identities (contact_id, kind, value, match_key) VALUES ($1, 'phone', $2, $3)`,
    [contact!.id, phone, `AR${phone.slice(-10)}`],
  );
  const [conversation]: { id: string }[] = await records.database.query(
    'INSERT INTO conversations (contact_id) VALUES ($1) RETURNING id',
    [contact!.id],
  );
  return { contactId: contact!.id, conversationId: conversation!.id };
}

/** Time passes for a hold: its times move into the past by that many seconds beyond `release_at`. */
export async function makeOverdue(database: Database, reservationId: string, seconds: number): Promise<void> {
  await database.query(
    `UPDATE reservations SET hold_expires_at = now() - make_interval(secs => $2 + 120), release_at = now() - make_interval(secs => $2)
     WHERE id = $1`,
    [reservationId, seconds],
  );
}

/** The invariant of rules.md as far as this house has it: a row in occupancies exactly for what takes nights. */
export async function findOccupancyFaults(database: Database): Promise<unknown[]> {
  return database.query(
    `SELECT 'live without nights' AS fault, r.code FROM reservations r
       WHERE r.status IN ('held', 'confirmed')
         AND NOT EXISTS (SELECT FROM occupancies o WHERE o.reservation_id = r.id AND o.accommodation_id = r.accommodation_id
                         AND o.nights = daterange(r.check_in, r.check_out))
     UNION ALL
     SELECT 'nights without a live reservation', r.code FROM occupancies o JOIN reservations r ON r.id = o.reservation_id
       WHERE r.status NOT IN ('held', 'confirmed')`,
  );
}
