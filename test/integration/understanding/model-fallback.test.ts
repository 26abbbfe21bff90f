import { expect } from 'chai';
import { modelBudget } from '#shared/domain/conversations/model-answer.ts';
import { createPhone, openHouse, type House } from '../../support/house.ts';
import { openModelServer } from '../../support/model-server.ts';

const puzzle = 'se alcanza a mirar la luna acostado?';

describe('the language model behind the rules', () => {
  let model: Awaited<ReturnType<typeof openModelServer>>;
  let house: House;
  before(async () => {
    model = await openModelServer();
    house = await openHouse('postgres', {
      pools: ['conversations', 'deliveries'],
      variables: { OPENAI_BASE_URL: model.url, NLU_MODEL: 'stub' },
    });
  });
  after(async () => {
    await house.close();
    await model.close();
  });
  beforeEach(() => {
    model.asked.length = 0;
    model.answerWith(() => ({ intent: 'amenities' }));
  });

  const callsOf = (phone: string): Promise<{ tokens: number }[]> =>
    house.database.query(
      `SELECT m.tokens FROM model_calls m JOIN contact_identities i ON i.contact_id = m.contact_id WHERE i.value = $1`,
      [phone],
    );

  it('answers what the rules could not read, and writes down what it cost', async () => {
    const ana = createPhone(house);
    await ana.say(puzzle);
    const { text } = await ana.waitFor(/./);
    expect(text).to.match(/wifi/i);
    expect(await callsOf(ana.phone)).to.deep.equal([{ tokens: 150 }]);
  });

  it('is not asked what the rules can read', async () => {
    const ana = createPhone(house);
    await ana.say('hola, hay lugar del 10 al 12 de marzo para 4?');
    await ana.waitFor(/Lenga/);
    expect(model.asked).to.deep.equal([]);
  });

  it('is asked while no transaction holds the chat', async () => {
    let locked: unknown;
    model.answerWith(async () => {
      locked = await house.database.query('SELECT id FROM conversations FOR UPDATE NOWAIT').then(
        () => 'free',
        (error: unknown) => error,
      );
      return { intent: 'amenities' };
    });
    const ana = createPhone(house);
    await ana.say(puzzle);
    await ana.waitFor(/wifi/i);
    expect(locked).to.equal('free');
  });

  it('cannot say yes for a guest', async () => {
    model.answerWith(() => ({ intent: 'yes', checkIn: '2027-03-10', checkOut: '2027-03-12', adults: 4 }));
    const ana = createPhone(house);
    await ana.say('quiero la Lenga del 10 al 12 de marzo para 4');
    await ana.waitFor(/Confirmo|Seña/i);
    await ana.say('mirá vos qué cosa rara');
    await ana.waitFor(/./);
    expect(model.asked).to.have.length(1);
    expect(await house.database.query('SELECT 1 FROM reservations')).to.deep.equal([]);
  });

  it('is left out when the day’s budget is spent', async () => {
    const ana = createPhone(house);
    await ana.say('hola');
    await ana.waitFor(/./);
    await house.database.query(
      `INSERT INTO model_calls (contact_id, tokens) SELECT contact_id, 10 FROM contact_identities, generate_series(1, $2) WHERE value = $1`,
      [ana.phone, modelBudget.calls],
    );
    await ana.say(puzzle);
    await ana.waitFor(/./);
    expect(model.asked).to.deep.equal([]);
    // Yesterday's calls are forgotten.
    await house.database.query(`UPDATE model_calls SET called_at = now() - interval '25 hours'`);
    await ana.say(puzzle);
    await ana.waitFor(/wifi/i);
    expect(await callsOf(ana.phone)).to.deep.equal([{ tokens: 150 }]);
  });

  it('is left out when the tokens of the day are spent', async () => {
    const ana = createPhone(house);
    await ana.say('hola');
    await ana.waitFor(/./);
    await house.database.query(
      `INSERT INTO model_calls (contact_id, tokens) SELECT contact_id, $2 FROM contact_identities WHERE value = $1`,
      [ana.phone, modelBudget.tokens],
    );
    await ana.say(puzzle);
    await ana.waitFor(/./);
    expect(model.asked).to.deep.equal([]);
  });

  it('keeps no guest waiting: a model that hangs is cut off, a broken one passed over', async () => {
    for (const broken of ['not json', { choices: 'none' }, new Promise<object>(() => {})]) {
      model.answerWith(() => broken);
      const ana = createPhone(house);
      await ana.say(puzzle);
      await ana.waitFor(/./, 20_000);
    }
    expect(model.asked).to.have.length(3);
  });
});
