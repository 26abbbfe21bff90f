import { expect } from 'chai';
import fc from 'fast-check';
import type { ConversationState } from '#shared/domain/conversations/conversation.ts';
import { decideReply, mayConfirm, toUnderstandOptions } from '#shared/domain/conversations/decide-reply.ts';
import type { Intent } from '#shared/domain/conversations/understanding.ts';
import type { OutboundMessage } from '#shared/integrations/whatsapp/payload.ts';
import { understand } from '#shared/nlu/understand.ts';
import { expectSendable, readable } from './check-limits.ts';
import { addBooking, buildMessage, buildUnit, createWorld, lookAt, noon, takeTurn, units } from './world.ts';

const stay = { checkIn: '2027-01-10', checkOut: '2027-01-14' };
const four = { adults: 4, children: 0, total: 4 };
const slots = { ...stay, party: four, accommodationId: 1 };
const summary = { accommodationId: 1, stay, party: four, totalCents: 18_000_000, shownAt: noon.toISOString() };
const shown: ConversationState = { ...slots, summary, expecting: 'confirmation' };

function said(replies: readonly OutboundMessage[]): string {
  return replies.map(readable).join('\n\n');
}

describe('decideReply', () => {
  it('holds exactly what the summary showed', async () => {
    const world = createWorld({ state: shown });
    const { decision } = await takeTurn(world, [buildMessage({ text: 'dale' }, { intent: 'yes' })]);
    expect(decision.act).to.deep.equal({ type: 'hold', accommodationId: 1, stay, party: four });
  });

  it('shows the new summary when the price is no longer what was shown', async () => {
    const world = createWorld({ state: shown });
    world.accommodations = units.map((unit) =>
      unit.id === 1 ? { ...unit, prices: { ...unit.prices, basePriceCents: 5_000_000 } } : unit,
    );
    const { decision, replies } = await takeTurn(world, [buildMessage({ text: 'dale' }, { intent: 'yes' })]);
    expect(decision.act).to.equal(null);
    expect(said(replies)).to.include('El precio cambió').and.include('$ 225.000');
    expect((await takeTurn(world, [buildMessage({ text: 'dale' }, { intent: 'yes' })])).decision.act?.type).to.equal(
      'hold',
    );
  });

  it('shows what else there is when the unit is no longer offered', async () => {
    const world = createWorld({ state: shown, accommodations: units.filter(({ id }) => id !== 1) });
    const { decision, replies } = await takeTurn(world, [buildMessage({ text: 'dale' }, { intent: 'yes' })]);
    expect(decision.act).to.equal(null);
    expect(said(replies)).to.include('Ñire').and.not.include('Lenga');
  });

  it('takes no yes that comes with a no, a change or a cancellation', async () => {
    for (const intents of [
      ['yes', 'no'],
      ['yes', 'change'],
      ['yes', 'cancel'],
      ['cancel', 'yes'],
    ] as const) {
      const world = createWorld({ state: shown });
      const { decision } = await takeTurn(world, [buildMessage({ text: '…' }, { intents: [...intents] })]);
      expect(decision.act, intents.join()).to.equal(null);
    }
  });

  it('does not hold when the yes brings another party or other dates', async () => {
    const changes = [
      { guests: { adults: 3, children: 0, total: 3 } },
      { checkIn: '2027-01-11', checkOut: '2027-01-14' },
      { nights: 2 },
    ];
    for (const change of changes) {
      const world = createWorld({ state: shown });
      const { decision, replies } = await takeTurn(world, [
        buildMessage({ text: 'sí, pero …' }, { intents: ['yes'], ...change }),
      ]);
      expect(decision.act).to.equal(null);
      expect(said(replies)).to.include('¿Confirmo?');
    }
  });

  it('holds when the yes only repeats what was shown', async () => {
    const world = createWorld({ state: shown });
    const { decision } = await takeTurn(world, [
      buildMessage({ text: 'sí, para 4' }, { intents: ['yes'], guests: four }),
    ]);
    expect(decision.act?.type).to.equal('hold');
  });

  it('shows doubtful dates back and takes them only with a yes', async () => {
    const world = createWorld({ state: { party: four } });
    const first = await takeTurn(world, [
      buildMessage({ text: '10 o 11 al 14' }, { ...stay, intents: ['availability'], ambiguous: ['checkIn'] }),
    ]);
    expect(said(first.replies)).to.include('¿Querés decir del dom 10 al jue 14 de enero?');
    expect(world.state.checkIn).to.equal(undefined);
    const second = await takeTurn(world, [buildMessage({ text: 'sí' }, { intent: 'yes' })]);
    expect(said(second.replies)).to.include('Lenga');
    expect(world.state).to.include(stay);
  });

  it('drops doubtful dates with a no', async () => {
    const world = createWorld({ state: { party: four, proposed: stay, expecting: 'confirmation' } });
    const { replies } = await takeTurn(world, [buildMessage({ text: 'no' }, { intent: 'no' })]);
    expect(said(replies)).to.include('Para qué fechas');
    expect(world.state.proposed).to.equal(undefined);
  });

  it('asks again when the party is doubtful, and keeps the dates', async () => {
    const world = createWorld();
    const { replies } = await takeTurn(world, [
      buildMessage(
        { text: '2-3 personas' },
        { ...stay, intents: ['availability'], guests: { adults: 3, children: 0, total: 3 }, ambiguous: ['guests'] },
      ),
    ]);
    expect(said(replies)).to.include('cuántos son');
    expect(world.state).to.include(stay).and.not.have.property('party');
  });

  it('adds children to the adults that are known, and asks for an adult when there is none', async () => {
    const child = { adults: 0, children: 1, total: 1 };
    const world = createWorld({ state: { ...stay, party: { adults: 2, children: 0, total: 2 } } });
    await takeTurn(world, [buildMessage({ text: 'y un nene' }, { intents: ['availability'], guests: child })]);
    expect(world.state.party).to.deep.equal({ adults: 2, children: 1, total: 3 });
    const alone = createWorld({ state: { ...stay } });
    const { replies } = await takeTurn(alone, [
      buildMessage({ text: 'un nene' }, { intents: ['availability'], guests: child }),
    ]);
    expect(said(replies)).to.include('cuántos son');
    expect(alone.state.party).to.equal(undefined);
  });

  it('moves a stay that was given by nights as a whole', async () => {
    const world = createWorld({ state: { checkIn: '2027-01-10', checkOut: '2027-01-12', nights: 2, party: four } });
    await takeTurn(world, [buildMessage({ text: 'mejor el 12' }, { intents: ['change'], checkIn: '2027-01-12' })]);
    expect(world.state).to.include({ checkIn: '2027-01-12', checkOut: '2027-01-14' });
  });

  it('covers what it answers and leaves what comes after a confirmation', async () => {
    const world = createWorld({ state: shown });
    const batch = [
      buildMessage({ text: 'wifi?' }, { intent: 'amenities' }),
      buildMessage({ type: 'sticker', text: null }),
      buildMessage({ text: 'dale' }, { intent: 'yes' }),
      buildMessage({ text: 'gracias' }, { intent: 'thanks' }),
    ];
    const { decision, replies } = await takeTurn(world, batch);
    expect(decision.covered).to.equal(3);
    expect(decision.act?.type).to.equal('hold');
    expect(said(replies)).to.match(/Wifi.*Te guardo/s);
  });

  it('covers late messages apart from the others', async () => {
    const world = createWorld({ state: shown });
    const batch = [
      buildMessage(
        { text: 'somos 2', isLate: true },
        { intents: ['availability'], guests: { adults: 2, children: 0, total: 2 } },
      ),
      buildMessage({ text: 'dale' }, { intent: 'yes' }),
    ];
    const first = await takeTurn(world, batch);
    expect(first.decision).to.include({ covered: 1, act: null });
    expect(world.state).to.deep.equal(shown);
    expect((await takeTurn(world, batch.slice(1))).decision.act?.type).to.equal('hold');
  });

  it('answers silence with silence and leaves everything as it is', async () => {
    const decision = await decideReply(
      shown,
      'pt',
      [buildMessage({ type: 'reaction', text: null })],
      lookAt(createWorld()),
    );
    expect(decision).to.deep.equal({ covered: 1, state: shown, language: 'pt', act: null, replies: [] });
  });

  it('greets who opens the chat', async () => {
    const turn = (type: string, text: string | null, intents: Intent[]) =>
      decideReply({}, 'es', [buildMessage({ type, text }, { intents })], lookAt(createWorld()));
    const { replies } = await turn('opened', null, []);
    expect(replies).to.deep.equal((await turn('text', 'hola', ['greeting'])).replies);
    expect(replies).to.have.length(1);
  });

  it('looks at free nights a bounded number of times', async () => {
    const world = createWorld({
      taken: units.map(({ id }) => ({ unitId: id, stay: { checkIn: '2026-11-01', checkOut: '2028-12-01' } })),
    });
    await takeTurn(world, [buildMessage({ text: 'la Lenga' }, { intents: ['availability'], ...stay, guests: four })]);
    expect(world.lookUps).to.be.at.most(24);
    world.lookUps = 0;
    const window = { from: '2027-01-01', to: '2027-12-31' };
    await takeTurn(world, [buildMessage({ text: 'cuando haya' }, { intents: ['availability'], window, guests: four })]);
    expect(world.lookUps).to.be.at.most(12);
  });

  it('works with one unit, with none and with very many', async () => {
    for (const count of [0, 1, 30]) {
      const world = createWorld({
        accommodations: Array.from({ length: count }, (_, i) =>
          buildUnit({ id: i + 1, name: `Departamento con vista al lago número ${i + 1}` }),
        ),
      });
      const { replies } = await takeTurn(world, [
        buildMessage({ text: 'hay lugar?' }, { intents: ['availability'], ...stay, guests: four }),
      ]);
      expect(replies).to.have.length.within(1, 2);
      for (const message of replies) expectSendable(message);
    }
  });

  it('names no other guest’s reservation', async () => {
    const world = createWorld();
    addBooking(world, { accommodationId: 1, id: 'mine' });
    const { decision } = await takeTurn(world, [buildMessage({ type: 'choice', choiceId: 'cancel_yes:theirs' })]);
    expect(decision.act).to.equal(null);
  });

  it('helps the understanding with the open question and the known dates', () => {
    expect(toUnderstandOptions({ ...stay, expecting: 'cancel_which' }, 'pt', '2026-11-24')).to.deep.equal({
      today: '2026-11-24',
      language: 'pt',
      known: stay,
      expecting: 'choice',
    });
    expect(toUnderstandOptions({ ...stay, expecting: 'guests' }, 'es', '2027-02-01')).to.deep.equal({
      today: '2027-02-01',
      language: 'es',
      known: {},
    });
  });

  it('says beforehand whose feeds a confirmation would need', () => {
    const look = lookAt(createWorld());
    expect(mayConfirm(shown, buildMessage({ text: 'dale' }, { intent: 'yes' }), look)).to.equal(1);
    expect(mayConfirm(shown, buildMessage({ text: 'wifi?' }, { intent: 'amenities' }), look)).to.equal(null);
    expect(mayConfirm({}, buildMessage({ text: 'dale' }, { intent: 'yes' }), look)).to.equal(null);
  });
});

