import type { Party } from './understanding.ts';
import type { AccommodationId } from '../lodging/accommodation.ts';
import { daysBetween, type Stay } from '../stay.ts';
import { choiceIds } from './choice-ids.ts';
import type { Row, Say } from './compose.ts';
import type { ConversationState, FreeUnit, Look } from './conversation.ts';
import {
  findInWindow,
  findLongerStay,
  findNearDates,
  findOffers,
  findSplit,
  findStayInTwo,
  type DateOption,
  type Offers,
} from './find-offers.ts';
import { formatPeople, formatStayShort } from './format.ts';
import { limits } from './limits.ts';
import { without } from './merge-slots.ts';
import { moneyWords, nightsWords, partyWords, stayWords, type Step, type Talk } from './talk.ts';

type Search = { stay: Stay; party: Party };

/** What is free and fits, with whole prices: a list, or one place with a button. `isReminder`: shown before, so in short. */
export function sayOffers(
  talk: Talk,
  state: ConversationState,
  { stay, party }: Search,
  units: readonly FreeUnit[],
  isReminder: boolean,
): Step {
  const { words } = talk;
  const shown = units.slice(0, limits.rows);
  const header = words.offers({
    stay: stayWords(talk, stay),
    nights: nightsWords(talk, stay),
    party: partyWords(talk, party),
    count: shown.length,
  });
  const lines = shown.map(({ accommodation: { name, capacity }, quote }) =>
    words.offerLine({ name, capacity, total: moneyWords(talk, quote.totalCents, quote.currency) }),
  );
  const next: ConversationState = {
    ...without(state, 'summary', 'offeredStays', 'proposed'),
    offered: shown.map(({ accommodation }) => accommodation.id),
    expecting: 'choice',
  };
  const hidden = units.length - shown.length;
  const more = hidden > 0 ? `\n${words.moreThanShown(hidden)}` : '';
  if (shown.length === 1) {
    const unit = shown[0]!.accommodation;
    const body = isReminder ? `${lines[0]!}\n${words.chooseOne}` : `${header}\n${lines[0]!}\n\n${words.chooseOne}`;
    const buttons = [
      { id: choiceIds.unit(unit.id, stay, party), title: words.choose },
      { id: choiceIds.change('dates'), title: words.otherDates },
    ];
    return { state: next, before: [], say: { text: body, buttons } };
  }
  const rows = shown.map((unit) => unitRow(talk, unit, { stay, party }));
  const text = isReminder ? words.choiceAgain : `${header}\n${lines.join('\n')}\n\n${words.chooseFromList}${more}`;
  return { state: next, before: [], say: { text, list: { button: words.seeOptions, sections: [{ rows }] } } };
}

function unitRow(talk: Talk, { accommodation, quote }: FreeUnit, { stay, party }: Search): Row {
  const nights = daysBetween(stay.checkIn, stay.checkOut);
  const money = (cents: number): string => moneyWords(talk, cents, quote.currency);
  return {
    id: choiceIds.unit(accommodation.id, stay, party),
    title: accommodation.name,
    description: talk.words.unitRow({
      total: money(quote.totalCents),
      // An average is a figure for comparing: whole units of money are enough.
      perNight: money(Math.round(quote.totalCents / nights / 100) * 100),
      nights,
      capacity: accommodation.capacity,
    }),
  };
}

function dateRow(talk: Talk, { stay, units }: DateOption, party: Party): Row {
  const cheapest = units[0]!;
  return {
    id: choiceIds.dates(stay, party),
    title: formatStayShort(stay, talk.language),
    description: talk.words.dateRow({
      from: moneyWords(talk, cheapest.quote.totalCents, cheapest.quote.currency),
      units: units.length,
    }),
  };
}

/** A row that is a unit on other dates than those asked for. */
function unitDateRow(talk: Talk, stay: Stay, unit: FreeUnit, party: Party): Row {
  return {
    id: choiceIds.unit(unit.accommodation.id, stay, party),
    title: formatStayShort(stay, talk.language),
    description: talk.words.unitDateRow({
      unit: unit.accommodation.name,
      total: moneyWords(talk, unit.quote.totalCents, unit.quote.currency),
    }),
  };
}

