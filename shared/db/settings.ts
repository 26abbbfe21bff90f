import type { Env } from '#shared/config/env.ts';
import type { Settings } from '#shared/domain/ports.ts';

/** What a transaction needs to know from the environment. */
export function toSettings(env: Env): Settings {
  return {
    timeZone: env.timezone,
    currency: env.currency,
    holdMinutes: env.holdMinutes,
    releaseDelayMinutes: 2,
    paymentGraceMinutes: env.paymentGraceMinutes,
    offerHours: env.offerHours,
    isProduction: env.isProduction,
    templates: env.whatsapp.templates,
  };
}
