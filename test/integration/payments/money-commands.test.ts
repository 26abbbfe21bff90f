import { parseArgs } from 'node:util';
import { expect } from 'chai';
import { DomainError } from '#shared/domain/errors.ts';
import { command as acceptPayment } from '../../../scripts/jobs/accept-payment.ts';
import { Misuse, type Command } from '../../../scripts/jobs/command.ts';
import type { Office } from '../../../scripts/jobs/office.ts';
import { command as payments } from '../../../scripts/jobs/payments.ts';
import { command as reconcile } from '../../../scripts/jobs/reconcile.ts';
import { command as recordPayment } from '../../../scripts/jobs/record-payment.ts';
import { command as refund } from '../../../scripts/jobs/refund.ts';
import { openRecords, type Records } from '../../support/records.ts';
import { createMoneyWorld, type MoneyWorld } from './money-world.ts';
import { createTill, openProvider, type Till } from './till.ts';

describe('the money commands', function () {
  this.timeout(60_000);
  let records: Records;
  let world: MoneyWorld;
  let provider: Awaited<ReturnType<typeof openProvider>>;
  let till: Till;
  before(async () => {
    records = await openRecords();
    provider = await openProvider();
    till = createTill(records, provider.gateway);
    world = createMoneyWorld({ ...records, inTransaction: till.inTransaction });
  });
  after(async () => {
    await provider.close();
    await records.close();
  });

  type Answer = { exitCode: number; data: Record<string, unknown>; message: string };
  const commands: Record<string, Command> = {
    'accept-payment': acceptPayment,
    payments,
    reconcile,
    'record-payment': recordPayment,
    refund,
  };

  /** A command as `scripts/jobs.ts` runs it, without the process around it. */
  async function jobs(name: string, ...rest: string[]): Promise<Answer> {
    const command = commands[name]!;
    const { values, positionals } = parseArgs({ args: rest, allowPositionals: true, options: command.options ?? {} });
    const office = {
      env: { currency: 'ARS' },
      database: records.database,
      inTransaction: till.inTransaction,
      payments: provider.gateway,
    };
    try {
      const options = values as Record<string, string | boolean | undefined>;
      const result = await command.run({ args: positionals, options }, office as unknown as Office);
      expect(result.text).to.be.a('string');
      return { exitCode: result.exitCode ?? 0, data: result.data as Record<string, unknown>, message: '' };
    } catch (error) {
      if (error instanceof Misuse) return { exitCode: 2, data: {}, message: error.message };
      if (error instanceof DomainError)
        return { exitCode: 1, data: {}, message: `${error.code} ${JSON.stringify(error.data)}` };
      throw error;
    }
  }

  it('record, list, accept, give back and reconcile, and say what was wrong', async () => {
    const { reservation } = await world.hold();
    const { code, totalCents, depositCents } = reservation;
    const pesos = (cents: number): string => (cents / 100).toFixed(2);

    const partial = await jobs('record-payment', code, '100,50', '--method', 'transfer', '--reference', 'tr-77');
    expect(partial.data).to.deep.include({ paymentId: 'tr-77', code, outcome: 'parked:insufficient', isNew: true });
    const parked = await jobs('payments', '--parked');
    expect(parked.data['payments']).to.have.length(1);
    expect((parked.data['payments'] as object[])[0]).to.deep.include({
      providerPaymentId: 'tr-77',
      allocations: { parked: 10_050 },
    });
    const accepted = await jobs('accept-payment', 'tr-77');
    expect(accepted.data).to.deep.include({ code, status: 'confirmed', outcome: 'confirmed' });
    const rest = await jobs('record-payment', code, pesos(totalCents - 10_050));
    expect(rest.data).to.include({ outcome: 'deposit' });
    expect((await jobs('refund', code)).message).to.match(/nothing_to_give_back/);
    const back = await jobs('refund', code, '--amount', pesos(500));
    expect(back.data['refunds']).to.have.length(1);
    expect((back.data['refunds'] as object[])[0]).to.include({ cents: 500, state: 'by_hand' });
    const given = await jobs('refund', code, '--given');
    expect((given.data['refunds'] as object[])[0]).to.include({ cents: 500, state: 'made' });

    const other = await world.hold();
    await till.runAll();
    const preference = provider.simulator
      .preferences()
      .find(({ body }) => body.external_reference === other.reservation.id)!;
    const paymentId = await provider.simulator.pay(preference.id);
    const look = await jobs('reconcile', '--hours', '1', '--dry-run');
    expect(look.data['differences']).to.have.length(1);
    const done = await jobs('reconcile', '--hours', '1');
    expect((done.data['differences'] as object[])[0]).to.include({
      paymentId,
      what: 'missing',
      theirs: 'approved',
      outcome: 'confirmed',
    });
    expect(await world.statusOf(other.reservation)).to.equal('confirmed');

    for (const [args, exit, words] of [
      [['record-payment', code], 2, /missing <amount>/],
      [['record-payment', code, 'mucho'], 2, /must be an amount/],
      [['record-payment', 'RES000000XXXXXX', '10'], 1, /reservation_not_found/],
      [['accept-payment', '404404'], 1, /payment_not_found/],
      [['refund'], 2, /missing <code>/],
      [['reconcile', '--hours', 'x'], 2, /--hours/],
    ] as const) {
      const [name, ...rest] = args;
      const answer = await jobs(name, ...rest);
      expect([answer.exitCode, words.test(answer.message)], args.join(' ')).to.deep.equal([exit, true]);
    }
    expect(depositCents).to.be.greaterThan(0);
  });
});