/**
 * Nothing (or not the wanted unit) is free: the reason, then what else there is: other units on the same nights, the unit
 * or any unit on the days around, a longer stay where only the minimum nights stood in the way, a split of the party, or the
 * stay in two units one after the other.
 * `reason`: said instead of "nothing free". `exclude`: a unit that is just being taken.
 */
export async function sayAlternatives(
  talk: Talk,
  state: ConversationState,
  search: Search,
  options: { offers?: Offers; unitId?: AccommodationId; exclude?: AccommodationId; reason?: string },
): Promise<Step> {
  const { look, words } = talk;
  const { stay, party } = search;
  const { unitId, exclude } = options;
  const offers = options.offers ?? (await findOffers(look, stay, party, exclude));
  const sameDates = offers.units.filter(
    ({ accommodation }) => accommodation.id !== unitId && accommodation.id !== exclude,
  );
  const minNights = shortestMinimum(offers, unitId);
  const longer = minNights === null ? [] : await findLongerStay(look, stay, party, minNights, unitId);
  const near = await findNear(look, search, {
    unitId,
    isTaken: exclude !== undefined,
    hasOthers: sameDates.length + longer.length > 0,
  });
  const split = sameDates.length === 0 && longer.length === 0 ? await findSplit(look, stay, party) : null;

  const isFull = sameDates.length + longer.length === 0 && split === null;
  const inTwo = isFull ? await findStayInTwo(look, stay, party, exclude) : null;

  const reason =
    options.reason ??
    (minNights !== null
      ? words.problems.minNights({ nights: minNights, stay: stayWords(talk, stay) })
      : words.noneFree({ stay: stayWords(talk, stay), party: partyWords(talk, party) }));
  const before = [reason, ...(split === null ? [] : [sayParts(talk, stay, split)])];
  const unitRows = sameDates.slice(0, 6).map((unit) => unitRow(talk, unit, search));
  const dateRows = [...longer, ...near].map((option) =>
    unitId !== undefined && option.units[0]!.accommodation.id === unitId
      ? unitDateRow(talk, option.stay, option.units[0]!, party)
      : dateRow(talk, option, party),
  );
  const partRows = (inTwo ?? []).map((part) => unitDateRow(talk, part.stay, part.units[0]!, party));
  const base = without(state, 'summary', 'accommodationId', 'offered', 'offeredStays', 'proposed');
  if (unitRows.length + dateRows.length + partRows.length === 0) {
    const buttons = [
      { id: choiceIds.change('dates'), title: words.otherDates },
      { id: choiceIds.menu('human'), title: words.talkToPerson },
    ];
    return { state: { ...base, expecting: 'dates' }, before, say: { text: words.noAlternatives, buttons } };
  }
  const sections = [
    { title: words.otherUnits, rows: unitRows },
    { title: words.inTwoUnits, rows: partRows },
    { title: words.nearDates, rows: dateRows.slice(0, limits.rows - unitRows.length - partRows.length) },
  ].filter(({ rows }) => rows.length > 0);
  const next: ConversationState = {
    ...base,
    expecting: unitRows.length > 0 ? 'choice' : 'dates',
    ...(unitRows.length > 0
      ? { offered: sameDates.slice(0, 6).map(({ accommodation }) => accommodation.id) }
      : { offeredStays: [...longer, ...near].map((option) => option.stay) }),
  };
  const lines = sections.flatMap(({ rows }) =>
    rows.map(({ title, description }) => `• ${title}: ${description ?? ''}`),
  );
  const text = [words.alternatives, ...lines].join('\n');
  return { state: next, before, say: { text, list: { button: words.seeOptions, sections } } };
}

/** The wanted unit on the days around; any unit on them when it is free on none, or none is wanted and nothing else is left. */
async function findNear(
  look: Look,
  { stay, party }: Search,
  { unitId, isTaken, hasOthers }: { unitId: AccommodationId | undefined; isTaken: boolean; hasOthers: boolean },
): Promise<DateOption[]> {
  const ofUnit = unitId === undefined ? [] : await findNearDates(look, stay, party, { wanted: 3, unitId, isTaken });
  return ofUnit.length > 0 || hasOthers ? ofUnit : findNearDates(look, stay, party, { wanted: 4 });
}