describe('any conversation', () => {
  const sentences = [
    'hola',
    'hay lugar del 10 al 14 de enero para 4?',
    'del 20 al 22 de enero',
    'somos 2',
    'somos 9 con un perro',
    'la lenga',
    'la segunda',
    'la más barata',
    'otra',
    'dale',
    'sí',
    'no',
    'no, mejor el 12',
    'cambiar las fechas',
    'cancelar',
    'mis reservas',
    'wifi?',
    'dónde queda?',
    'fotos',
    'en enero',
    'un finde de febrero',
    '3 noches',
    'hasta el 8 de enero',
    '31/02',
    'ayer',
    'asdf',
    'gracias',
    'empezar de nuevo',
    'quiero hablar con una persona',
    'Olá, tem vaga de 10 a 14 de janeiro?',
    'Hi, do you have a cabin for 3 people?',
    '4',
    '2 adultos y 1 menor',
    'dos cabañas',
    'cómo pago?',
    '?',
  ];
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('say' as const),
        text: fc.constantFrom(...sentences),
        isVoice: fc.boolean(),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('tap' as const), index: fc.nat(60) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('late' as const), text: fc.constantFrom(...sentences) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('send' as const),
        type: fc.constantFrom('sticker', 'image', 'audio', 'unsupported'),
      }),
    },
  );

  it('never throws, never breaks a limit, holds only what the latest summary showed and a guest agreed to', async function () {
    this.timeout(20_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 }),
        async (turns) => {
          const world = createWorld({
            taken: [{ unitId: 2, stay: { checkIn: '2027-01-12', checkOut: '2027-01-13' } }],
          });
          const tappable: string[] = [];
          for (const batch of turns) {
            const messages = batch.flatMap((each) => {
              if (each.kind === 'tap') {
                const id = tappable[each.index % Math.max(1, tappable.length)];
                return id === undefined ? [] : [buildMessage({ type: 'choice', choiceId: id, text: 'x' })];
              }
              if (each.kind === 'send') return [buildMessage({ type: each.type, text: null })];
              const understanding = understand(
                each.text,
                toUnderstandOptions(world.state, world.language, '2026-11-24'),
              );
              const isVoice = each.kind === 'say' && each.isVoice;
              return [
                buildMessage({
                  type: isVoice ? 'audio' : 'text',
                  text: each.text,
                  isVoice,
                  isLate: each.kind === 'late',
                  understanding,
                }),
              ];
            });
            if (messages.length === 0) continue;
            const before = world.state;
            const { decision, replies } = await takeTurn(world, messages);
            expect(decision.covered).to.be.within(1, messages.length);
            for (const message of replies) {
              expectSendable(message);
              if (message.kind === 'buttons') tappable.push(...message.buttons.map(({ id }) => id));
              if (message.kind === 'list')
                tappable.push(...message.sections.flatMap((s) => s.rows.map(({ id }) => id)));
            }
            if (decision.act?.type === 'hold') {
              expect(before.summary).to.deep.include({
                accommodationId: decision.act.accommodationId,
                stay: decision.act.stay,
                party: decision.act.party,
              });
            }
            if (decision.act?.type === 'cancel') expect(before.cancelling).to.equal(decision.act.reservationId);
            const isQuiet = messages.slice(0, decision.covered).every(({ type }) => type === 'sticker');
            expect(replies.length === 0, `silence only for stickers: ${JSON.stringify(batch)}`).to.equal(isQuiet);
            if (messages[0]!.isLate) expect(world.state).to.deep.equal(before);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
