import { answerAct } from '#shared/domain/conversations/answer-act.ts';
import type {
  Act,
  ActOutcome,
  Booking,
  ConversationState,
  Decision,
  GuestMessage,
  Look,
} from '#shared/domain/conversations/conversation.ts';
import { decideReply, toUnderstandOptions } from '#shared/domain/conversations/decide-reply.ts';
import type { Accommodation, Lodging } from '#shared/domain/lodging/accommodation.ts';
import { quote, type PriceList } from '#shared/domain/pricing.ts';
import type { Reservation } from '#shared/domain/reservations/reservation.ts';
import { overlaps, toCalendarDate, toLocalTime, type Stay } from '#shared/domain/stay.ts';
import type { OutboundMessage } from '#shared/integrations/whatsapp/payload.ts';
import type { Language, Understanding } from '#shared/domain/conversations/understanding.ts';

const prices: PriceList = {
  currency: 'ARS',
  basePriceCents: 4_000_000,
  weekendPercent: 150,
  weekendDays: [6, 0],
  includedGuests: 4,
  extraGuestCents: 500_000,
  longStayNights: 7,
  longStayDiscountPercent: 10,
  depositPercent: 30,
  seasons: [],
};

export function buildUnit(overrides: Partial<Accommodation> & { id: number; name: string }): Accommodation {
  return {
    kind: 'cabin',
    description: '',
    capacity: 4,
    minNights: 1,
    lastArrivalHour: 20,
    facts: {},
    prices,
    ...overrides,
  };
}

/** Four units that differ in size, price and minimum nights. */
export const units: readonly Accommodation[] = [
  buildUnit({
    id: 1,
    name: 'Cabaña Lenga',
    facts: {
      amenities: ['parrilla', 'estufa a leña'],
      photos: [{ url: 'https://example.test/lenga.jpg', caption: 'el living' }],
    },
  }),
  buildUnit({
    id: 2,
    name: 'Cabaña Ñire',
    capacity: 6,
    minNights: 2,
    prices: { ...prices, basePriceCents: 6_000_000 },
    facts: { photos: [{ url: 'https://example.test/nire.jpg' }] },
  }),
  buildUnit({
    id: 3,
    name: 'Depto Coihue',
    kind: 'apartment',
    capacity: 2,
    prices: { ...prices, basePriceCents: 3_000_000 },
  }),
  buildUnit({
    id: 4,
    name: 'Casa Arrayán',
    kind: 'house',
    capacity: 8,
    prices: {
      ...prices,
      basePriceCents: 9_000_000,
      seasons: [
        { name: 'Verano', firstNight: '2026-12-20', lastNight: '2027-02-28', priceCents: 12_000_000, minNights: 3 },
      ],
    },
  }),
];

export const lodging: Lodging = {
  name: 'Cabañas del Bosque',
  address: 'Ruta 40 km 5, Villa La Angostura',
  mapUrl: 'https://maps.example.test/bosque',
  timeZone: 'America/Argentina/Buenos_Aires',
  currency: 'ARS',
  checkInFrom: '14:00',
  checkOutUntil: '10:00',
  lastArrivalHour: 20,
  freeCancellationHours: 48,
  facts: {
    amenities: ['wifi', 'cochera', 'ropa blanca'],
    wifi: 'sí, en todas las unidades',
    pets: 'aceptamos perros chicos',
    payment: 'El resto se paga al llegar, en efectivo o transferencia.',
  },
};

export type World = {
  now: Date;
  taken: { unitId: number; stay: Stay }[];
  bookings: Booking[];
  state: ConversationState;
  language: Language;
  accommodations: Accommodation[];
  lookUps: number;
};

/** Tuesday 24 November 2026, noon in Buenos Aires. */
export const noon = new Date('2026-11-24T15:00:00Z');

export function createWorld(overrides: Partial<World> = {}): World {
  return {
    now: noon,
    taken: [],
    bookings: [],
    state: {},
    language: 'es',
    accommodations: [...units],
    lookUps: 0,
    ...overrides,
  };
}

export function lookAt(world: World): Look {
  return {
    now: world.now,
    today: toCalendarDate(world.now, lodging.timeZone),
    hourNow: toLocalTime(world.now, lodging.timeZone).hour,
    lodging,
    holdMinutes: 30,
    accommodations: world.accommodations,
    async freeAccommodationIds(stay) {
      world.lookUps += 1;
      const busy = [
        ...world.taken,
        ...world.bookings.map(({ reservation }) => ({ unitId: reservation.accommodationId, stay: reservation })),
      ];
      return new Set(
        world.accommodations
          .filter(({ id }) => !busy.some((entry) => entry.unitId === id && overlaps(entry.stay, stay)))
          .map(({ id }) => id),
      );
    },
    bookings: async () => [...world.bookings],
  };
}

