import { z } from 'zod';
import { isCalendarDate } from '#shared/domain/stay.ts';

/** The file of `import-lodging`, described for owners in docs/lodging-file.md. Unknown keys are errors: a typo must not be silence. */

const line = (most: number) => z.string().trim().min(1).max(most);
const words = (most = 1_000) => z.string().trim().max(most);

/** Pesos as a person writes them in YAML: 68000 or 68000.50; becomes integer cents. */
const pesos = z
  .number({ error: 'write an amount as a number: 68000 or 68000.50' })
  .refine((amount) => Math.abs(amount * 100 - Math.round(amount * 100)) < 1e-6, 'at most two decimals')
  .refine((amount) => Math.abs(amount) <= 1e11, 'too much')
  .transform((amount) => Math.round(amount * 100));
const price = pesos.refine((cents) => cents > 0, 'must be more than 0');
const fee = pesos.refine((cents) => cents >= 0, 'must not be negative');

const day = z.string({ error: 'write a date as 2026-12-15' }).refine(isCalendarDate, 'is not a date (2026-12-15)');
const clock = z
  .string({ error: 'write an hour as "14:00"' })
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not an hour ("14:00")');
const hour = z.int().min(0).max(24);
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

const photo = z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2_000), caption: words().optional() });
const facts = {
  amenities: z.array(line(100)).max(50).optional(),
  wifi: words().optional(),
  parking: words().optional(),
  pets: words().optional(),
  notes: words(4_000).optional(),
  photos: z.array(photo).max(50).optional(),
};

const lodging = z.strictObject({
  name: line(100),
  address: words().optional(),
  mapUrl: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
  checkInFrom: clock.default('14:00'),
  checkOutUntil: clock.default('10:00'),
  lastArrivalHour: hour.default(20),
  freeCancellationHours: z.int().min(0).max(8_760).default(48),
  ...facts,
  policies: words(4_000).optional(),
  contact: words().optional(),
  payment: words().optional(),
});

const season = z
  .strictObject({
    name: line(100),
    from: day,
    /** The last night at this price. */
    to: day,
    price,
    minNights: z.int().min(1).max(60).optional(),
  })
  .refine(({ from, to }) => from <= to, { path: ['to'], error: 'comes before "from"' });

const unit = z
  .strictObject({
    name: line(100),
    renamedFrom: line(100).optional(),
    kind: line(50).default('cabin'),
    description: words(4_000).default(''),
    capacity: z.int().min(1).max(100),
    includedGuests: z.int().min(1).max(100).optional(),
    price,
    weekendPercent: z.int().min(1).max(1_000).default(100),
    weekendNights: z
      .array(z.enum(weekdays))
      .max(7)
      .default(['saturday', 'sunday'])
      .transform((names) => names.map((name) => weekdays.indexOf(name))),
    extraGuest: fee.default(0),
    longStay: z.strictObject({ nights: z.int().min(2).max(60), discountPercent: z.int().min(1).max(100) }).optional(),
    depositPercent: z.int().min(1).max(100).default(30),
    minNights: z.int().min(1).max(60).default(1),
    lastArrivalHour: hour.optional(),
    active: z.boolean().default(true),
    ...facts,
    seasons: z.array(season).max(200).optional(),
  })
  .refine((each) => each.includedGuests === undefined || each.includedGuests <= each.capacity, {
    path: ['includedGuests'],
    error: 'is more than the capacity',
  });

export const lodgingFile = z
  .strictObject({ lodging: lodging.optional(), units: z.array(unit).max(500).default([]) })
  .refine((file) => file.lodging !== undefined || file.units.length > 0, 'has neither lodging nor units');

export type LodgingFile = z.output<typeof lodgingFile>;
export type LodgingPart = NonNullable<LodgingFile['lodging']>;
export type UnitPart = LodgingFile['units'][number];
