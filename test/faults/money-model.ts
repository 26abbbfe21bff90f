import fc from 'fast-check';
import sinon from 'sinon';
import { acceptPayment } from '#shared/domain/payments/accept-payment.ts';
import type { PaymentGateway } from '#shared/domain/payments/gateway.ts';
import { giveBack } from '#shared/domain/payments/give-back.ts';
import { applyCredit, closeOffer } from '#shared/domain/payments/offers.ts';
import type { ProviderPayment } from '#shared/domain/payments/payment.ts';
import { recordPayment } from '#shared/domain/payments/record-payment.ts';
import { settlePayment } from '#shared/domain/payments/settle-payment.ts';
import { cancelReservation } from '#shared/domain/reservations/cancel.ts';
import { confirmReservation } from '#shared/domain/reservations/confirm.ts';
import { holdStay } from '#shared/domain/reservations/hold-stay.ts';
import type { Reservation } from '#shared/domain/reservations/reservation.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { MercadoPagoError } from '#shared/integrations/mercadopago/errors.ts';
import { noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import { createTill, openProvider, type Job, type Till } from '../integration/payments/till.ts';
import { buildGuest, buildHold, inDays, openRecords, type Records } from '../support/records.ts';
import { findViolations } from './money-invariants.ts';
import { clockError, history, type History, type Step } from './money-steps.ts';

type Provider = Awaited<ReturnType<typeof openProvider>>;

/** What one history did that the invariants must know. */
export type Deeds = {
  /** Reservations that a step cancelled. */
  cancelled: Set<string>;
  /** Refunds made in the provider's panel, by payment. */
  panelRefunds: Map<string, number>;
};

/** One guest's history under way. */
type Play = Deeds & {
  records: Records;
  provider: Provider;
  till: Till;
  guest: { contactId: string };
  rival: { contactId: string };
  /** Days from today where this history's nights begin. */
  from: number;
  reservations: Reservation[];
  paymentIds: string[];
  oldAnswers: ProviderPayment[];
  faults: { acted: boolean }[];
};

const windowsPerDatabase = 56;
const daysPerWindow = 8;
/** Histories that run at the same time, against each other. */
const together = 8;

/** The stores of a run: a fresh database whenever the calendar is full. */
function createStage() {
  let records: Records | undefined;
  let used = windowsPerDatabase;
  let phones = 0;
  return {
    /** Room for so many histories on one database. */
    async reserve(count: number): Promise<{ records: Records; windows: number[]; nextPhone: () => string }> {
      if (!records || used + count > windowsPerDatabase) {
        await records?.close();
        records = await openRecords({}, 12);
        used = 0;
      }
      const windows = Array.from({ length: count }, (_, i) => 60 + (used + i) * daysPerWindow);
      used += count;
      return { records, windows, nextPhone: () => `54929456${String(10_000 + (phones += 1))}` };
    },
    close: async () => records?.close(),
  };
}

/** Real time, whatever the faked clock of the app says. */
const realNow = (): Date => new Date(performance.timeOrigin + performance.now());

/**
 * Plays random histories of guests, holds, payments, lost and repeated notices, crashes between any two commits and wrong clocks
 * against the real store and the provider's simulator, and checks the invariants after quiet. Throws with the seed and the
 * histories of the first that break one. `onProgress` hears how many histories were played.
 */
export async function runMoneyModel({
  runs,
  seed,
  shrinks = false,
  onProgress = () => {},
}: {
  runs: number;
  seed?: number;
  /** Looks for the smallest history that fails, which takes minutes; the seed alone replays it. */
  shrinks?: boolean;
  onProgress?: (played: number) => void;
}): Promise<void> {
  const stage = createStage();
  let played = 0;
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(history, { minLength: together, maxLength: together }),
        clockError,
        async (histories, hours) => {
          await playTogether(histories, hours, stage);
          onProgress((played += histories.length));
        },
      ),
      { numRuns: Math.ceil(runs / together), ...(seed === undefined ? {} : { seed }), endOnFailure: !shrinks },
    );
  } finally {
    await stage.close();
  }
}

