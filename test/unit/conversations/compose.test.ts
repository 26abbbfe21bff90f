import { expect } from 'chai';
import fc from 'fast-check';
import { choiceIds, parseChoice } from '#shared/domain/conversations/choice-ids.ts';
import { compose } from '#shared/domain/conversations/compose.ts';
import { distinctTitles } from '#shared/domain/conversations/limits.ts';
import { expectSendable, readable } from './check-limits.ts';

const party = { adults: 2, children: 1, total: 3 };
const stay = { checkIn: '2027-01-10', checkOut: '2027-01-14' };

describe('compose', () => {
  it('puts paragraphs and question into one message', () => {
    const messages = compose(['uno', 'dos'], { text: '¿tres?', buttons: [{ id: 'a', title: 'A' }] });
    expect(messages).to.deep.equal([
      { kind: 'buttons', body: 'uno\n\ndos\n\n¿tres?', buttons: [{ id: 'a', title: 'A' }] },
    ]);
  });

  it('sends long paragraphs before the question instead of cutting them', () => {
    const messages = compose(['x'.repeat(1500)], { text: '¿tres?', buttons: [{ id: 'a', title: 'A' }] });
    expect(messages.map(({ kind }) => kind)).to.deep.equal(['text', 'buttons']);
  });

  it('loses nothing of an owner’s very long facts', () => {
    const words = Array.from({ length: 2000 }, (_, i) => `palabra${i}`);
    const messages = compose([words.join(' ')], null);
    expect(messages.length).to.be.greaterThan(1);
    for (const message of messages) expectSendable(message);
    expect(messages.map(readable).join(' ').split(/\s+/)).to.deep.equal(words);
  });

  it('says nothing when there is nothing to say', () => {
    expect(compose([], null)).to.deep.equal([]);
    expect(compose([' '], null)).to.deep.equal([]);
  });

  it('keeps any names within the limits and different', () => {
    const row = fc.record({
      title: fc.string({ unit: 'grapheme', maxLength: 40 }),
      description: fc.string({ maxLength: 100 }),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 14 }), (rows) => {
        const sections = [{ rows: rows.map((each, i) => ({ id: String(i), ...each })) }];
        for (const message of compose([], { text: 'elegí', list: { button: 'Ver opciones', sections } }))
          expectSendable(message);
      }),
      { numRuns: 200 },
    );
  });

  it('numbers twins that a cut makes', () => {
    expect(distinctTitles(['Cabaña del Bosque Norte Grande', 'Cabaña del Bosque Norte Chica'], 24)).to.deep.equal([
      'Cabaña del Bosque Norte…',
      'Cabaña del Bosque Nor… 2',
    ]);
  });
});

describe('choice ids', () => {
  it('come back as what they meant', () => {
    expect(parseChoice(choiceIds.unit(12_345, stay, party))).to.deep.equal({
      type: 'unit',
      accommodationId: 12_345,
      stay,
      party,
    });
    expect(parseChoice(choiceIds.dates(stay, null))).to.deep.equal({ type: 'dates', stay, party: null });
    const shown = { accommodationId: 1, stay, party, totalCents: 18_000_000 };
    expect(parseChoice(choiceIds.confirm({ ...shown, shownAt: '2026-11-24T15:00:00Z' }))).to.deep.equal({
      type: 'confirm',
      shown,
    });
    expect(parseChoice(choiceIds.cancelYes('b1f0'))).to.deep.equal({ type: 'cancel_yes', reservationId: 'b1f0' });
  });

  it('are nobody’s when broken', () => {
    for (const id of [
      '',
      'unit',
      'unit:1:2027-02-30:2027-03-02:2.0',
      'unit:1:2027-01-14:2027-01-10:2.0',
      'confirm:1',
      'guests:0',
      'menu:root',
      'x'.repeat(300),
    ])
      expect(parseChoice(id), id).to.equal(null);
  });

  it('never throw', () => {
    fc.assert(fc.property(fc.string(), (id) => parseChoice(id) === null || true));
  });
});
