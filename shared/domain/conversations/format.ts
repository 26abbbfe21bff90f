import type { Language, Party } from './understanding.ts';
import type { Cents } from '../money.ts';
import { daysBetween, toLocalTime, weekday, type CalendarDate, type Stay } from '../stay.ts';

/** Written by hand and not by Intl, so that an update of ICU cannot change what guests read. */
const calendarWords: Record<
  Language,
  { days: readonly string[]; months: readonly string[]; short: readonly string[] }
> = {
  es: {
    days: ['dom', 'lun', 'mar', 'mié', 'jue', 'vie', 'sáb'],
    months: [
      'enero',
      'febrero',
      'marzo',
      'abril',
      'mayo',
      'junio',
      'julio',
      'agosto',
      'septiembre',
      'octubre',
      'noviembre',
      'diciembre',
    ],
    short: ['ene', 'feb', 'mar', 'abr', 'may', 'jun', 'jul', 'ago', 'sep', 'oct', 'nov', 'dic'],
  },
  pt: {
    days: ['dom', 'seg', 'ter', 'qua', 'qui', 'sex', 'sáb'],
    months: [
      'janeiro',
      'fevereiro',
      'março',
      'abril',
      'maio',
      'junho',
      'julho',
      'agosto',
      'setembro',
      'outubro',
      'novembro',
      'dezembro',
    ],
    short: ['jan', 'fev', 'mar', 'abr', 'mai', 'jun', 'jul', 'ago', 'set', 'out', 'nov', 'dez'],
  },
  en: {
    days: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
    months: [
      'January',
      'February',
      'March',
      'April',
      'May',
      'June',
      'July',
      'August',
      'September',
      'October',
      'November',
      'December',
    ],
    short: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
  },
};

/** The sign before an amount; in another language "$" would be read as dollars. Unknown currencies keep their ISO code. */
function currencySign(currency: string, language: Language): string {
  if (currency === 'ARS') return { es: '$', pt: 'AR$', en: 'ARS' }[language];
  return { USD: 'US$', BRL: 'R$', EUR: '€', UYU: '$U' }[currency] ?? currency;
}

/** An amount as a person writes it: "$ 48.000", "$ 14.400,50", "US$ 120"; English swaps point and comma. */
export function formatMoney(cents: Cents, currency: string, language: Language): string {
  const [point, comma] = language === 'en' ? [',', '.'] : ['.', ','];
  const whole = String(Math.trunc(Math.abs(cents) / 100)).replaceAll(/\B(?=(?:\d{3})+$)/g, point!);
  const rest = Math.abs(cents) % 100;
  const fraction = rest === 0 ? '' : `${comma}${String(rest).padStart(2, '0')}`;
  return `${cents < 0 ? '-' : ''}${currencySign(currency, language)} ${whole}${fraction}`;
}

function dayOf(date: CalendarDate): number {
  return Number(date.slice(8, 10));
}
function monthOf(date: CalendarDate): number {
  return Number(date.slice(5, 7)) - 1;
}

/** The year is said only when it is neither this nor the next one. */
function yearSuffix(date: CalendarDate, today: CalendarDate, language: Language): string {
  const year = Number(date.slice(0, 4));
  const thisYear = Number(today.slice(0, 4));
  if (year === thisYear || year === thisYear + 1) return '';
  return language === 'en' ? ` ${year}` : ` de ${year}`;
}

/** "vie 3 de enero", "sex 3 de janeiro", "Fri 3 January"; the year only when it is not the current or the next one. */
export function formatDate(date: CalendarDate, today: CalendarDate, language: Language): string {
  const words = calendarWords[language];
  const of = language === 'en' ? ' ' : ' de ';
  const day = `${words.days[weekday(date)]} ${dayOf(date)}`;
  return `${day}${of}${words.months[monthOf(date)]}${yearSuffix(date, today, language)}`;
}

/** "del vie 3 al lun 6 de enero"; the month is said once when both share it. */
export function formatStay(stay: Stay, today: CalendarDate, language: Language): string {
  const words = calendarWords[language];
  const sameMonth = stay.checkIn.slice(0, 7) === stay.checkOut.slice(0, 7);
  const from = sameMonth
    ? `${words.days[weekday(stay.checkIn)]} ${dayOf(stay.checkIn)}`
    : formatDate(stay.checkIn, today, language);
  const to = formatDate(stay.checkOut, today, language);
  return { es: `del ${from} al ${to}`, pt: `de ${from} a ${to}`, en: `${from} to ${to}` }[language];
}

/** For a row's title, at most 24 characters: "vie 9 – dom 11 ene". */
export function formatStayShort(stay: Stay, language: Language): string {
  const words = calendarWords[language];
  const short = (date: CalendarDate, withMonth: boolean): string =>
    `${words.days[weekday(date)]} ${dayOf(date)}${withMonth ? ` ${words.short[monthOf(date)]}` : ''}`;
  const sameMonth = stay.checkIn.slice(0, 7) === stay.checkOut.slice(0, 7);
  return `${short(stay.checkIn, !sameMonth)} – ${short(stay.checkOut, true)}`;
}

/** The time that a clock on the lodging's wall shows: "14:30". */
export function formatTime(instant: Date, timeZone: string): string {
  const { hour, minute } = toLocalTime(instant, timeZone);
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

export function formatNights(nights: number, language: Language): string {
  const [one, many] = { es: ['noche', 'noches'], pt: ['noite', 'noites'], en: ['night', 'nights'] }[language];
  return `${nights} ${nights === 1 ? one : many}`;
}

export function formatStayNights(stay: Stay, language: Language): string {
  return formatNights(daysBetween(stay.checkIn, stay.checkOut), language);
}

/** "2 adultos y 1 menor"; without children "4 personas". */
export function formatParty(party: Party, language: Language): string {
  if (party.children === 0) return formatPeople(party.adults, language);
  const words = {
    es: { adult: ['adulto', 'adultos'], child: ['menor', 'menores'], and: 'y' },
    pt: { adult: ['adulto', 'adultos'], child: ['criança', 'crianças'], and: 'e' },
    en: { adult: ['adult', 'adults'], child: ['child', 'children'], and: 'and' },
  }[language];
  const children = `${party.children} ${words.child[party.children === 1 ? 0 : 1]}`;
  if (party.adults === 0) return children;
  return `${party.adults} ${words.adult[party.adults === 1 ? 0 : 1]} ${words.and} ${children}`;
}

export function formatPeople(count: number, language: Language): string {
  const [one, many] = { es: ['persona', 'personas'], pt: ['pessoa', 'pessoas'], en: ['guest', 'guests'] }[language];
  return `${count} ${count === 1 ? one : many}`;
}