async function playTogether(
  histories: readonly History[],
  hours: number,
  stage: ReturnType<typeof createStage>,
): Promise<void> {
  const { records, windows, nextPhone } = await stage.reserve(histories.length);
  const provider = await openProvider(realNow);
  const clock = sinon.useFakeTimers({ now: Date.now() + hours * 3_600_000, toFake: ['Date'], shouldAdvanceTime: true });
  try {
    const plays: Play[] = [];
    for (const from of windows) plays.push(await patiently(() => begin(records, provider, from, nextPhone)));
    await Promise.all(plays.map(async (play, i) => playAll(play, histories[i]!)));
    for (const play of plays) play.faults.length = 0;
    await patiently(() => becomeQuiet(records, plays[0]!.till));
    const deeds: Deeds = {
      cancelled: new Set(plays.flatMap(({ cancelled }) => [...cancelled])),
      panelRefunds: new Map(plays.flatMap(({ panelRefunds }) => [...panelRefunds])),
    };
    const violations = await patiently(() => findViolations(records.database, provider.simulator.payments(), deeds));
    if (violations.length > 0)
      throw new Error(`after quiet:\n${[...violations, ...plays[0]!.till.troubles.slice(-10)].join('\n')}`);
  } finally {
    clock.restore();
    await provider.close();
  }
}

async function begin(records: Records, provider: Provider, from: number, nextPhone: () => string): Promise<Play> {
  const faults: Play['faults'] = [];
  return {
    records,
    provider,
    from,
    faults,
    till: createTill(records, withFaults(provider.gateway, faults)),
    guest: await buildGuest(records, nextPhone()),
    rival: await buildGuest(records, nextPhone()),
    reservations: [],
    paymentIds: [],
    oldAnswers: [],
    cancelled: new Set(),
    panelRefunds: new Map(),
  };
}

/** The gateway whose next call fails, before it is heard or after. */
function withFaults(gateway: PaymentGateway, faults: Play['faults']): PaymentGateway {
  const entries = Object.entries(gateway).map(([name, call]) => [
    name,
    async (...args: unknown[]) => {
      const fault = faults.shift();
      const act = (): Promise<unknown> => (call as (...a: unknown[]) => Promise<unknown>)(...args);
      if (!fault) return act();
      if (fault.acted) await act().catch(() => {});
      throw new MercadoPagoError('ambiguous', { detail: 'simulated' });
    },
  ]);
  return Object.fromEntries(entries) as PaymentGateway;
}

async function playAll(play: Play, steps: History): Promise<void> {
  for (const step of steps) {
    try {
      await takeStep(play, step);
    } catch (error) {
      // What the business or the vendor refuses, and a worker that had no connection, is a step that did nothing.
      if (!(error instanceof DomainError) && !(error instanceof MercadoPagoError) && !isStarved(error)) throw error;
    }
  }
}

/** A machine so busy that a connection is not had within the pool's second: the worker died before it began. */
function isStarved(error: unknown): boolean {
  return error instanceof Error && error.message.includes('timeout exceeded when trying to connect');
}

