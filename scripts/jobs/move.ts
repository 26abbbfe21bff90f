import { DomainError } from '#shared/domain/errors.ts';
import { moveStay } from '#shared/domain/reservations/move-stay.ts';
import { isCalendarDate } from '#shared/domain/stay.ts';
import { Misuse, required, type Command } from './command.ts';
import { findAccommodation } from './find-accommodation.ts';

/** A stay to other dates or another unit; says what it would cost more or less. */
export const command: Command = {
  usage: '<code> [--unit accommodation] [--in date] [--out date] [--keep-price]',
  summary: 'move a stay to other dates or another unit and say the price difference',
  options: {
    unit: { type: 'string' },
    in: { type: 'string' },
    out: { type: 'string' },
    'keep-price': { type: 'boolean' },
  },
  needs: 'office',
  async run({ args, options }, office) {
    const code = required(args, 0, 'code');
    const [unit, checkIn, checkOut] = [options['unit'], toDate(options['in']), toDate(options['out'])];
    if (unit === undefined && !checkIn && !checkOut) throw new Misuse('where to? give --unit, --in or --out');
    const moved = await office.inTransaction(async (stores) => {
      const reservation = await stores.reservations.findByCode(code);
      if (!reservation) throw new DomainError('reservation_not_found');
      return moveStay(
        {
          id: reservation.id,
          ...(typeof unit === 'string' ? { accommodationId: (await findAccommodation(unit, stores)).id } : {}),
          ...(checkIn ? { checkIn } : {}),
          ...(checkOut ? { checkOut } : {}),
          keepsPrice: options['keep-price'] === true,
          actor: 'cli',
        },
        stores,
      );
    });
    const { reservation, quotedCents, differenceCents } = moved;
    const pesos = (cents: number): string => `${reservation.currency} ${(cents / 100).toFixed(2)}`;
    const { accommodationId, totalCents } = reservation;
    const data = {
      code: reservation.code,
      accommodationId,
      checkIn: reservation.checkIn,
      checkOut: reservation.checkOut,
      totalCents,
      quotedCents,
      differenceCents,
    };
    const text = `${reservation.code}: unit ${accommodationId}, ${reservation.checkIn} to ${reservation.checkOut}; total ${pesos(totalCents)} (these nights cost ${pesos(quotedCents)}, ${differenceCents >= 0 ? '+' : ''}${pesos(differenceCents)})`;
    return { data, text };
  },
};

function toDate(value: string | boolean | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (!isCalendarDate(value)) throw new Misuse(`"${value}" is not a date (YYYY-MM-DD)`);
  return value;
}
