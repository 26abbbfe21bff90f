import type { Context } from 'koa';
import type { Env } from '#shared/config/env.ts';
import { parseNotification } from '#shared/integrations/mercadopago/payload.ts';
import { verifyMercadoPagoSignature } from '#shared/integrations/mercadopago/signature.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import type { EnqueueAll } from '#shared/queues/enqueue.ts';
import { HttpProblem, unavailable } from '../problem.ts';

export type MercadoPagoWebhookDeps = {
  env: Pick<Env, 'mercadopago'>;
  metrics: Pick<Metrics, 'webhooksReceived'>;
  enqueueAll: EnqueueAll;
};

/**
 * Takes a notice. The IPN form (`topic`, in the query or the body) cannot be validated: 200, counted, nothing enqueued (a 4xx would
 * come back for hours, and the sweeps find what it would have told). Else the signature decides: 403; a payment is enqueued by its
 * id alone, and the worker fetches it; other topics are 200, counted. 503 when the queue refuses or is late.
 */
export function mercadopagoWebhook({
  env,
  metrics,
  enqueueAll,
}: MercadoPagoWebhookDeps): (ctx: Context, raw: Buffer) => Promise<void> {
  const count = (outcome: string): void => metrics.webhooksReceived.inc({ provider: 'mercadopago', outcome });
  return async (ctx, raw) => {
    const notification = parseNotification(ctx.query, parseJson(raw));
    if (notification.kind === 'ipn') return count('ipn');
    if (!isSigned(ctx, env.mercadopago.webhookSecret)) {
      count('bad_signature');
      throw new HttpProblem(403, 'bad_signature');
    }
    if (notification.kind !== 'payment') return count('ignored');
    try {
      const toldAt = new Date().toISOString();
      await enqueueAll([{ name: 'settle-payment', payload: { paymentId: notification.paymentId, toldAt } }]);
    } catch (error) {
      count('queue_unavailable');
      throw Object.assign(unavailable('queue_unavailable'), { cause: error });
    }
    count('accepted');
  };
}

function isSigned(ctx: Context, secret: string): boolean {
  return verifyMercadoPagoSignature({
    secret,
    xSignature: ctx.get('x-signature'),
    xRequestId: ctx.get('x-request-id'),
    dataId: ctx.query['data.id'],
  }).valid;
}

function parseJson(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
}
