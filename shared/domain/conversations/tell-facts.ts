import type { OutboundMessage } from './message.ts';
import type { Accommodation, AccommodationId } from '../lodging/accommodation.ts';
import { amenityWords } from './amenity-words.ts';
import { cut, limits } from './limits.ts';
import { asksRefund, foldWords } from './pick-unit.ts';
import type { Topic } from './wishes.ts';
import { findUnit, type Talk } from './talk.ts';

export type Told = { paragraphs: string[]; images: OutboundMessage[] };

/** At most this many pictures in one answer: each is a message. */
const maxImages = 4;

/**
 * What the lodging's data say about a topic, of the unit that was named or else is being talked about (`current`); what is
 * not known is said to be so.
 */
export function tellFacts(
  talk: Talk,
  { topic, accommodationId, text }: { topic: Topic; accommodationId: AccommodationId | null; text: string },
  current?: AccommodationId,
): Told {
  const unit = findUnit(talk, accommodationId ?? current);
  if (topic === 'photos') return tellPhotos(talk, unit);
  const paragraphs = factParagraphs(talk, topic, unit, text);
  return { paragraphs: paragraphs.length > 0 ? [paragraphs.join('\n')] : [talk.words.facts.missing], images: [] };
}

function factParagraphs(
  talk: Talk,
  topic: Exclude<Topic, 'photos'>,
  unit: Accommodation | undefined,
  text: string,
): string[] {
  const { facts } = talk.words;
  const { lodging } = talk.look;
  switch (topic) {
    case 'amenities':
      return [...notListed(talk, unit, text), ...amenities(talk, unit, text)];
    case 'location':
      if (lodging.address !== null) return [facts.address({ address: lodging.address, mapUrl: lodging.mapUrl })];
      return lodging.mapUrl === null ? [] : [`📍 ${lodging.mapUrl}`];
    case 'checkin_info':
      return [
        facts.hours({
          checkInFrom: lodging.checkInFrom,
          checkOutUntil: lodging.checkOutUntil,
          lastArrivalHour: unit?.lastArrivalHour ?? lodging.lastArrivalHour,
        }),
      ];
    case 'pets': {
      const pets = unit?.facts.pets ?? lodging.facts.pets;
      return pets === undefined ? [] : [facts.pets(pets)];
    }
    case 'policies':
      return [
        ...(lodging.facts.policies === undefined ? [] : [facts.policies(lodging.facts.policies)]),
        facts.freeCancellation(lodging.freeCancellationHours),
        ...(asksRefund(text) ? [facts.refund] : []),
      ];
    case 'payment':
      return [
        ...(lodging.facts.payment === undefined ? [] : [facts.payment(lodging.facts.payment)]),
        facts.depositByLink(depositPercent(talk, unit)),
      ];
  }
}

/** "¿Tienen pileta?" where no fact speaks of one: said by its name, so that nobody has to read it out of a list. */
function notListed({ words, look }: Talk, unit: Accommodation | undefined, text: string): string[] {
  const asked = ` ${foldWords(text)} `;
  const facts = [look.lodging.facts, ...(unit === undefined ? look.accommodations : [unit]).map((each) => each.facts)];
  const known = ` ${foldWords(JSON.stringify(facts.map((each) => ({ ...each, photos: undefined }))))} `;
  const missing = amenityWords.flatMap((names) => {
    const said = names.find((name) => asked.includes(` ${name} `) || asked.includes(` ${name}s `));
    return said === undefined || names.some((name) => known.includes(` ${name}`)) ? [] : [said];
  });
  return missing.length === 0 ? [] : [words.facts.notListed(missing.join(', '))];
}

/** Of a unit: what it and the lodging have. Of the lodging: what all share, then what some units have besides. */
function amenities(talk: Talk, unit: Accommodation | undefined, text: string): string[] {
  const { words, look } = talk;
  const shared = look.lodging.facts;
  const wifi = unit?.facts.wifi ?? shared.wifi;
  const parking = unit?.facts.parking ?? shared.parking;
  const notes = unit?.facts.notes ?? shared.notes;
  const asked = foldWords(text);
  const narrow = [
    ...(wifi !== undefined && /\b(wi ?fi|internet)\b/.test(asked) ? [words.facts.wifi(wifi)] : []),
    ...(parking !== undefined && /\b(cocheras?|estaciona\w*|parking|garage|garagem|park)\b/.test(asked)
      ? [words.facts.parking(parking)]
      : []),
  ];
  if (narrow.length > 0 && !/\b(servicios?|incluye|incluido|amenities|included|inclui|comodidades)\b/.test(asked))
    return narrow;
  const lines: string[] = [];
  const list = (of: string | null, items: readonly string[] | undefined): void => {
    if (items !== undefined && items.length > 0) lines.push(words.facts.amenities({ of, list: items.join(', ') }));
  };
  if (unit !== undefined) list(unit.name, [...new Set([...(unit.facts.amenities ?? []), ...(shared.amenities ?? [])])]);
  else {
    list(null, shared.amenities);
    for (const each of look.accommodations)
      list(
        each.name,
        each.facts.amenities?.filter((item) => !(shared.amenities ?? []).includes(item)),
      );
  }
  if (wifi !== undefined) lines.push(words.facts.wifi(wifi));
  if (parking !== undefined) lines.push(words.facts.parking(parking));
  if (notes !== undefined) lines.push(notes);
  return lines;
}

/** Pictures of the unit, or the first one of every unit; captions say whose they are. */
function tellPhotos({ words, look }: Talk, unit: Accommodation | undefined): Told {
  const own =
    unit === undefined
      ? look.accommodations.flatMap((each) =>
          (each.facts.photos ?? []).slice(0, 1).map((photo) => ({ photo, name: each.name })),
        )
      : (unit.facts.photos ?? []).map((photo) => ({ photo, name: unit.name }));
  const shared = (look.lodging.facts.photos ?? []).map((photo) => ({ photo, name: look.lodging.name }));
  const photos = (own.length > 0 ? own : shared).slice(0, maxImages);
  if (photos.length === 0) return { paragraphs: [words.facts.missing], images: [] };
  const images = photos.map(({ photo, name }): OutboundMessage => ({
    kind: 'image',
    link: photo.url,
    caption: cut(photo.caption ? `${name}: ${photo.caption}` : name, limits.caption),
  }));
  return { paragraphs: [], images };
}

/** The deposit in percent where one figure holds for what is talked about; null when the units differ. */
function depositPercent({ look }: Talk, unit: Accommodation | undefined): number | null {
  const percents = new Set(
    (unit === undefined ? look.accommodations : [unit]).map((each) => each.prices.depositPercent),
  );
  return percents.size === 1 ? [...percents][0]! : null;
}