/** The same again while the machine is that busy. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isStarved(error) || tries === 10) throw error;
    }
  }
}

function pick<T>(from: readonly T[], of: number): T | undefined {
  return from.length === 0 ? undefined : from[of % from.length];
}

async function takeStep(play: Play, step: Step): Promise<void> {
  const { till } = play;
  switch (step.do) {
    case 'book':
      return hold(play, play.guest, 'Cabaña Lenga', step.slot);
    case 'choose':
      return hold(play, play.guest, 'Departamento Coihue', step.slot);
    case 'rival':
      return hold(play, play.rival, 'Cabaña Lenga', step.slot);
    case 'decline': {
      await till.inTransaction(async (stores) => {
        const offer = await stores.offers.findOpenOf(play.guest.contactId);
        if (offer) await closeOffer(offer.id, { actor: 'guest', as: 'declined' }, stores);
      });
      return;
    }
    case 'cancel': {
      const reservation = pick(play.reservations, step.of);
      if (!reservation) return;
      await till.inTransaction((stores) => cancelReservation(reservation.id, stores, { actor: step.by }));
      play.cancelled.add(reservation.id);
      return;
    }
    case 'pay':
      return pay(play, step);
    case 'turn':
      return turn(play, step);
    case 'work': {
      const index = till.jobs.length === 0 ? -1 : step.of % till.jobs.length;
      const [job] = index < 0 ? [] : till.jobs.splice(index, 1);
      if (job) await till.run(job, step.crash);
      return;
    }
    case 'lose':
      if (till.jobs.length > 0) till.jobs.splice(step.of % till.jobs.length, 1);
      return;
    case 'sweep':
      await till.run({ name: step.which, payload: {} } as Job, step.crash);
      return;
    case 'old_answer': {
      const old = pick(play.oldAnswers, step.of);
      if (old) await till.inTransaction((stores) => settlePayment(old, stores));
      return;
    }
    case 'vendor_fails':
      play.faults.push({ acted: step.acted });
      return;
    case 'pass':
      return passTime(play.records, step.minutes, [play.guest.contactId, play.rival.contactId]);
    case 'give_back': {
      const reservation = pick(play.reservations, step.of);
      if (reservation)
        await till.inTransaction((stores) =>
          giveBack({ reservationId: reservation.id, includingStay: step.all, actor: 'owner' }, stores),
        );
      return;
    }
    case 'cash': {
      const reservation = pick(play.reservations, step.of);
      if (!reservation) return;
      const amountCents = step.isWhole ? reservation.depositCents : 10_000;
      await till.inTransaction((stores) =>
        recordPayment({ reservationId: reservation.id, amountCents, method: 'cash', actor: 'owner' }, stores),
      );
      return;
    }
    case 'confirm': {
      const reservation = pick(play.reservations, step.of);
      if (!reservation) return;
      await till.inTransaction(async (stores) => {
        await stores.occupancies.lockUnits([reservation.accommodationId]);
        const locked = await stores.reservations.lock(reservation.id);
        if (locked?.status === 'held') await confirmReservation(locked, stores, { actor: 'owner', paidCents: 0 });
      });
      return;
    }
    case 'accept': {
      const paymentId = pick(play.paymentIds, step.of);
      if (paymentId) await till.inTransaction((stores) => acceptPayment({ paymentId, actor: 'owner' }, stores));
      return;
    }
  }
}

/** A guest's hold, with the credit that may wait for it; a rival's is confirmed at once. */
async function hold(play: Play, who: { contactId: string }, unit: string, slot: number): Promise<void> {
  const checkIn = inDays(play.from + slot * 3);
  const checkOut = inDays(play.from + slot * 3 + 2);
  const request = await buildHold(play.records, {
    unit,
    checkIn,
    checkOut,
    contactId: who.contactId,
    channel: 'whatsapp',
    actor: 'guest',
  });
  const held = await play.till.inTransaction(async (stores) => {
    const outcome = await holdStay(request, stores, noCourtesyLock);
    if (outcome.type !== 'held') return undefined;
    if (who === play.guest) await applyCredit(outcome.reservation, stores);
    else await confirmReservation(outcome.reservation, stores, { actor: 'owner', paidCents: 0 });
    return outcome.reservation;
  });
  if (held && who === play.guest) play.reservations.push(held);
}

async function pay(play: Play, { of, how, notices }: Extract<Step, { do: 'pay' }>): Promise<void> {
  const reservation = pick(play.reservations, of);
  const { simulator } = play.provider;
  const preference = simulator.preferences().findLast(({ body }) => body.external_reference === reservation?.id);
  if (!reservation || !preference) return;
  const whole = Math.round(preference.body.items[0]!.unit_price * 100);
  const amountCents = how === 'part' ? Math.ceil(whole / 3) : how === 'more' ? whole + 12_345 : whole;
  const status = how === 'pending' || how === 'rejected' ? how : 'approved';
  const id = await simulator.pay(preference.id, {
    late: true,
    amountCents,
    status,
    ...(how === 'dollars' ? { currency: 'USD' } : {}),
  });
  play.paymentIds.push(id);
  await tell(play, id, notices);
}

