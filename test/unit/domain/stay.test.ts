import { expect } from 'chai';
import {
  addDays,
  checkStay,
  daysBetween,
  isCalendarDate,
  nightsOf,
  overlaps,
  toCalendarDate,
  toLocalTime,
  weekday,
} from '#shared/domain/stay.ts';

describe('calendar dates', () => {
  it('know which days exist', () => {
    for (const day of ['2024-02-29', '2027-12-31']) expect(isCalendarDate(day), day).to.equal(true);
    for (const day of ['2025-02-29', '2027-13-01', '2027-1-1', '', '2027-01-01T00:00', '0000-00-00'])
      expect(isCalendarDate(day), day).to.equal(false);
  });

  it('count over months, years and leap days, whatever the zone of the process', () => {
    expect(addDays('2027-02-28', 1)).to.equal('2027-03-01');
    expect(addDays('2028-02-28', 1)).to.equal('2028-02-29');
    expect(addDays('2027-01-01', -1)).to.equal('2026-12-31');
    expect(daysBetween('2026-12-30', '2027-01-02')).to.equal(3);
    expect(nightsOf({ checkIn: '2026-12-31', checkOut: '2027-01-02' })).to.deep.equal(['2026-12-31', '2027-01-01']);
    expect(weekday('2026-11-24')).to.equal(2);
  });

  it('say which day and hour an instant is in the lodging', () => {
    const lateEvening = new Date('2025-01-01T00:00:00Z');
    expect(toCalendarDate(lateEvening, 'America/Argentina/Buenos_Aires')).to.equal('2024-12-31');
    expect(toLocalTime(lateEvening, 'America/Argentina/Buenos_Aires')).to.deep.equal({ hour: 21, minute: 0 });
    expect(toLocalTime(new Date('2025-01-01T03:00:00Z'), 'America/Argentina/Buenos_Aires')).to.deep.equal({
      hour: 0,
      minute: 0,
    });
  });

  it('share a night or not; back to back they do not', () => {
    const stay = { checkIn: '2027-01-10', checkOut: '2027-01-14' };
    expect(overlaps(stay, { checkIn: '2027-01-14', checkOut: '2027-01-15' })).to.equal(false);
    expect(overlaps(stay, { checkIn: '2027-01-13', checkOut: '2027-01-20' })).to.equal(true);
  });
});

describe('checkStay', () => {
  const limits = { today: '2026-11-24', hourNow: 10, minNights: 1, capacity: 4, lastArrivalHour: 20 };
  const codeOf = (checkIn: string, checkOut: string, guests = 2, change: Partial<typeof limits> = {}): string => {
    try {
      checkStay({ checkIn, checkOut }, guests, { ...limits, ...change });
      return 'ok';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it('takes guests today until the last arrival hour', () => {
    expect(codeOf('2026-11-24', '2026-11-25')).to.equal('ok');
    expect(codeOf('2026-11-24', '2026-11-25', 2, { hourNow: 20 })).to.equal('too_late_today');
    expect(codeOf('2026-11-25', '2026-11-26', 2, { hourNow: 23 })).to.equal('ok');
  });

  it('names what is wrong', () => {
    expect(codeOf('2026-11-23', '2026-11-25')).to.equal('date_in_past');
    expect(codeOf('2026-12-02', '2026-12-01')).to.equal('invalid_dates');
    expect(codeOf('2027-02-30', '2027-03-02')).to.equal('invalid_dates');
    expect(codeOf(addDays(limits.today, 540), addDays(limits.today, 541))).to.equal('ok');
    expect(codeOf(addDays(limits.today, 541), addDays(limits.today, 542))).to.equal('too_far_ahead');
    expect(codeOf('2026-12-01', addDays('2026-12-01', 60))).to.equal('ok');
    expect(codeOf('2026-12-01', addDays('2026-12-01', 61))).to.equal('stay_too_long');
    expect(codeOf('2026-12-01', '2026-12-02', 2, { minNights: 2 })).to.equal('stay_too_short');
    expect(codeOf('2026-12-01', '2026-12-02', 5)).to.equal('too_many_guests');
    expect(codeOf('2026-12-01', '2026-12-02', 0)).to.equal('invalid_guests');
  });
});
