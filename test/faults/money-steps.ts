import fc from 'fast-check';

/** Minutes that pass at once: nearly nothing, past a hold, past its grace, past an offer. */
const spans = [1, 16, 35, 60, 60 * 25] as const;
const sweeps = [
  'sweep-due-holds',
  'sweep-missing-links',
  'sweep-unsettled-payments',
  'sweep-unmade-refunds',
  'sweep-due-offers',
  'sweep-recent-payments',
] as const;

/**
 * One thing that happens. `of` picks among what is there (modulo), `notices` how many times a change is told (0: the webhook
 * was lost), `crash` after how many commits and calls the worker dies (0: it lives).
 */
export type Step =
  | { do: 'book'; slot: number }
  | { do: 'rival'; slot: number }
  | { do: 'choose'; slot: number }
  | { do: 'decline' }
  | { do: 'cancel'; of: number; by: 'guest' | 'owner' }
  | { do: 'pay'; of: number; how: 'full' | 'part' | 'more' | 'dollars' | 'pending' | 'rejected'; notices: number }
  | {
      do: 'turn';
      of: number;
      to: 'approved' | 'rejected' | 'panel_part' | 'panel_all' | 'charged_back' | 'in_mediation';
      notices: number;
    }
  | { do: 'work'; of: number; crash: number }
  | { do: 'lose'; of: number }
  | { do: 'sweep'; which: (typeof sweeps)[number]; crash: number }
  /** An answer that was fetched long ago arrives only now. */
  | { do: 'old_answer'; of: number }
  /** The next call fails after or before it was heard. */
  | { do: 'vendor_fails'; acted: boolean }
  | { do: 'pass'; minutes: number }
  | { do: 'give_back'; of: number; all: boolean }
  | { do: 'cash'; of: number; isWhole: boolean }
  | { do: 'accept'; of: number }
  /** The owner confirms a hold by hand. */
  | { do: 'confirm'; of: number };

const of = fc.nat(7);
const slot = fc.nat(1);
const notices = fc.constantFrom(0, 1, 1, 2);
const crash = fc.constantFrom(0, 0, 0, 1, 2, 3, 4);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('book' as const), slot }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rival' as const), slot }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('choose' as const), slot }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('decline' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('cancel' as const),
      of,
      by: fc.constantFrom('guest' as const, 'owner' as const),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('pay' as const),
      of,
      how: fc.constantFrom(
        'full' as const,
        'full' as const,
        'full' as const,
        'part' as const,
        'more' as const,
        'dollars' as const,
        'pending' as const,
        'rejected' as const,
      ),
      notices,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('turn' as const),
      of,
      to: fc.constantFrom(
        'approved' as const,
        'approved' as const,
        'rejected' as const,
        'panel_part' as const,
        'panel_all' as const,
        'charged_back' as const,
        'in_mediation' as const,
      ),
      notices,
    }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('work' as const), of, crash }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), of }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('sweep' as const), which: fc.constantFrom(...sweeps), crash }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('old_answer' as const), of }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('vendor_fails' as const), acted: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), minutes: fc.constantFrom(...spans) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('give_back' as const), of, all: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cash' as const), of, isWhole: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('accept' as const), of }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('confirm' as const), of }) },
);

export type History = readonly Step[];

const booked: History = [
  { do: 'book', slot: 0 },
  { do: 'work', of: 0, crash: 0 },
];
const expired: History = [...booked, { do: 'pass', minutes: 60 }, { do: 'sweep', which: 'sweep-due-holds', crash: 0 }];
const paid: History = [
  { do: 'pay', of: 0, how: 'full', notices: 1 },
  // The link's end, then the notice, whichever waits first.
  { do: 'work', of: 1, crash: 0 },
  { do: 'work', of: 0, crash: 0 },
];
/** Where a history begins: chance alone would rarely come to a late payment for nights that are gone. */
const openings: readonly History[] = [
  booked,
  [...booked, ...paid],
  [...expired, ...paid],
  [...expired, { do: 'rival', slot: 0 }, ...paid],
  [...expired, { do: 'rival', slot: 0 }, ...paid, { do: 'choose', slot: 1 }, { do: 'work', of: 0, crash: 0 }],
];

/** What happened to one guest, from one of those beginnings. */
export const history: fc.Arbitrary<History> = fc
  .tuple(fc.constantFrom(...openings), fc.array(step, { minLength: 4, maxLength: 13 }))
  .map(([opening, steps]): History => [...opening, ...steps]);

/** How many hours the app's clock is wrong. */
export const clockError = fc.constantFrom(0, 6, -6);