async function turn(play: Play, { of, to, notices }: Extract<Step, { do: 'turn' }>): Promise<void> {
  const id = pick(play.paymentIds, of);
  if (!id) return;
  const { simulator } = play.provider;
  const now = simulator.payments().find((payment) => String(payment.id) === id)!;
  const isWhole = now.transaction_amount_refunded === 0;
  const can: Record<typeof to, boolean> = {
    approved: ['pending', 'in_mediation', 'charged_back'].includes(now.status),
    rejected: now.status === 'pending',
    panel_part: now.status === 'approved' && isWhole,
    panel_all: now.status === 'approved',
    charged_back: ['approved', 'in_mediation'].includes(now.status),
    in_mediation: now.status === 'approved',
  };
  if (!can[to]) return;
  const old = await play.provider.gateway.getPayment(id);
  if (old) play.oldAnswers.push(old);
  if (to === 'panel_part' || to === 'panel_all') {
    await simulator.refundFromPanel(id, to === 'panel_part' ? 7_700 : undefined);
    play.panelRefunds.set(id, (play.panelRefunds.get(id) ?? 0) + 1);
  } else await simulator.change(id, { status: to });
  await tell(play, id, notices);
}

/** So many notices; each is a job that may be lost, doubled and late like any other. */
function tell(play: Play, paymentId: string, notices: number): Promise<void> {
  for (let i = 0; i < notices; i++) play.till.jobs.push({ name: 'settle-payment', payload: { paymentId } });
  return Promise.resolve();
}

/** Time passes by moving rows: of the named contacts, or (quiet) of everybody. */
async function passTime({ database }: Records, minutes: number, contacts?: readonly string[]): Promise<void> {
  const mine = contacts ? `AND r.contact_id = ANY ('{${contacts.join(',')}}')` : '';
  const by = `make_interval(mins => ${minutes})`;
  const ofMine = `FROM reservations r WHERE t.reservation_id = r.id ${mine}`;
  await database.query(
    `UPDATE reservations r SET hold_expires_at = hold_expires_at - ${by}, release_at = release_at - ${by} WHERE true ${mine}`,
  );
  await database.query(
    `UPDATE payment_links t SET created_at = t.created_at - ${by}, expires_at = t.expires_at - ${by}, next_attempt_at = t.next_attempt_at - ${by},
       made_at = t.made_at - ${by}, asked_at = t.asked_at - ${by} ${ofMine}`,
  );
  await database.query(`UPDATE payment_offers t SET expires_at = t.expires_at - ${by} ${ofMine}`);
  await database.query(
    `UPDATE refunds t SET next_attempt_at = t.next_attempt_at - ${by}, called_at = t.called_at - ${by} ${ofMine}`,
  );
}

/** No more guests, no more faults: every sweep comes by until nothing waits. */
async function becomeQuiet(records: Records, till: Till): Promise<void> {
  const sweep = async (name: Job['name']): Promise<void> => {
    await till.run({ name, payload: {} } as Job).catch(ignoreVendor);
    for (let job = till.jobs.shift(); job; job = till.jobs.shift()) await till.run(job).catch(ignoreVendor);
  };
  till.jobs.length = 0;
  await passTime(records, 1);
  await sweep('sweep-missing-links');
  await sweep('sweep-recent-payments');
  // Its time, its grace, and once more for what a machine without breath did not do.
  for (let round = 0; round < 5; round++) {
    await passTime(records, 45);
    await sweep('sweep-due-holds');
    const [{ held }] = await records.database.query(
      `SELECT count(*)::int AS held FROM reservations WHERE status = 'held'`,
    );
    if (held === 0) break;
  }
  for (let round = 0; round < 8; round++) {
    // What the provider has refused three times it would refuse for hours.
    if (round === 3)
      await records.database.query(`UPDATE refunds SET attempts = greatest(attempts, 11) WHERE state = 'wanted'`);
    await sweep('sweep-unmade-refunds');
    const waiting = await till.inTransaction((stores) => stores.refunds.listWaiting(-86_400, 1));
    if (waiting.length === 0) break;
    await records.database.query(
      `UPDATE refunds SET next_attempt_at = now() - interval '1 minute' WHERE state IN ('wanted', 'processing')`,
    );
  }
  await records.database.query(`DELETE FROM sweep_runs WHERE sweep = 'reconcile-72h'`);
  await sweep('sweep-recent-payments');
}

function ignoreVendor(error: unknown): void {
  if (!(error instanceof MercadoPagoError)) throw error;
}