export function buildUnderstanding(overrides: Partial<Understanding> = {}): Understanding {
  const intents = overrides.intents ?? (overrides.intent ? [overrides.intent] : ['unknown' as const]);
  return {
    intent: intents[0]!,
    intents,
    checkIn: null,
    checkOut: null,
    nights: null,
    guests: null,
    window: null,
    dateProblem: null,
    units: null,
    hasPet: false,
    language: 'es',
    confidence: 1,
    ambiguous: [],
    ...overrides,
  };
}

let messages = 0;
export function buildMessage(overrides: Partial<GuestMessage> = {}, said: Partial<Understanding> = {}): GuestMessage {
  messages += 1;
  return {
    id: String(messages),
    type: 'text',
    text: 'texto',
    choiceId: null,
    isVoice: false,
    isLate: false,
    understanding: buildUnderstanding(said),
    ...overrides,
  };
}

export function buildReservation(
  world: World,
  overrides: Partial<Reservation> & { accommodationId: number },
): Reservation {
  const unit = world.accommodations.find(({ id }) => id === overrides.accommodationId)!;
  const stay = { checkIn: overrides.checkIn ?? '2027-01-10', checkOut: overrides.checkOut ?? '2027-01-14' };
  const adults = overrides.adults ?? 2;
  const price = quote(unit.prices, stay, adults + (overrides.children ?? 0));
  const holdExpiresAt = new Date(world.now.getTime() + 30 * 60_000);
  return {
    id: `reservation-${world.bookings.length + 1}`,
    code: `RES261124ABC${world.bookings.length + 2}DE`,
    contactId: '1',
    status: 'held',
    channel: 'whatsapp',
    ...stay,
    adults,
    children: 0,
    currency: 'ARS',
    totalCents: price.totalCents,
    depositCents: price.depositCents,
    quote: price,
    holdExpiresAt,
    releaseAt: new Date(holdExpiresAt.getTime() + 120_000),
    graceGivenAt: null,
    linkDelayGivenAt: null,
    confirmedAt: null,
    cancelledAt: null,
    ...overrides,
  };
}

export function addBooking(world: World, overrides: Partial<Reservation> & { accommodationId: number }): Booking {
  const reservation = buildReservation(world, overrides);
  const booking = {
    reservation,
    accommodation: world.accommodations.find(({ id }) => id === reservation.accommodationId)!,
    paymentUrl: reservation.status === 'held' ? `https://pay.example.test/${reservation.id}` : null,
  };
  world.bookings.push(booking);
  return booking;
}

export type Turn = { decision: Decision; outcome: ActOutcome | null; replies: OutboundMessage[] };

/** One transaction as the worker runs it: decide, act on the world (or as `forced`), answer, remember. */
export async function takeTurn(world: World, batch: readonly GuestMessage[], forced?: ActOutcome): Promise<Turn> {
  const look = lookAt(world);
  const decision = await decideReply(world.state, world.language, batch, look);
  const outcome = decision.act === null ? null : (forced ?? (await perform(world, decision.act, look)));
  const final = outcome === null ? decision : await answerAct(decision, outcome, look);
  // As the row holds it: what JSON drops must not matter.
  world.state = JSON.parse(JSON.stringify(final.state)) as ConversationState;
  world.language = final.language;
  return { decision, outcome, replies: final.replies };
}

async function perform(world: World, act: Act, look: Look): Promise<ActOutcome> {
  switch (act.type) {
    case 'hold': {
      if (!(await look.freeAccommodationIds(act.stay)).has(act.accommodationId))
        return { type: 'unavailable', soonFree: false };
      const { adults, children } = act.party;
      const booking = addBooking(world, { accommodationId: act.accommodationId, ...act.stay, adults, children });
      return { type: 'held', reservation: booking.reservation };
    }
    case 'cancel': {
      const index = world.bookings.findIndex(({ reservation }) => reservation.id === act.reservationId);
      const [booking] = world.bookings.splice(index, 1);
      const reservation: Reservation = { ...booking!.reservation, status: 'cancelled', cancelledAt: world.now };
      return { type: 'cancelled', reservation, keepsDeposit: false };
    }
    case 'give_back':
      return { type: 'giving_back', cents: 1_000_000, currency: 'ARS' };
    case 'hand_over':
      return { type: 'handed_over' };
  }
}

export { toUnderstandOptions };
