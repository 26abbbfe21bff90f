import type { Env } from '#shared/config/env.ts';
import type { CalendarDesk } from '#shared/domain/calendars/desk.ts';
import type { InTransaction } from '#shared/domain/ports.ts';
import type { PaymentGateway } from '#shared/domain/payments/gateway.ts';
import { addDays, maxDaysAhead } from '#shared/domain/stay.ts';
import { inspectNumber } from '#shared/integrations/whatsapp/inspect-number.ts';
import { fault, look, ok, warning, type Finding } from './finding.ts';

type Vendors = { payments: PaymentGateway; calendars: CalendarDesk; inTransaction: InTransaction };

/** Every vendor, asked something harmless with our credentials. */
export async function checkVendors(env: Env, vendors: Vendors | undefined): Promise<Finding[]> {
  const found = await Promise.all([
    look('whatsapp', 'is graph.facebook.com reachable from here, and WHATSAPP_API_URL right?', () => whatsapp(env)),
    vendors
      ? look('mercadopago', 'is the API reachable, and MERCADOPAGO_ACCESS_TOKEN right?', () =>
          mercadopago(env, vendors.payments),
        )
      : [],
    look('speech', 'is OPENAI_BASE_URL reachable from here?', () => speech(env)),
    vendors ? look('feeds', 'look at the feeds in the console', () => feeds(vendors)) : [],
  ]);
  return found.flat();
}

async function whatsapp({ whatsapp: settings }: Env): Promise<Finding> {
  const inspected = await inspectNumber(settings);
  if (inspected.type === 'ok') {
    if (inspected.quality === 'RED')
      return warning(
        'whatsapp',
        'the number’s quality is low: Meta may limit it',
        'look at the quality rating in the WhatsApp Manager',
      );
    return ok('whatsapp', 'token and number are right');
  }
  const { code, status } = inspected;
  if (status === 401 || code === 190)
    return fault(
      'whatsapp',
      'the access token is not valid (any more)',
      'make a permanent token of a system user and set WHATSAPP_ACCESS_TOKEN',
    );
  if (status === 400 || status === 404 || code === 100)
    return fault(
      'whatsapp',
      'the token does not know this number',
      'set WHATSAPP_PHONE_NUMBER_ID to the id (not the number) from the API setup page',
    );
  return fault(
    'whatsapp',
    `Graph API refused (${status}, ${code ?? 'no code'})`,
    'look the code up in Meta’s error list',
  );
}

async function mercadopago(
  { isProduction, mercadopago: { accessToken } }: Env,
  payments: PaymentGateway,
): Promise<Finding> {
  await payments.getMe(AbortSignal.timeout(8_000));
  return isProduction && accessToken.startsWith('TEST-')
    ? fault(
        'mercadopago',
        'a test token in production: nobody can pay',
        'set MERCADOPAGO_ACCESS_TOKEN to the production one (APP_USR-…)',
      )
    : ok('mercadopago', 'the token is right');
}

async function speech({ openai }: Env): Promise<Finding> {
  if (openai.apiKey === undefined && openai.baseUrl.startsWith('https://api.openai.com/'))
    return warning(
      'speech',
      'not set up: guests who speak are asked to write',
      'set OPENAI_API_KEY, or OPENAI_BASE_URL to a server of your own',
    );
  const answer = await fetch(`${openai.baseUrl}/models`, {
    headers: openai.apiKey ? { authorization: `Bearer ${openai.apiKey}` } : {},
    signal: AbortSignal.timeout(8_000),
    redirect: 'error',
  });
  if (answer.status === 401 || answer.status === 403)
    return fault('speech', 'the key is not valid', 'set OPENAI_API_KEY');
  return answer.ok || answer.status === 404
    ? ok('speech', `answers at ${new URL(openai.baseUrl).host}`)
    : warning('speech', `answers ${answer.status}`, 'look at the speech server’s log');
}

/** Each active feed is fetched once, by the guarded fetch of the imports; nothing of it is applied. */
async function feeds({ calendars, inTransaction }: Vendors): Promise<Finding[]> {
  const { all, window, now } = await inTransaction(async (stores) => ({
    all: (await stores.calendars.listFeeds()).filter(({ isPaused }) => !isPaused),
    window: { from: stores.today, to: addDays(stores.today, maxDaysAhead) },
    now: stores.now,
  }));
  if (all.length === 0) return [ok('feeds', 'none')];
  return Promise.all(
    all.map(async (feed): Promise<Finding> => {
      const check = `feed ${feed.id} (unit ${feed.accommodationId}, ${feed.channel})`;
      const fetched = await calendars.fetchCalendar(
        { ...feed, etag: null, lastModified: null },
        window,
        AbortSignal.timeout(10_000),
      );
      const minutes = Math.round((now.getTime() - (feed.lastGoodAt ?? feed.createdAt).getTime()) / 60_000);
      if (fetched.type === 'failed')
        return fault(
          check,
          `cannot be read (${fetched.reason}), last good ${minutes} minutes ago`,
          'copy the calendar’s address anew from the platform',
        );
      return minutes > 30
        ? warning(
            check,
            `can be read, but was not for ${minutes} minutes`,
            'start the calendars pool: npm run workers -- calendars',
          )
        : ok(check, `read, ${minutes} minutes old`);
    }),
  );
}