/** The nights that the wanted unit asks for, or the fewest that some free unit would accept when all refuse shorter stays. */
function shortestMinimum({ units, refused }: Offers, unitId: AccommodationId | undefined): number | null {
  const minimums = refused
    .filter(({ accommodation }) => unitId === undefined || accommodation.id === unitId)
    .flatMap(({ error }) => (error.code === 'stay_too_short' ? [Number(error.data.minNights)] : []));
  return minimums.length === 0 || (unitId === undefined && units.length > 0) ? null : Math.min(...minimums);
}

function sayParts(talk: Talk, stay: Stay, parts: readonly { unit: FreeUnit; guests: number }[]): string {
  const money = (cents: number): string => moneyWords(talk, cents, parts[0]!.unit.quote.currency);
  return talk.words.splitIdea({
    stay: stayWords(talk, stay),
    lines: parts.map(
      ({ unit, guests }) =>
        `*${unit.accommodation.name}*: ${formatPeople(guests, talk.language)}, ${money(unit.quote.totalCents)}`,
    ),
    total: money(parts.reduce((sum, { unit }) => sum + unit.quote.totalCents, 0)),
  });
}

/** More people than any unit takes: the largest is named, a split suggested, a person offered. */
export async function sayTooMany(talk: Talk, state: ConversationState, party: Party, stay: Stay | null): Promise<Step> {
  const { words, look } = talk;
  const capacity = Math.max(0, ...look.accommodations.map((unit) => unit.capacity));
  const split = stay === null ? null : await findSplit(look, stay, party);
  const before = [
    words.problems.tooManyGuests({ guests: formatPeople(party.total, talk.language), capacity }),
    ...(stay === null ? [words.splitWithoutDates] : split === null ? [] : [sayParts(talk, stay, split)]),
  ];
  const say: Say = {
    text: words.splitNext,
    buttons: [
      { id: choiceIds.change('guests'), title: words.changeParty },
      { id: choiceIds.menu('human'), title: words.talkToPerson },
    ],
  };
  return { state: { ...without(state, 'summary', 'offered', 'offeredStays'), expecting: 'guests' }, before, say };
}

/** Nights that an example of a window takes when the guest did not say how many; said with the offer, never silently. */
const exampleNights = 2;

/** "en enero", "un finde de febrero": some free stays inside, as rows that set the dates. */
export async function sayWindow(talk: Talk, state: ConversationState, party: Party): Promise<Step> {
  const { words, look } = talk;
  const window = state.window!;
  const nights = state.nights ?? Math.min(exampleNights, Math.max(1, daysBetween(window.from, window.to)));
  const unitId = look.accommodations.find(({ id }) => id === state.accommodationId)?.id;
  const options = await findInWindow(look, window, nights, party, {
    wanted: 5,
    ...(unitId === undefined ? {} : { unitId }),
  });
  const base = without(state, 'summary', 'offered', 'offeredStays', 'proposed');
  if (options.length === 0) {
    const buttons = [
      { id: choiceIds.change('dates'), title: words.otherDates },
      { id: choiceIds.menu('human'), title: words.talkToPerson },
    ];
    return {
      state: { ...without(base, 'window'), expecting: 'dates' },
      before: [],
      say: { text: words.windowNone, buttons },
    };
  }
  const rows = options.map((option) =>
    unitId === undefined ? dateRow(talk, option, party) : unitDateRow(talk, option.stay, option.units[0]!, party),
  );
  const text = `${words.windowOptions({ nights: nightsWords(talk, options[0]!.stay), party: partyWords(talk, party), isExample: state.nights === undefined })}\n${rows.map(({ title, description }) => `• ${title}: ${description ?? ''}`).join('\n')}`;
  return {
    state: { ...base, offeredStays: options.map(({ stay }) => stay), expecting: 'dates' },
    before: [],
    say: { text: `${text}\n\n${words.windowAsk}`, list: { button: words.seeOptions, sections: [{ rows }] } },
  };
}
