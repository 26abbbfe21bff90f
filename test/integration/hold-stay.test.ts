import { expect } from 'chai';
import { DomainError } from '#shared/domain/errors.ts';
import { cancelReservation } from '#shared/domain/reservations/cancel.ts';
import { expireIfDue } from '#shared/domain/reservations/expire.ts';
import { holdStay, type HoldOutcome } from '#shared/domain/reservations/hold-stay.ts';
import type { HoldRequest } from '#shared/domain/reservations/reservation.ts';
import { noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import {
  buildGuest,
  buildHold,
  findOccupancyFaults,
  inDays,
  makeOverdue,
  openRecords,
  type Records,
} from '../support/records.ts';

describe('holdStay', () => {
  let records: Records;
  beforeEach(async () => {
    records = await openRecords({}, 20);
  });
  afterEach(async () => {
    expect(await findOccupancyFaults(records.database)).to.deep.equal([]);
    await records.close();
  });

  const hold = async (overrides: Parameters<typeof buildHold>[1] = {}): Promise<HoldOutcome> => {
    const request = await buildHold(records, overrides);
    return records.inTransaction((stores) => holdStay(request, stores, noCourtesyLock));
  };
  const mustHold = async (overrides: Parameters<typeof buildHold>[1] = {}) => {
    const outcome = await hold(overrides);
    if (outcome.type !== 'held') throw new Error('expected a hold');
    return outcome.reservation;
  };

  it('takes the nights, wants a link and remembers what was quoted', async () => {
    const reservation = await mustHold();
    expect(reservation.code).to.match(/^RES\d{6}[2-9A-Z]{6}$/);
    expect(reservation.releaseAt.getTime() - reservation.holdExpiresAt.getTime()).to.equal(2 * 60_000);
    const [link] = await records.database.query('SELECT * FROM payment_links');
    expect(link).to.include({
      state: 'wanted',
      reservation_id: reservation.id,
      amount_cents: String(reservation.depositCents),
    });
    expect(records.nudges.map(({ type }) => type)).to.include.members(['make_link', 'expire_hold', 'nights_taken']);
    const [event] = await records.database.query('SELECT * FROM reservation_events');
    expect(event).to.include({ type: 'held', actor: 'operator' });
  });

  it('refuses nights that overlap on either side, inside and outside, and lets back to back stand', async () => {
    await mustHold({ checkIn: inDays(40), checkOut: inDays(44) });
    for (const [from, to] of [
      [38, 41],
      [43, 46],
      [41, 43],
      [38, 46],
      [40, 44],
    ] as const)
      expect(await hold({ checkIn: inDays(from), checkOut: inDays(to) }), `${from}–${to}`).to.deep.equal({
        type: 'unavailable',
        soonFree: false,
      });
    await mustHold({ checkIn: inDays(44), checkOut: inDays(46) });
    await mustHold({ checkIn: inDays(38), checkOut: inDays(40) });
    await mustHold({ unit: 'Cabaña Arrayán', checkIn: inDays(40), checkOut: inDays(44) });
    const [{ count }] = await records.database.query(`SELECT count(*)::int FROM refused_holds`);
    expect(count).to.equal(5);
  });

  it('refuses nights under a manual block', async () => {
    await records.database.query(`INSERT INTO blocks (accommodation_id, nights) VALUES (1, daterange($1, $2))`, [
      inDays(50),
      inDays(55),
    ]);
    await records.database.query(
      `INSERT INTO occupancies (accommodation_id, nights, kind, block_id) SELECT accommodation_id, nights, 'block', id FROM blocks`,
    );
    expect((await hold({ checkIn: inDays(54), checkOut: inDays(56) })).type).to.equal('unavailable');
    await mustHold({ checkIn: inDays(55), checkOut: inDays(57) });
  });

  it('gives the nights under a cancelled stay back to the block that waits for them', async () => {
    const reservation = await mustHold({ checkIn: inDays(50), checkOut: inDays(52) });
    await records.database.query(`INSERT INTO blocks (accommodation_id, nights) VALUES (1, daterange($1, $2))`, [
      inDays(49),
      inDays(55),
    ]);
    await records.inTransaction((stores) => cancelReservation(reservation.id, stores, { actor: 'operator' }));
    const rows = await records.database.query(`SELECT nights::text FROM occupancies WHERE kind = 'block'`);
    expect(rows).to.deep.equal([{ nights: `[${inDays(49)},${inDays(55)})` }]);
  });

  it('says each rule that a stay breaks', async () => {
    const refusals: [string, Partial<HoldRequest> & { unit?: string }][] = [
      ['date_in_past', { checkIn: inDays(-1), checkOut: inDays(1) }],
      ['invalid_dates', { checkIn: inDays(5), checkOut: inDays(5) }],
      ['too_far_ahead', { checkIn: inDays(541), checkOut: inDays(543) }],
      ['stay_too_long', { checkIn: inDays(5), checkOut: inDays(66) }],
      ['stay_too_short', { unit: 'Cabaña Arrayán', checkIn: inDays(5), checkOut: inDays(6) }],
      ['too_many_guests', { adults: 5 }],
      ['invalid_guests', { adults: 0 }],
    ];
    for (const [code, overrides] of refusals) {
      const error = await hold(overrides).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error, code).to.be.instanceOf(DomainError).with.property('code', code);
    }
    expect(await records.database.query('SELECT 1 FROM reservations')).to.have.length(0);
  });

  it('frees an overdue hold unasked a minute after its release, tells its guest and closes its link', async () => {
    const guest = await buildGuest(records);
    const first = await mustHold({ contactId: guest.contactId, channel: 'whatsapp' });
    await makeOverdue(records.database, first.id, 30);
    expect(await hold()).to.deep.equal({ type: 'unavailable', soonFree: true });
    await makeOverdue(records.database, first.id, 61);
    const second = await mustHold();
    expect(second.id).to.not.equal(first.id);
    const [row] = await records.database.query('SELECT status FROM reservations WHERE id = $1', [first.id]);
    expect(row.status).to.equal('expired');
    const told = await records.database.query('SELECT purpose FROM outbound_messages WHERE conversation_id = $1', [
      guest.conversationId,
    ]);
    expect(told).to.deep.equal([{ purpose: 'hold_expired' }]);
    const [link] = await records.database.query('SELECT state FROM payment_links WHERE reservation_id = $1', [
      first.id,
    ]);
    expect(link.state).to.equal('closed');
  });

  it('expires a hold only when it is due, and once', async () => {
    const reservation = await mustHold();
    const early = await records.inTransaction((stores) => expireIfDue(reservation.id, stores));
    expect(early).to.deep.equal({ expired: false, dueAt: reservation.releaseAt });
    await makeOverdue(records.database, reservation.id, 1);
    const results = await Promise.all(
      Array.from({ length: 5 }, () => records.inTransaction((stores) => expireIfDue(reservation.id, stores))),
    );
    expect(results.filter(({ expired }) => expired)).to.have.length(1);
    expect(await records.database.query('SELECT 1 FROM occupancies')).to.have.length(0);
  });

  it('lets exactly one of 200 at once have a night, with no deadlock surfaced', async () => {
    const request = await buildHold(records);
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, () => records.inTransaction((stores) => holdStay(request, stores, noCourtesyLock))),
    );
    expect(outcomes.filter(({ type }) => type === 'held')).to.have.length(1);
    expect(outcomes.filter(({ type }) => type === 'unavailable')).to.have.length(199);
    const [{ count }] = await records.database.query(`SELECT count(*)::int FROM refused_holds`);
    expect(count).to.equal(199);
  });

  it('never double books under a storm of overlapping stays of every length', async () => {
    const requests = await Promise.all(
      Array.from({ length: 120 }, (_, i) =>
        buildHold(records, { checkIn: inDays(60 + (i % 17)), checkOut: inDays(61 + (i % 17) + (i % 5)) }),
      ),
    );
    await Promise.all(
      requests.map((request) => records.inTransaction((stores) => holdStay(request, stores, noCourtesyLock))),
    );
    const overlaps = await records.database.query(
      `SELECT 1 FROM reservations a JOIN reservations b ON a.id < b.id AND a.accommodation_id = b.accommodation_id
       AND a.status = 'held' AND b.status = 'held' AND daterange(a.check_in, a.check_out) && daterange(b.check_in, b.check_out)`,
    );
    expect(overlaps).to.have.length(0);
  });
});
