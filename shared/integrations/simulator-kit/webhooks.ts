/** A webhook that is on its way: plain JSON, so that a simulator's state can keep it. */
export type PendingWebhook = {
  id: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  attempts: number;
  /** The last HTTP status; 0 when there was no answer. */
  lastStatus?: number;
};

/** How webhooks are sent. */
export type WebhookSenderOptions = {
  /** Waits before the next attempts, in milliseconds; the last one repeats for ever. */
  retryDelaysMs?: readonly number[];
  /** Time for one attempt, in milliseconds (10,000). */
  timeoutMs?: number;
  /** Called after every change of `pending()`. */
  onChange?: () => void;
};

/** Sends webhooks until they are taken (any 2xx), as the vendors do: a few quick attempts, then slower ones. */
export type WebhookSender = {
  /** Sends now and resolves after the first attempt with its status (0: no answer); retries go on by themselves. */
  send(webhook: Omit<PendingWebhook, 'attempts' | 'lastStatus'>): Promise<number>;
  /** Takes up what an earlier process left. */
  resume(webhooks: readonly PendingWebhook[]): void;
  pending(): PendingWebhook[];
  /** Tries all that is waiting again at once. */
  retryNow(): Promise<void>;
  /** Resolves when nothing is pending any more. */
  idle(): Promise<void>;
  /** Stops retrying; what is pending stays pending. */
  close(): void;
};

const quickThenSlow = [100, 250, 500, 1000, 2000, 5000, 15_000, 60_000];

/** A sender; its timers never keep a process alive. */
export function createWebhookSender(options: WebhookSenderOptions = {}): WebhookSender {
  const { retryDelaysMs = quickThenSlow, timeoutMs = 10_000, onChange = () => undefined } = options;
  const pending = new Map<string, PendingWebhook>();
  const timers = new Map<string, NodeJS.Timeout>();
  const waiters = new Set<() => void>();
  const stop = new AbortController();

  async function attempt(webhook: PendingWebhook): Promise<number> {
    timers.delete(webhook.id);
    webhook.attempts += 1;
    let status = 0;
    try {
      const response = await fetch(webhook.url, {
        method: 'POST',
        headers: webhook.headers,
        body: webhook.body,
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), stop.signal]),
      });
      status = response.status;
      await response.arrayBuffer();
    } catch {
      // No answer, or only half of one: tried again like a refusal.
    }
    webhook.lastStatus = status;
    if (status >= 200 && status < 300) {
      pending.delete(webhook.id);
      if (pending.size === 0) for (const wake of waiters) wake();
    } else if (!stop.signal.aborted) {
      const delay = retryDelaysMs[Math.min(webhook.attempts, retryDelaysMs.length) - 1] ?? 60_000;
      timers.set(webhook.id, setTimeout(() => void attempt(webhook), delay).unref());
    }
    onChange();
    return status;
  }

  return {
    send(webhook) {
      const entry: PendingWebhook = { ...webhook, attempts: 0 };
      pending.set(entry.id, entry);
      onChange();
      return attempt(entry);
    },
    resume(webhooks) {
      for (const webhook of webhooks) {
        const entry = { ...webhook, attempts: 0 };
        pending.set(entry.id, entry);
        timers.set(entry.id, setTimeout(() => void attempt(entry), retryDelaysMs[0] ?? 100).unref());
      }
    },
    pending: () => [...pending.values()],
    async retryNow() {
      const waiting = [...timers.keys()].flatMap((id) => pending.get(id) ?? []);
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await Promise.all(waiting.map(attempt));
    },
    async idle() {
      if (pending.size === 0) return;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          waiters.delete(wake);
          resolve();
        };
        waiters.add(wake);
      });
    },
    close() {
      stop.abort();
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
