import { createInTransaction } from '#shared/db/transaction.ts';
import type { PaymentGateway } from '#shared/domain/payments/gateway.ts';
import type { InTransaction, Nudge, Settings } from '#shared/domain/ports.ts';
import { createMercadoPagoClient } from '#shared/integrations/mercadopago/client.ts';
import { createMercadoPagoSimulator, type MercadoPagoSimulator } from '#shared/integrations/mercadopago/simulator.ts';
import { createLogger } from '#shared/observability/logger.ts';
import type { JobName, Payload } from '#shared/queues/contracts.ts';
import { expireHoldById } from '../../../workers/expirations/expire-hold.ts';
import { sweepDueHolds } from '../../../workers/expirations/sweep-due-holds.ts';
import { closePaymentLink } from '../../../workers/payments/close-payment-link.ts';
import { createPaymentLink } from '../../../workers/payments/create-payment-link.ts';
import { refundPayment } from '../../../workers/payments/refund-payment.ts';
import { settlePaymentById } from '../../../workers/payments/settle-payment.ts';
import { sweepDueOffers } from '../../../workers/payments/sweep-due-offers.ts';
import { sweepMissingLinks } from '../../../workers/payments/sweep-missing-links.ts';
import { sweepRecentPayments } from '../../../workers/payments/sweep-recent-payments.ts';
import { sweepUnmadeRefunds } from '../../../workers/payments/sweep-unmade-refunds.ts';
import { sweepUnsettledPayments } from '../../../workers/payments/sweep-unsettled-payments.ts';
import { testSettings, type Records } from '../../support/records.ts';
import { track } from '../../support/track.ts';

/** The worker died here: after this commit, or after this call of the provider was heard. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export type Job = { [N in JobName]: { name: N; payload: Payload<N> } }[JobName];

/** What handles money of one lodging, job by job, in a test's hands: no queue, so that jobs can be lost, doubled and reordered. */
export type Till = {
  inTransaction: InTransaction;
  payments: PaymentGateway;
  /** Jobs that commits asked for and nobody ran yet. */
  jobs: Job[];
  /** What its workers logged as a warning or worse. */
  troubles: string[];
  /** Runs a job; with `crashAfter` the worker dies after so many commits and calls: true when it did. */
  run(job: Job, crashAfter?: number): Promise<boolean>;
  /** Runs all jobs that wait, and those that they ask for; a job that fails is tried again by the sweeps, not here. */
  runAll(): Promise<void>;
};

/** The provider of the tests and its client; close it in `after`. */
export async function openProvider(
  now?: () => Date,
): Promise<{ simulator: MercadoPagoSimulator; gateway: PaymentGateway; close(): Promise<void>; url: string }> {
  const simulator = createMercadoPagoSimulator({
    accessToken: 'APP_USR-till',
    webhookSecret: 'till-secret',
    // Several providers, one after the other, on one database.
    randomIds: true,
    ...(now ? { now } : {}),
  });
  const { url } = await simulator.listen();
  // Notices are the tests' to give: what a queue would hold is in `jobs`.
  simulator.setNotices({ drop: true });
  const gateway = createMercadoPagoClient({ apiUrl: url, accessToken: 'APP_USR-till', timeoutMs: 2_000 });
  return track({ simulator, gateway, url, close: () => simulator.close() }, 'provider');
}

export function createTill(
  records: Pick<Records, 'database'>,
  gateway: PaymentGateway,
  settings: Partial<Settings> = {},
): Till {
  const jobs: Job[] = [];
  const troubles: string[] = [];
  const log = createLogger({ logLevel: 'warn', isProduction: true }, { write: (line) => void troubles.push(line) });
  const follow = createInTransaction(records.database, { ...testSettings, ...settings }, (nudges) => {
    jobs.push(...nudges.flatMap(toJob));
    return Promise.resolve();
  });
  const till: Till = {
    inTransaction: follow,
    payments: gateway,
    jobs,
    troubles,
    async run(job, crashAfter = 0) {
      let steps = 0;
      const step = async <T>(work: Promise<T>): Promise<T> => {
        const value = await work;
        steps += 1;
        if (steps === crashAfter) throw new Crash();
        return value;
      };
      const mortal: PaymentGateway = Object.fromEntries(
        Object.entries(gateway).map(([name, call]) => [
          name,
          (...args: unknown[]) => step((call as (...a: unknown[]) => Promise<unknown>)(...args)),
        ]),
      ) as PaymentGateway;
      const deps = {
        database: records.database,
        log,
        env: { publicUrl: 'http://127.0.0.1:1' },
        payments: mortal,
        inTransaction: <T>(work: Parameters<typeof follow<T>>[0]): Promise<T> => step(follow(work)),
        enqueue: (name: JobName, payload: unknown) => {
          jobs.push({ name, payload } as Job);
          return Promise.resolve();
        },
      };
      try {
        await handle(job, deps, new AbortController().signal);
        return false;
      } catch (error) {
        if (error instanceof Crash) return true;
        throw error;
      }
    },
    async runAll() {
      for (let job = jobs.shift(); job; job = jobs.shift()) await till.run(job);
    },
  };
  return till;
}

type HandlerDeps = Parameters<typeof sweepUnsettledPayments>[1] &
  Parameters<typeof createPaymentLink>[1] &
  Parameters<typeof sweepUnmadeRefunds>[1];

async function handle(job: Job, deps: HandlerDeps, signal: AbortSignal): Promise<void> {
  switch (job.name) {
    case 'create-payment-link':
      return createPaymentLink(job.payload, deps, signal);
    case 'close-payment-link':
      return closePaymentLink(job.payload, deps, signal);
    case 'settle-payment':
      return settlePaymentById(job.payload, deps, signal);
    case 'refund-payment':
      return refundPayment(job.payload, deps, signal);
    case 'expire-hold':
      return expireHoldById(job.payload, deps, signal);
    case 'sweep-due-holds':
      return sweepDueHolds({}, deps, signal);
    case 'sweep-missing-links':
      return sweepMissingLinks({}, deps);
    case 'sweep-unsettled-payments':
      return sweepUnsettledPayments({}, deps, signal);
    case 'sweep-unmade-refunds':
      return sweepUnmadeRefunds({}, deps);
    case 'sweep-due-offers':
      return sweepDueOffers({}, deps, signal);
    case 'sweep-recent-payments':
      return sweepRecentPayments({}, deps, signal);
    default:
      throw new Error(`${job.name} is not the till's`);
  }
}

/** What is enqueued for a nudge; messages and courtesy keys are not the till's, and a hold's end is the sweep's here. */
function toJob(nudge: Nudge): Job[] {
  switch (nudge.type) {
    case 'make_link':
      return [{ name: 'create-payment-link', payload: { paymentLinkId: nudge.paymentLinkId } }];
    case 'close_link':
      return [{ name: 'close-payment-link', payload: { paymentLinkId: nudge.paymentLinkId } }];
    case 'make_refund':
      return [{ name: 'refund-payment', payload: { refundId: nudge.refundId } }];
    default:
      return [];
  }
}
