import { z } from 'zod';
import { parseMoney } from '#shared/domain/money.ts';
import type { AccommodationDraft, ListedAccommodation } from '#shared/domain/lodging/edit-accommodation.ts';
import type { Season } from '#shared/domain/pricing.ts';
import { isCalendarDate } from '#shared/domain/stay.ts';
import { plainMoney } from './parts.ts';

/** The fields of a unit as the form has them: text, so that what does not fit can be shown again. */
export type UnitFields = Record<(typeof unitFieldNames)[number], string> & { weekendDays: string[]; isActive: boolean };
export type SeasonFields = { name: string; firstNight: string; lastNight: string; price: string; minNights: string };

export const unitFieldNames = [
  'name',
  'kind',
  'description',
  'capacity',
  'includedGuests',
  'basePrice',
  'weekendPercent',
  'extraGuest',
  'longStayNights',
  'longStayDiscountPercent',
  'depositPercent',
  'minNights',
  'position',
] as const;

/** Field → what is wrong with it. */
export type FieldProblems = Record<string, string>;

const whole = (least: number, most: number) =>
  z
    .string()
    .trim()
    .regex(/^\d{1,7}$/, `Un número entero de ${least} a ${most}`)
    .transform(Number)
    .pipe(z.int().min(least, `Desde ${least}`).max(most, `Hasta ${most}`));

const price = (least: number) =>
  z
    .string()
    .trim()
    .transform((text, context) => {
      try {
        return parseMoney(text);
      } catch {
        context.addIssue('Un importe, así: 48.000 o 48.000,50');
        return z.NEVER;
      }
    })
    .pipe(z.int().min(least, 'Tiene que ser mayor que cero').max(100_000_000_000, 'Es demasiado'));

const unitSchema = z.object({
  name: z.string().trim().min(1, 'Hace falta un nombre').max(100, 'Hasta 100 letras'),
  kind: z.string().trim().min(1).max(50),
  description: z.string().trim().max(4_000, 'Hasta 4.000 letras'),
  capacity: whole(1, 100),
  includedGuests: whole(1, 100),
  basePrice: price(1),
  weekendPercent: whole(1, 1_000),
  extraGuest: price(0),
  longStayNights: z.union([z.literal('').transform(() => null), whole(2, 60)]),
  longStayDiscountPercent: whole(0, 100),
  depositPercent: whole(1, 100),
  minNights: whole(1, 60),
  position: whole(0, 10_000),
});

/** What the form says as a draft, or what is wrong with which field. */
export function parseUnit(
  fields: UnitFields,
): { draft: Omit<AccommodationDraft, 'facts' | 'lastArrivalHour'> } | { problems: FieldProblems } {
  const parsed = unitSchema.safeParse(fields);
  if (!parsed.success) return { problems: problemsOf(parsed.error) };
  const { basePrice, extraGuest, ...rest } = parsed.data;
  if (rest.includedGuests > rest.capacity) return { problems: { includedGuests: 'No puede superar la capacidad' } };
  return {
    draft: {
      ...rest,
      basePriceCents: basePrice,
      extraGuestCents: extraGuest,
      weekendDays: fields.weekendDays.map(Number).filter((day) => Number.isInteger(day) && day >= 0 && day <= 6),
      isActive: fields.isActive,
    },
  };
}

const dateText = z.string().refine(isCalendarDate, 'Una fecha');
const seasonSchema = z
  .object({
    name: z.string().trim().min(1, 'Hace falta un nombre').max(100, 'Hasta 100 letras'),
    firstNight: dateText,
    lastNight: dateText,
    price: price(1),
    minNights: z.union([z.literal('').transform(() => null), whole(1, 60)]),
  })
  .refine((season) => season.firstNight <= season.lastNight, {
    path: ['lastNight'],
    message: 'Termina antes de empezar',
  });

/** The seasons of the form; a row that is empty is none. Problems by `row.field`. */
export function parseSeasons(rows: readonly SeasonFields[]): { seasons: Season[] } | { problems: FieldProblems } {
  const problems: FieldProblems = {};
  const seasons: Season[] = [];
  for (const [index, row] of rows.entries()) {
    if (isEmpty(row)) continue;
    const parsed = seasonSchema.safeParse(row);
    if (parsed.success) {
      const { price: priceCents, ...season } = parsed.data;
      seasons.push({ ...season, priceCents });
    } else for (const [name, words] of Object.entries(problemsOf(parsed.error))) problems[`${index}.${name}`] = words;
  }
  return Object.keys(problems).length > 0 ? { problems } : { seasons };
}

function isEmpty({ name, firstNight, lastNight, price: amount }: SeasonFields): boolean {
  return [name, firstNight, lastNight, amount].every((text) => text.trim() === '');
}

function problemsOf(error: z.ZodError): FieldProblems {
  return Object.fromEntries(error.issues.toReversed().map(({ path, message }) => [String(path[0]), message]));
}

/** The fields of a form that came. */
export function readUnitFields(form: URLSearchParams): UnitFields {
  const texts = Object.fromEntries(unitFieldNames.map((name) => [name, (form.get(name) ?? '').trim()]));
  return {
    ...(texts as Record<(typeof unitFieldNames)[number], string>),
    weekendDays: form.getAll('weekendDays'),
    isActive: form.get('isActive') === '1',
  };
}

export function readSeasonFields(form: URLSearchParams): SeasonFields[] {
  const column = (name: string): string[] => form.getAll(name).slice(0, 200);
  const [firstNight, lastNight, amount, minNights] = ['firstNight', 'lastNight', 'price', 'seasonMinNights'].map(
    column,
  );
  return column('seasonName').map((name, index) => ({
    name,
    firstNight: firstNight?.[index] ?? '',
    lastNight: lastNight?.[index] ?? '',
    price: amount?.[index] ?? '',
    minNights: (minNights?.[index] ?? '').trim(),
  }));
}

/** A unit as the form shows it. */
export function toUnitFields(unit: ListedAccommodation): UnitFields {
  const { prices } = unit;
  return {
    name: unit.name,
    kind: unit.kind,
    description: unit.description,
    capacity: String(unit.capacity),
    includedGuests: String(prices.includedGuests),
    basePrice: plainMoney(prices.basePriceCents),
    weekendPercent: String(prices.weekendPercent),
    extraGuest: plainMoney(prices.extraGuestCents),
    longStayNights: prices.longStayNights === null ? '' : String(prices.longStayNights),
    longStayDiscountPercent: String(prices.longStayDiscountPercent),
    depositPercent: String(prices.depositPercent),
    minNights: String(unit.minNights),
    position: String(unit.position),
    weekendDays: prices.weekendDays.map(String),
    isActive: unit.isActive,
  };
}

/** What a new unit's form begins with. */
export const newUnitFields: UnitFields = {
  name: '',
  kind: 'cabin',
  description: '',
  capacity: '4',
  includedGuests: '2',
  basePrice: '',
  weekendPercent: '100',
  extraGuest: '0',
  longStayNights: '',
  longStayDiscountPercent: '0',
  depositPercent: '30',
  minNights: '1',
  position: '100',
  weekendDays: ['6', '0'],
  isActive: true,
};

export function toSeasonFields(seasons: readonly Season[]): SeasonFields[] {
  return seasons
    .toSorted((a, b) => (a.firstNight < b.firstNight ? -1 : 1))
    .map(({ name, firstNight, lastNight, priceCents, minNights }) => ({
      name,
      firstNight,
      lastNight,
      price: plainMoney(priceCents),
      minNights: minNights === null ? '' : String(minNights),
    }));
}
