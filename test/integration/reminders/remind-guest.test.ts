import { expect } from 'chai';
import { sweepDueReminders } from '../../../workers/expirations/sweep-due-reminders.ts';
import type { WorkerDeps } from '../../../workers/deps.ts';
import type { InTransaction } from '#shared/domain/ports.ts';
import { holdStay } from '#shared/domain/reservations/hold-stay.ts';
import { noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { buildGuest, buildHold, inDays, openRecords, type Records } from '../../support/records.ts';

describe('reminders', () => {
  let records: Records;
  let guest: { contactId: string; conversationId: string };
  before(async () => {
    records = await openRecords();
    guest = await buildGuest(records);
  });
  beforeEach(() =>
    records.database.query('TRUNCATE reservations, outbound_messages, occupancies, reminders, payments CASCADE'),
  );
  after(() => records.close());

  /** The sweep at that hour of the lodging's clock. */
  const sweepAt = async (hourNow: number): Promise<void> => {
    const inTransaction: InTransaction = (work) => records.inTransaction((stores) => work({ ...stores, hourNow }));
    const deps = { ...records, inTransaction, log: createSilentLogger() } as unknown as WorkerDeps;
    await sweepDueReminders({}, deps, new AbortController().signal);
  };
  const hold = async (): Promise<string> => {
    const outcome = await records.inTransaction(async (stores) =>
      holdStay(await buildHold(records, { contactId: guest.contactId }), stores, noCourtesyLock),
    );
    if (outcome.type !== 'held') throw new Error(outcome.type);
    return outcome.reservation.id;
  };
  const change = (id: string, sets: string): Promise<unknown> =>
    records.database.query(`UPDATE reservations SET ${sets} WHERE id = $1`, [id]);
  const said = async (): Promise<string[]> => {
    const rows = await records.database.query('SELECT purpose FROM outbound_messages ORDER BY id');
    return rows.map((row: { purpose: string }) => row.purpose);
  };

  it('says once, ten minutes before a hold ends, and not before', async () => {
    const id = await hold();
    await change(id, `created_at = now() - interval '15 minutes', hold_expires_at = now() + interval '15 minutes'`);
    await sweepAt(3);
    expect(await said()).to.deep.equal([]);
    await change(id, `hold_expires_at = now() + interval '9 minutes', created_at = now() - interval '21 minutes'`);
    await Promise.all([sweepAt(3), sweepAt(3)]);
    await sweepAt(3);
    expect(await said()).to.deep.equal(['hold_reminder']);
    const [{ payload }] = await records.database.query('SELECT payload FROM outbound_messages');
    expect(payload.body).to.match(/9 minutos/);
  });

  it('does not press a guest whose payment is on its way, nor one whose time has just ended', async () => {
    const [paying, late] = [await hold(), await hold().catch(() => '')];
    expect(late).to.equal('');
    await change(paying, `created_at = now() - interval '21 minutes', hold_expires_at = now() + interval '9 minutes'`);
    await records.database.query(
      `INSERT INTO payments (provider_payment_id, reservation_id, status, amount_cents, currency, is_live, provider_updated_at)
       VALUES ('77', $1, 'in_process', 100, 'ARS', true, now())`,
      [paying],
    );
    await sweepAt(12);
    expect(await said()).to.deep.equal([]);
    const other = await buildHold(records, { contactId: guest.contactId, unit: 'Departamento Coihue' });
    const outcome = await records.inTransaction((stores) => holdStay(other, stores, noCourtesyLock));
    if (outcome.type !== 'held') throw new Error(outcome.type);
    await change(
      outcome.reservation.id,
      `created_at = now() - interval '30 minutes', hold_expires_at = now() + interval '20 s'`,
    );
    await sweepAt(12);
    expect(await said()).to.deep.equal([]);
  });

  it('says the day before check-in, by day, with what is left to pay; a moved stay is reminded of anew', async () => {
    const id = await hold();
    const confirmed = `status = 'confirmed', confirmed_at = now() - interval '1 day'`;
    await change(id, `${confirmed}, check_in = '${inDays(1)}', check_out = '${inDays(3)}'`);
    await sweepAt(9);
    await sweepAt(21);
    expect(await said()).to.deep.equal([]);
    await sweepAt(10);
    await sweepAt(11);
    expect(await said()).to.deep.equal(['checkin_reminder']);
    await change(id, `check_in = '${inDays(2)}', check_out = '${inDays(4)}'`);
    await sweepAt(12);
    expect(await said()).to.have.length(1);
    await change(id, `check_in = '${inDays(1)}', check_out = '${inDays(2)}'`);
    await records.database.query(`UPDATE reminders SET about = '2000-01-01'`);
    await sweepAt(12);
    expect(await said()).to.have.length(2);
  });

  it('waits a while after a late booking, so that two messages do not say the same', async () => {
    const id = await hold();
    await change(
      id,
      `status = 'confirmed', confirmed_at = now() - interval '1 hour', check_in = '${inDays(1)}', check_out = '${inDays(3)}'`,
    );
    await sweepAt(12);
    expect(await said()).to.deep.equal([]);
  });

  it('says thanks the day after check-out, once, and to nobody who did not come', async () => {
    const id = await hold();
    await change(id, `status = 'no_show', check_in = '${inDays(-3)}', check_out = '${inDays(-1)}'`);
    await sweepAt(12);
    expect(await said()).to.deep.equal([]);
    await change(id, `status = 'confirmed'`);
    await sweepAt(12);
    await change(id, `status = 'completed'`);
    await sweepAt(13);
    expect(await said()).to.deep.equal(['thanks']);
  });
});
