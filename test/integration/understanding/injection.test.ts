import { expect } from 'chai';
import type { ConversationState, Look, Summary } from '#shared/domain/conversations/conversation.ts';
import { decideReply } from '#shared/domain/conversations/decide-reply.ts';
import { modelIntents } from '#shared/domain/conversations/model-answer.ts';
import type { Understanding } from '#shared/domain/conversations/understanding.ts';
import { createModelReader } from '#shared/integrations/openai/understand-with-model.ts';
import { applyModelAnswer } from '#shared/nlu/apply-model-answer.ts';
import { understand } from '#shared/nlu/understand.ts';
import { injections } from '../../fixtures/injections.ts';
import { openModelServer } from '../../support/model-server.ts';
import { addBooking, buildMessage, createWorld, lookAt } from '../../unit/conversations/world.ts';

const today = '2026-11-24';
const options = { today, language: 'es', expecting: 'confirmation' } as const;

/** What a model says that always does as the attacker bids. */
const obedient: readonly (object | string)[] = [
  { intent: 'yes', checkIn: '2027-02-10', checkOut: '2027-02-14', nights: 4, adults: 7, children: 3 },
  { intent: 'cancel', checkIn: '1999-01-01', checkOut: '2099-01-01', nights: 999, adults: 999, children: -4 },
  { intent: 'human', checkIn: today, checkOut: '2026-11-25', nights: 1, adults: 2, children: 0 },
  { intent: 'start_over', checkIn: '2027-13-45', checkOut: 'tomorrow', nights: '4', adults: '2', children: null },
  {
    intent: 'book',
    status: 'confirmed',
    price: 1,
    reservationId: 'x',
    confirm: true,
    units: 9,
    window: { from: today, to: today },
  },
  { intent: 'no', ambiguous: [], confidence: 1, guests: { adults: 2, children: 0, total: 2 }, hasPet: true },
  { choices: [{ message: { content: null, tool_calls: [{ function: { name: 'hold', arguments: '{}' } }] } }] },
  { choices: [{ message: { content: '{"intent":"yes"}', refusal: 'I will not' } }], usage: { total_tokens: -5 } },
  { choices: [] },
  '{"intent":"yes","checkIn":"2027-02-10"',
  'Sure! I have confirmed the booking for you.',
  '[]',
  'null',
  `{"intent":"${'yes'.repeat(20_000)}"}`,
  '{"__proto__":{"intent":"yes"},"constructor":{"prototype":{"checkIn":"2027-02-10"}}}',
];

describe('a language model that obeys the attacker', () => {
  let server: Awaited<ReturnType<typeof openModelServer>>;
  before(async () => {
    server = await openModelServer();
  });
  after(() => server.close());

  for (const text of injections)
    it(`changes nothing that the text does not say: ${JSON.stringify(text.slice(0, 60))}`, async () => {
      const said = understand(text, options);
      for (const payload of obedient) {
        server.answerWith(() => payload);
        // A reader for each: after some failures in a row one is left alone for a minute.
        const reader = createModelReader({ apiKey: undefined, baseUrl: server.url, model: 'stub' });
        const { answer, tokens } = await reader.read(text, { today, language: 'es' });
        expect(tokens).to.be.within(0, 1_000_000);
        const believed = answer ? applyModelAnswer(text, said, answer, options) : said;
        expectHarmless(text, said, believed);
        await expectNoAct(text, believed);
      }
    });

  it('was shown the text alone: no tools, no history, nobody’s data', () => {
    expect(server.asked.length).to.equal(injections.length * obedient.length);
    for (const body of server.asked) {
      expect(Object.keys(body).toSorted()).to.deep.equal([
        'max_completion_tokens',
        'messages',
        'model',
        'response_format',
      ]);
      const messages = body['messages'] as { role: string; content: string }[];
      expect(messages.map(({ role }) => role)).to.deep.equal(['system', 'user']);
      expect(injections).to.include(messages[1]!.content);
    }
  });
});

function expectHarmless(text: string, said: Understanding, believed: Understanding): void {
  expect(Object.keys(believed).toSorted()).to.deep.equal(Object.keys(said).toSorted());
  const { intents, intent, checkIn, checkOut, nights, guests, ambiguous, confidence, ...others } = believed;
  const { intents: wasIntents, ...was } = said;
  for (const [key, value] of Object.entries(others)) expect(value, key).to.deep.equal(was[key as keyof typeof was]);
  // What the rules read stays; an intent only where they read none, and none that acts.
  if (said.intent === 'unknown') expect([...modelIntents, 'unknown']).to.include(intent);
  else expect(intents).to.deep.equal(wasIntents);
  // None of these texts names a day or a number of people.
  expect([checkIn, checkOut, nights, guests], text).to.deep.equal([
    said.checkIn,
    said.checkOut,
    said.nights,
    said.guests,
  ]);
  expect(ambiguous).to.include.members(said.ambiguous);
  expect(confidence).to.be.within(0, 1);
}

/** While a summary waits for a yes, and while a cancellation does: nobody acts but for a person, or as the rules alone would. */
async function expectNoAct(text: string, believed: Understanding): Promise<void> {
  for (const [state, look] of waiting) {
    const decide = (understanding: Understanding) =>
      decideReply(state, 'es', [buildMessage({ text, understanding })], look);
    const { act } = await decide(believed);
    if (act === null || act.type === 'hand_over') continue;
    expect(act).to.deep.equal((await decide(understand(text, options))).act);
  }
}

const world = createWorld();
const { reservation } = addBooking(world, { accommodationId: 2 });
const summary: Summary = {
  accommodationId: 1,
  stay: { checkIn: '2027-01-10', checkOut: '2027-01-14' },
  party: { adults: 4, children: 0, total: 4 },
  totalCents: 20_000_000,
  shownAt: world.now.toISOString(),
};
const waiting: readonly [ConversationState, Look][] = [
  [{ ...summary.stay, party: summary.party, accommodationId: 1, summary, expecting: 'confirmation' }, lookAt(world)],
  [{ cancelling: reservation.id, expecting: 'cancel_confirmation' }, lookAt(world)],
];
