import type { Party } from './understanding.ts';
import type { Accommodation } from '../lodging/accommodation.ts';
import { quote } from '../pricing.ts';
import type { Stay } from '../stay.ts';
import { choiceIds } from './choice-ids.ts';
import type { Button } from './compose.ts';
import type { Booking, ConversationState, Summary } from './conversation.ts';
import { isSameParty, without } from './merge-slots.ts';
import { noteCredit } from './say-credit.ts';
import { moneyWords, nightsWords, partyWords, stayWords, timeWords, type Step, type Talk } from './talk.ts';

/** Do two summaries promise the same? The moment they were shown does not matter. */
export function isSameSummary(a: Summary, b: Summary): boolean {
  return (
    a.accommodationId === b.accommodationId &&
    a.stay.checkIn === b.stay.checkIn &&
    a.stay.checkOut === b.stay.checkOut &&
    isSameParty(a.party, b.party) &&
    a.totalCents === b.totalCents
  );
}

/** The last word before a hold: unit, dates, party, total, deposit, until when; *confirm* is for exactly this. */
export async function saySummary(
  talk: Talk,
  state: ConversationState,
  unit: Accommodation,
  { stay, party }: { stay: Stay; party: Party },
  isReminder = false,
): Promise<Step> {
  const { look, words } = talk;
  const price = quote(unit.prices, stay, party.total);
  const summary: Summary = {
    accommodationId: unit.id,
    stay,
    party,
    totalCents: price.totalCents,
    shownAt: look.now.toISOString(),
  };
  const total = moneyWords(talk, price.totalCents, price.currency);
  const text = isReminder
    ? words.summaryReminder({ unit: unit.name, stay: stayWords(talk, stay), total })
    : words.summary({
        unit: unit.name,
        stay: stayWords(talk, stay),
        nights: nightsWords(talk, stay),
        party: partyWords(talk, party),
        total,
        deposit: moneyWords(talk, price.depositCents, price.currency),
        holdMinutes: look.holdMinutes,
        until: timeWords(talk, new Date(look.now.getTime() + look.holdMinutes * 60_000)),
      });
  const buttons: Button[] = [
    { id: choiceIds.confirm(summary), title: words.confirm },
    { id: choiceIds.change(), title: words.changeSomething },
  ];
  const next: ConversationState = {
    ...without(state, 'proposed', 'window', 'cancelling'),
    checkIn: stay.checkIn,
    checkOut: stay.checkOut,
    party,
    accommodationId: unit.id,
    summary,
    expecting: 'confirmation',
  };
  return {
    state: next,
    before: isReminder ? [] : [...(await noteCredit(talk)), ...(await noteOtherHold(talk))],
    say: { text, buttons },
  };
}

/** A second hold does not end the first: the guest should know that both exist. */
async function noteOtherHold(talk: Talk): Promise<string[]> {
  const held = (await talk.look.bookings()).find(({ reservation }) => reservation.status === 'held');
  if (held === undefined || held.reservation.holdExpiresAt <= talk.look.now) return [];
  return [
    talk.words.stillHeldElsewhere({
      unit: held.accommodation.name,
      stay: stayWords(talk, held.reservation),
      until: timeWords(talk, held.reservation.holdExpiresAt),
    }),
  ];
}

/** The guest's own booking of that very unit and stay, if there is one: it is not held twice. */
export async function findOwnBooking(talk: Talk, unitId: number, stay: Stay): Promise<Booking | undefined> {
  return (await talk.look.bookings()).find(
    ({ reservation }) =>
      reservation.accommodationId === unitId &&
      reservation.checkIn === stay.checkIn &&
      reservation.checkOut === stay.checkOut,
  );
}

/** "Ya la tenés guardada": until when, and the link again. The conversation starts afresh after it. */
export function sayOwnBooking(talk: Talk, { reservation, accommodation, paymentUrl }: Booking): Step {
  const { words } = talk;
  const known = { unit: accommodation.name, stay: stayWords(talk, reservation) };
  const text =
    reservation.status === 'held'
      ? words.alreadyHeld({ ...known, until: timeWords(talk, reservation.holdExpiresAt), url: paymentUrl })
      : words.alreadyConfirmed({ ...known, code: reservation.code });
  return { state: {}, before: [], say: { text } };
}
