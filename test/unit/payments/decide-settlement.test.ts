import { expect } from 'chai';
import fc from 'fast-check';
import {
  adjustAllocations,
  decidePlacement,
  isChargedBack,
  moveCents,
  outcomeOf,
  splitForStay,
  sumHoldings,
  type PlacementFacts,
} from '#shared/domain/payments/decide-settlement.ts';
import type { Allocations, AllocatedPayment, Payment } from '#shared/domain/payments/payment.ts';

const sum = (allocations: Allocations): number => Object.values(allocations).reduce((total, cents) => total + cents, 0);
const cents = fc.integer({ min: 0, max: 10_000_000 });
const someAllocations: fc.Arbitrary<Allocations> = fc.record({
  deposit: cents,
  balance: cents,
  credit: cents,
  parked: cents,
  refund: cents,
});

const facts: PlacementFacts = {
  reservation: { status: 'held', depositCents: 1_000, totalCents: 4_000, currency: 'ARS' },
  purpose: 'deposit',
  expectedCollectorId: '1',
  others: { depositCents: 0, balanceCents: 0, creditCents: 0, partialsCents: 0 },
  hasOffer: false,
  rescue: 'possible',
  isProduction: true,
};
const money = { netCents: 1_000, currency: 'ARS', status: 'approved', liveMode: true, collectorId: '1' };

describe('where newly approved money belongs', () => {
  it('confirms with exactly the deposit and not with a cent less', () => {
    expect(decidePlacement(money, facts)).to.deep.equal({ do: 'deposit', confirms: true });
    expect(decidePlacement({ ...money, netCents: 999 }, facts)).to.deep.equal({ do: 'park', reason: 'insufficient' });
  });

  it('counts partials and credit towards the deposit', () => {
    const others = { ...facts.others, partialsCents: 300, creditCents: 600 };
    expect(decidePlacement({ ...money, netCents: 100 }, { ...facts, others })).to.deep.equal({
      do: 'deposit',
      confirms: true,
    });
  });

  it('asks who it is for before it asks how much: reference, mode, currency, payee, dispute', () => {
    const everything = {
      ...money,
      netCents: 1,
      currency: 'USD',
      liveMode: false,
      collectorId: '2',
      status: 'in_mediation',
    };
    const reasons = [];
    let [given, known]: [typeof everything, PlacementFacts] = [everything, { ...facts, reservation: null }];
    for (const fix of [
      () => (known = facts),
      () => (given = { ...given, liveMode: true }),
      () => (given = { ...given, currency: 'ARS' }),
      () => (given = { ...given, collectorId: '1' }),
      () => (given = { ...given, status: 'approved' }),
      () => {},
    ]) {
      const placement = decidePlacement(given, known);
      reasons.push(placement.do === 'park' ? placement.reason : placement.do);
      fix();
    }
    expect(reasons).to.deep.equal([
      'unknown_reference',
      'test_mode',
      'other_currency',
      'other_collector',
      'in_mediation',
      'insufficient',
    ]);
  });

  it('lets test mode be money outside production, and an unknown payee pass', () => {
    expect(decidePlacement({ ...money, liveMode: false }, { ...facts, isProduction: false }).do).to.equal('deposit');
    expect(decidePlacement({ ...money, collectorId: null }, facts).do).to.equal('deposit');
    expect(decidePlacement({ ...money, collectorId: '2' }, { ...facts, expectedCollectorId: null }).do).to.equal(
      'deposit',
    );
  });
});

describe('the arithmetic of allocations', () => {
  it('splits every amount over deposit, balance and what the stay does not cost, losing none', () => {
    fc.assert(
      fc.property(cents, cents, cents, cents, cents, (net, deposit, rest, hadDeposit, hadBalance) => {
        const stay = { depositCents: deposit, totalCents: deposit + rest };
        const split = splitForStay(net, stay, { depositCents: hadDeposit, balanceCents: hadBalance });
        expect(sum(split)).to.equal(net);
        expect(Math.min(...Object.values(split))).to.be.at.least(0);
        expect(split.deposit).to.be.at.most(Math.max(0, deposit - hadDeposit));
      }),
    );
  });

  it('moves cents without making or losing any, and never below zero', () => {
    fc.assert(
      fc.property(someAllocations, cents, (has, wanted) => {
        const moved = moveCents(has, wanted, 'refund');
        expect(sum(moved)).to.equal(sum(has));
        expect(Math.min(...Object.values(moved))).to.be.at.least(0);
        expect((moved.refund ?? 0) - (has.refund ?? 0)).to.equal(Math.min(wanted, sum(has) - (has.refund ?? 0)));
      }),
    );
  });

  it('adjusts to gross, returned and charged back exactly', () => {
    fc.assert(
      fc.property(
        someAllocations,
        fc.integer({ min: -500, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (has, more, part, isLost) => {
          const grossCents = Math.max(0, sum(has) + more);
          const returnedCents = Math.floor(grossCents * part);
          const next = adjustAllocations(has, { grossCents, returnedCents, isChargedBack: isLost });
          expect(sum(next)).to.equal(grossCents);
          expect(next.refund ?? 0).to.equal(returnedCents);
          expect(Math.min(0, ...Object.values(next))).to.equal(0);
          if (isLost) expect(next.charged_back).to.equal(grossCents - returnedCents);
        },
      ),
    );
  });

  it('takes from what nobody counts on first, the deposit last', () => {
    const has = { deposit: 100, balance: 100, parked: 100 };
    expect(moveCents(has, 150, 'refund')).to.deep.include({ parked: 0, balance: 50, deposit: 100, refund: 150 });
  });

  it('counts money in another currency as the deposit that the owner took it for, and never adds it', () => {
    const of = (currency: string, allocations: Allocations, outcome = 'deposit'): AllocatedPayment => ({
      payment: { currency, outcome } as Payment,
      allocations,
    });
    const stay = { currency: 'ARS', depositCents: 1_000 };
    expect(
      sumHoldings([of('ARS', { deposit: 400, balance: 5 }), of('USD', { parked: 7 }, 'parked:insufficient')], stay),
    ).to.deep.equal({
      depositCents: 400,
      balanceCents: 5,
      creditCents: 0,
      partialsCents: 0,
    });
    expect(sumHoldings([of('USD', { deposit: 7 })], stay).depositCents).to.equal(1_000);
  });

  it('reads a charge-back that was decided for the lodging as money that is back', () => {
    expect(isChargedBack({ status: 'charged_back', statusDetail: 'settled' })).to.equal(true);
    expect(isChargedBack({ status: 'charged_back', statusDetail: 'reimbursed' })).to.equal(false);
    expect(outcomeOf({ status: 'charged_back', statusDetail: 'reimbursed' }, { deposit: 5 }, 'charged_back')).to.equal(
      'deposit',
    );
  });
});
