import fc from 'fast-check';
import type { Stay } from '#shared/domain/stay.ts';
import type { PlatformStyle } from '#shared/integrations/icalendar/platform.ts';

/** The three platforms of a history, in this order. */
export const channels = ['airbnb', 'booking', 'vrbo'] as const;
export type Channel = (typeof channels)[number];
export const styleOf: Record<Channel, PlatformStyle> = { airbnb: 'airbnb', booking: 'booking', vrbo: 'vrbo' };

/** How a feed answers for one fetch. */
export type Answer = 'whole' | 'empty' | 'half' | 'html' | 'error';

export type Step =
  | { type: 'book' | 'close'; at: Channel; stay: Stay }
  /** `nth` picks among what there is. */
  | { type: 'move'; at: Channel; nth: number; stay: Stay }
  | { type: 'cancel' | 'open'; at: Channel; nth: number }
  /** The platform fetches our export. */
  | { type: 'poll us'; at: Channel }
  /** One platform fetches another's. */
  | { type: 'poll other'; at: Channel; from: Channel }
  /** We fetch the platform's feed. */
  | { type: 'import'; from: Channel; answer: Answer }
  | { type: 'hold' | 'block'; stay: Stay }
  | { type: 'confirm' | 'drop' | 'unblock'; nth: number }
  | { type: 'wait'; minutes: number };

export type History = {
  /** Which platforms tell in their export what they imported. */
  reexports: Record<Channel, boolean>;
  /** The one that reads others' calendars directly, if any: two that did and told on would keep each other's ghosts alive for ever. */
  reader: Channel | null;
  steps: Step[];
};

/** Random histories on nights 5 to 24 days ahead, so that nothing begins while it is played; `day` gives the date of an offset. */
export function histories(day: (offset: number) => string, maxSteps: number): fc.Arbitrary<History> {
  const stay = fc
    .tuple(fc.integer({ min: 5, max: 22 }), fc.integer({ min: 1, max: 5 }))
    .map(([from, nights]): Stay => ({ checkIn: day(from), checkOut: day(from + nights) }));
  const at = fc.constantFrom(...channels);
  const nth = fc.nat(5);
  const answer: fc.Arbitrary<Answer> = fc.oneof(
    { arbitrary: fc.constant<Answer>('whole'), weight: 8 },
    { arbitrary: fc.constantFrom<Answer>('empty', 'half', 'html', 'error'), weight: 2 },
  );
  const step: fc.Arbitrary<Step> = fc.oneof(
    { arbitrary: fc.record({ type: fc.constant('book' as const), at, stay }), weight: 5 },
    { arbitrary: fc.record({ type: fc.constant('close' as const), at, stay }), weight: 1 },
    { arbitrary: fc.record({ type: fc.constant('open' as const), at, nth }), weight: 1 },
    { arbitrary: fc.record({ type: fc.constant('move' as const), at, nth, stay }), weight: 2 },
    { arbitrary: fc.record({ type: fc.constant('cancel' as const), at, nth }), weight: 3 },
    { arbitrary: fc.record({ type: fc.constant('poll us' as const), at }), weight: 6 },
    { arbitrary: fc.record({ type: fc.constant('poll other' as const), at, from: at }), weight: 2 },
    { arbitrary: fc.record({ type: fc.constant('import' as const), from: at, answer }), weight: 8 },
    { arbitrary: fc.record({ type: fc.constant('hold' as const), stay }), weight: 3 },
    {
      arbitrary: fc.record({ type: fc.constantFrom('confirm' as const, 'drop' as const, 'unblock' as const), nth }),
      weight: 5,
    },
    { arbitrary: fc.record({ type: fc.constant('block' as const), stay }), weight: 1 },
    {
      arbitrary: fc.record({ type: fc.constant('wait' as const), minutes: fc.constantFrom(1, 5, 15, 60, 300) }),
      weight: 4,
    },
  );
  return fc.record({
    reexports: fc.record({ airbnb: fc.boolean(), booking: fc.boolean(), vrbo: fc.boolean() }),
    reader: fc.option(at, { nil: null, freq: 2 }),
    steps: fc.array(step, { minLength: 5, maxLength: maxSteps, size: 'max' }),
  });
}
