import { addDays, isCalendarDate, weekday, type CalendarDate } from '#shared/domain/stay.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** A calendar date, or null when that day does not exist (31 February). */
export function toDate(year: number, month: number, day: number): CalendarDate | null {
  const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return month > 0 && month < 13 && day > 0 && day < 32 && isCalendarDate(text) ? text : null;
}

/** The nth weekday of a month; -1 is the last. Null when there is no fifth. */
export function nthWeekdayOf(year: number, month: number, day: number, nth: number): CalendarDate | null {
  if (nth < 0) {
    const last = lastDayOfMonth(year, month);
    return addDays(last, -((weekday(last) - day + 7) % 7));
  }
  const first = toDate(year, month, 1)!;
  const date = addDays(first, ((day - weekday(first) + 7) % 7) + 7 * (nth - 1));
  return date.slice(0, 7) === first.slice(0, 7) ? date : null;
}

export function lastDayOfMonth(year: number, month: number): CalendarDate {
  return addDays(month === 12 ? `${year + 1}-01-01` : toDate(year, month + 1, 1)!, -1);
}

/** Easter Sunday, by the anonymous Gregorian computus. */
export function easter(year: number): CalendarDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return toDate(year, Math.floor(n / 31), (n % 31) + 1)!;
}

/** Argentina's movable holidays (Ley 27.399): Tue, Wed → the Monday before; Thu, Fri → the Monday after. */
function moved(date: CalendarDate): CalendarDate {
  const day = weekday(date);
  if (day === 2 || day === 3) return addDays(date, 1 - day);
  if (day === 4 || day === 5) return addDays(date, 8 - day);
  return date;
}

/** Days off of a year in Argentina, ascending; bridge days (set by decree each year) are found by the calendar. */
export function argentineDaysOff(year: number): CalendarDate[] {
  const sunday = easter(year);
  const fixed = ['01-01', '03-24', '04-02', '05-01', '05-25', '06-20', '07-09', '12-08', '12-25'].map(
    (d) => `${year}-${d}`,
  );
  const movable = ['06-17', '10-12', '11-20'].map((d) => moved(`${year}-${d}`));
  movable.push(nthWeekdayOf(year, 8, 1, 3)!);
  const days = [
    ...fixed,
    ...movable,
    addDays(sunday, -48),
    addDays(sunday, -47),
    addDays(sunday, -3),
    addDays(sunday, -2),
  ];
  const bridges = fixed.flatMap((date) =>
    weekday(date) === 2 ? [addDays(date, -1)] : weekday(date) === 4 ? [addDays(date, 1)] : [],
  );
  return [...new Set([...days, ...bridges])].sort();
}

/** A run of at least three free days around a weekend: the evening before it and its last day. */
export type LongWeekend = { checkIn: CalendarDate; checkOut: CalendarDate };

/** The long weekends of Argentina that end after a day, for about a year; the stay begins on the evening before. */
export function longWeekends(after: CalendarDate): LongWeekend[] {
  if (lastLongWeekends?.after === after) return lastLongWeekends.found;
  const year = Number(after.slice(0, 4));
  const off = new Set([...argentineDaysOff(year - 1), ...argentineDaysOff(year), ...argentineDaysOff(year + 1)]);
  const isFree = (date: CalendarDate): boolean => off.has(date) || weekday(date) === 0 || weekday(date) === 6;
  const found: LongWeekend[] = [];
  const firstSaturday = addDays(after, ((6 - weekday(after) + 7) % 7) - 7);
  for (let saturday = firstSaturday, k = 0; k < 60; k++, saturday = addDays(firstSaturday, 7 * k)) {
    let first = saturday;
    let last = addDays(saturday, 1);
    while (isFree(addDays(first, -1)) && first > addDays(saturday, -3)) first = addDays(first, -1);
    while (isFree(addDays(last, 1)) && last < addDays(saturday, 4)) last = addDays(last, 1);
    if (Math.round((Date.parse(last) - Date.parse(first)) / 864e5) >= 2 && last > after)
      found.push({ checkIn: addDays(first, -1), checkOut: last });
  }
  lastLongWeekends = { after, found };
  return found;
}

/** The calendar of the day that was asked about last: within a day all guests ask for the same. */
let lastLongWeekends: { after: CalendarDate; found: LongWeekend[] } | null = null;

/** How a holiday's date follows from the year. */
export type HolidayRule =
  | readonly ['fixed', number, number]
  | readonly ['easter', number]
  | readonly ['nth', number, number, number]
  | readonly ['span', number, number]
  | readonly ['moved', number, number];

const fixed = (month: number, day: number): HolidayRule => ['fixed', month, day];
const fromEaster = (days: number): HolidayRule => ['easter', days];
const nth = (n: number, day: number, month: number): HolidayRule => ['nth', n, day, month];
/** A stay of several days counted from Easter Sunday. */
const span = (from: number, to: number): HolidayRule => ['span', from, to];

