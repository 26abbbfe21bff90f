import type { WebhookSender } from '../simulator-kit/webhooks.ts';
import { signMercadoPago } from './signature.ts';
import type { SimulatedPayment } from './simulator-state.ts';

/** How notices travel; every switch is off at first. */
export type NoticeSwitches = {
  /** Nothing is sent at all. */
  drop?: boolean;
  /** So many more copies of each, at the same time. */
  duplicates?: number;
  /** Sent so much later. */
  delayMs?: number;
  /** Kept until `releaseNotices`, which sends them newest first. */
  hold?: boolean;
  /** Besides, the old unsigned form `?topic=payment&id=` with a signature that does not verify. */
  alsoIpn?: boolean;
  /** `ts` in seconds (10 digits) or milliseconds (13, the default). */
  tsDigits?: 10 | 13;
};

type Notice = { url: string; headers: Record<string, string>; body: string };

/** Sends the notices of payments by the switches. */
export function createNotices(tools: {
  secret: string;
  webhooks: WebhookSender;
  nextNumber: () => number;
  now: () => Date;
}): {
  set(switches: NoticeSwitches): void;
  /** Resolves after the first attempts, or at once when they are held, dropped or late. */
  notify(payment: SimulatedPayment, action: 'payment.created' | 'payment.updated'): Promise<void>;
  release(): Promise<void>;
  close(): void;
} {
  const { secret, webhooks, nextNumber, now } = tools;
  let switches: NoticeSwitches = {};
  const held: Notice[][] = [];
  const timers = new Set<NodeJS.Timeout>();

  function signed(payment: SimulatedPayment, action: string, to: string): Notice {
    const number = nextNumber();
    const dataId = String(payment.body.id);
    const xRequestId = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const ms = now().getTime();
    const ts = switches.tsDigits === 10 ? Math.floor(ms / 1000) : ms;
    const url = new URL(to);
    url.searchParams.set('data.id', dataId);
    url.searchParams.set('type', 'payment');
    return {
      url: url.href,
      headers: {
        'content-type': 'application/json',
        'x-request-id': xRequestId,
        'x-signature': signMercadoPago({ secret, dataId, xRequestId, ts }),
      },
      body: JSON.stringify({
        action,
        api_version: 'v1',
        data: { id: dataId },
        date_created: now().toISOString(),
        id: number,
        live_mode: payment.body.live_mode,
        type: 'payment',
        user_id: String(payment.body.collector_id),
      }),
    };
  }

  function unsigned(payment: SimulatedPayment, to: string): Notice {
    const url = new URL(to);
    url.searchParams.set('topic', 'payment');
    url.searchParams.set('id', String(payment.body.id));
    const headers = { 'content-type': 'application/json', 'x-signature': `ts=${now().getTime()},v1=${'0'.repeat(64)}` };
    return { url: url.href, headers, body: JSON.stringify({ resource: String(payment.body.id), topic: 'payment' }) };
  }

  async function send(notices: readonly Notice[]): Promise<void> {
    await Promise.all(notices.map((notice) => webhooks.send({ ...notice, id: `notice-${nextNumber()}` })));
  }

  return {
    set(wanted) {
      switches = wanted;
    },
    async notify(payment, action) {
      const to = payment.notificationUrl;
      if (to === undefined || switches.drop === true) return;
      const notice = signed(payment, action, to);
      const copies = Array.from({ length: 1 + (switches.duplicates ?? 0) }, () => notice);
      const notices = switches.alsoIpn === true ? [...copies, unsigned(payment, to)] : copies;
      if (switches.hold === true) {
        held.push(notices);
      } else if ((switches.delayMs ?? 0) > 0) {
        const timer = setTimeout(() => {
          timers.delete(timer);
          void send(notices);
        }, switches.delayMs).unref();
        timers.add(timer);
      } else {
        await send(notices);
      }
    },
    async release() {
      for (const notices of held.splice(0).toReversed()) await send(notices);
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
