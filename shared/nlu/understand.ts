import { detectLanguage } from './detect-language.ts';
import { findDates, type FoundDates } from './find-dates.ts';
import { findIntents, type FoundIntent } from './find-intents.ts';
import { findParty, type FoundParty } from './find-party.ts';
import { foldText } from './fold-text.ts';
import { maskNumbers } from './mask-numbers.ts';
import { readTokens, splitTokens } from './tokenise.ts';
import { warmUp } from './warm-up.ts';
import type { Intent, SlotName, Understanding, UnderstandOptions } from '#shared/domain/conversations/understanding.ts';

/**
 * Reads one message by rules alone. Pure and synchronous; reads at most 4,096 characters, never throws.
 * What can be read in more than one way is in `ambiguous`; what cannot be read is null.
 */
export function understand(text: string, options: UnderstandOptions): Understanding {
  const folded = foldText(text);
  const plain = splitTokens(folded);
  const words = plain.filter((token) => !token.isMark && token.digits === 0).map((token) => token.text);
  const language = detectLanguage(folded.original, words, options.language);
  const reading = readTokens(folded, language, plain);
  const taken = maskNumbers(reading.tokens);
  const party = findParty(reading, taken, options);
  const dates = findDates(reading, taken, options);
  const found = findIntents(reading.tokens, language);
  const intents = rankIntents(found, dates, party, options);
  const ambiguous: SlotName[] = [...dates.doubts];
  if (party.isDoubtful) ambiguous.push('guests');
  return {
    intent: intents[0]!,
    intents,
    checkIn: dates.checkIn,
    checkOut: dates.checkOut,
    nights: dates.nights,
    guests: party.guests,
    window: dates.window,
    dateProblem: dates.dateProblem,
    units: party.units,
    hasPet: party.hasPet,
    language,
    confidence: confidenceOf(intents, found, dates, ambiguous),
    ambiguous,
  };
}

/** Questions about the place; with a whole stay in the same message they come second. */
const asides = new Set<Intent>(['amenities', 'pets', 'policies', 'location', 'photos', 'checkin_info']);

/** Dates or a party ask for a place even when no word does. */
function rankIntents(found: FoundIntent[], dates: FoundDates, party: FoundParty, options: UnderstandOptions): Intent[] {
  const hasDates = !!(dates.checkIn || dates.checkOut || dates.window || dates.dateProblem || dates.nights);
  const hasStay = !!(dates.checkIn && dates.checkOut);
  const ranked = found.map((one) => {
    if (isAnswerTo(one.intent, options)) return { ...one, weight: one.weight + 10 };
    return hasStay && asides.has(one.intent) ? { ...one, weight: one.weight - 40 } : one;
  });
  if (
    (hasDates || party.guests || party.units) &&
    !ranked.some(({ intent }) => intent === 'availability' || intent === 'book')
  )
    ranked.push({ intent: 'availability', weight: hasStay ? 50 : hasDates ? 46 : 35, at: 0 });
  ranked.sort((a, b) => b.weight - a.weight);
  return ranked.length === 0 ? ['unknown'] : ranked.map(({ intent }) => intent);
}

/** "perfecto, gracias" to a question that wants a yes is a yes first. */
function isAnswerTo(intent: Intent, options: UnderstandOptions): boolean {
  return options.expecting === 'confirmation' && (intent === 'yes' || intent === 'no');
}

function confidenceOf(intents: Intent[], found: FoundIntent[], dates: FoundDates, ambiguous: SlotName[]): number {
  let confidence = intents[0] === 'unknown' ? 0.2 : found.length === 0 ? 0.7 : 0.9;
  if (found[0] && found[0].weight < 50 && found[0].weight > 30) confidence -= 0.15;
  if (ambiguous.length > 0) confidence -= 0.2;
  if (dates.dateProblem) confidence -= 0.1;
  return Math.max(0.1, Math.round(confidence * 100) / 100);
}

warmUp(understand);