/** Names of holidays (folded), with Argentina's meaning first where countries differ. */
export const holidayNames: readonly (readonly [string, HolidayRule])[] = [
  ['navidad, natal, nadal, christmas, christmas day, xmas, dia de navidad, dia de natal, la navidad', fixed(12, 25)],
  [
    'nochebuena, noche buena, christmas eve, vispera de navidad, vispera de nochebuena, vespera de natal, noite de natal',
    fixed(12, 24),
  ],
  [
    "nochevieja, noche vieja, fin de ano, finde ano, fin de anio, fin del ano, vispera de ano nuevo, reveillon, vespera de ano novo, virada do ano, fim de ano, new years eve, new year ' s eve",
    fixed(12, 31),
  ],
  [
    "ano nuevo, ano novo, new year, new years, new years day, new year ' s day, new year ' s, dia de ano nuevo, anio nuevo",
    fixed(1, 1),
  ],
  ['reyes, dia de reyes, reyes magos, dia de los reyes, dia de reis, epifania, epiphany', fixed(1, 6)],
  [
    "san valentin, dia de san valentin, dia de los enamorados, dia dos namorados, valentines day, valentine ' s day, valentines, dia del amor",
    fixed(2, 14),
  ],
  ['semana santa, holy week, easter week', span(-3, 0)],
  ['carnaval, carnavales, carnival, mardi gras', span(-51, -47)],
  [
    'pascua, pascuas, domingo de pascua, domingo de resurreccion, pascoa, easter, easter sunday, domingo de pascoa',
    fromEaster(0),
  ],
  ['viernes santo, sexta feira santa, sexta - feira santa, sexta santa, good friday', fromEaster(-2)],
  ['jueves santo, quinta feira santa, quinta - feira santa, maundy thursday', fromEaster(-3)],
  ['domingo de ramos, palm sunday', fromEaster(-7)],
  ['lunes de pascua, easter monday', fromEaster(1)],
  ['miercoles de ceniza, quarta feira de cinzas, quarta - feira de cinzas, ash wednesday', fromEaster(-46)],
  ['corpus christi', fromEaster(60)],
  ['ides of march', fixed(3, 15)],
  ['dia de la memoria', fixed(3, 24)],
  ['dia de malvinas, malvinas, dia de las malvinas', fixed(4, 2)],
  ['tiradentes', fixed(4, 21)],
  [
    'dia del trabajador, dia del trabajo, dia de los trabajadores, dia do trabalhador, dia do trabalho, may day, labour day',
    fixed(5, 1),
  ],
  ['25 de mayo, dia de la patria', fixed(5, 25)],
  ['dia de la bandera', fixed(6, 20)],
  ['dia de la independencia', fixed(7, 9)],
  ['independence day, fourth of july', fixed(7, 4)],
  ['independencia do brasil', fixed(9, 7)],
  ['dia de la primavera, dia del estudiante', fixed(9, 21)],
  [
    'dia de la raza, dia de la hispanidad, dia del respeto a la diversidad, nossa senhora aparecida, dia das criancas',
    fixed(10, 12),
  ],
  ['dia del padre', nth(3, 0, 6)],
  ['dia dos pais', nth(2, 0, 8)],
  ["father ' s day, fathers day", nth(3, 0, 6)],
  ['dia de la madre', nth(3, 0, 10)],
  ["dia das maes, mother ' s day, mothers day", nth(2, 0, 5)],
  ['dia del nino, dia de las infancias', nth(3, 0, 8)],
  ['halloween, noche de brujas, noite das bruxas, dia das bruxas', fixed(10, 31)],
  ['todos los santos, dia de todos los santos, dia de todos os santos, todos os santos, all saints day', fixed(11, 1)],
  ['dia de los muertos, dia de los difuntos, finados, dia de finados', fixed(11, 2)],
  ['proclamacao da republica', fixed(11, 15)],
  ['consciencia negra', fixed(11, 20)],
  ['dia de la soberania', ['moved', 11, 20]],
  ['dia de la inmaculada, inmaculada concepcion, dia de la virgen', fixed(12, 8)],
  ['thanksgiving, thanksgiving day, accion de gracias, dia de accion de gracias', nth(4, 4, 11)],
  ['memorial day', nth(-1, 1, 5)],
  ['labor day', nth(1, 1, 9)],
  ['boxing day', fixed(12, 26)],
  ['dia del amigo', fixed(7, 20)],
  ['san juan, noche de san juan, sao joao', fixed(6, 24)],
  ["san patricio, st patricks day, saint patrick ' s day", fixed(3, 17)],
  ["dia de la mujer, dia da mulher, women ' s day, womens day", fixed(3, 8)],
];

/** The days of a holiday in a year: one, or first and last of a stay. */
export function holidayIn(rule: HolidayRule, year: number): { from: CalendarDate; to?: CalendarDate } | null {
  switch (rule[0]) {
    case 'fixed':
      return { from: toDate(year, rule[1], rule[2])! };
    case 'moved':
      return { from: moved(toDate(year, rule[1], rule[2])!) };
    case 'easter':
      return { from: addDays(easter(year), rule[1]) };
    case 'span':
      return { from: addDays(easter(year), rule[1]), to: addDays(easter(year), rule[2]) };
    case 'nth': {
      const date = nthWeekdayOf(year, rule[3], rule[2], rule[1]);
      return date ? { from: date } : null;
    }
  }
}

/** Monday of the week of a date. */
export function mondayOf(date: CalendarDate): CalendarDate {
  return addDays(date, -((weekday(date) + 6) % 7));
}

/** The same day some months later; the last day of a shorter month. */
export function addMonths(date: CalendarDate, months: number): CalendarDate {
  const index = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months;
  const year = Math.floor(index / 12);
  const month = (index % 12) + 1;
  return toDate(year, month, Number(date.slice(8))) ?? lastDayOfMonth(year, month);
}
