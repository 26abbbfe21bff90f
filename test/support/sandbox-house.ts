import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import type { Context } from 'koa';
import { splitWebhook } from '#shared/integrations/whatsapp/payload.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { errorResponder } from '../../api/middleware/error-responder.ts';
import { securityHeaders } from '../../api/middleware/security-headers.ts';
import { createSandbox } from '../../api/sandbox/sandbox.ts';
import type { Sandbox, SandboxDeps } from '../../api/sandbox/sandbox.ts';
import { track } from './track.ts';

/** The sandbox mounted as in the app, and behind it an app that only answers what a guest writes. */
export type SandboxHouse = {
  url: string;
  sandbox: Sandbox;
  /** Payment ids of the notices that came, in order. */
  notices: string[];
  /** A payment link for "Cabaña Arrayán · seña" over $ 14.400, open for `minutes` (30); its address. */
  makeLink(options?: { minutes?: number; reference?: string }): Promise<string>;
  close(): Promise<void>;
};

const phoneNumberId = '100000000000001';
const env: Omit<SandboxDeps['env'], 'dataDir'> = {
  isProduction: false,
  isSandbox: true,
  port: 0,
  publicUrl: 'http://localhost:0',
  timezone: 'America/Argentina/Buenos_Aires',
  whatsapp: {
    accessToken: 'wa-token',
    phoneNumberId,
    appSecrets: ['an-app-secret'],
    verifyToken: 'verify',
    apiUrl: '',
    templates: {},
    monthlyBudget: 1_000,
  },
  openai: {
    apiKey: undefined,
    baseUrl: '',
    isSimulated: true,
    transcriptionModel: 'gpt-transcribe',
    nluModel: undefined,
  },
  sandboxFeedsUrl: undefined,
  mercadopago: { accessToken: 'mp-token', webhookSecret: 'mp-secret', apiUrl: '' },
};

/** A message that the app sends when a guest writes its name; anything else is echoed, "callate" gets nothing. */
const answers: Readonly<Record<string, Record<string, unknown>>> = {
  botones: {
    type: 'interactive',
    interactive: {
      type: 'button',
      header: { type: 'text', text: 'Cabaña Arrayán' },
      body: {
        text: '📅 Del vie 10 al mar 14 de enero (4 noches)\nTotal: *$ 288.000*\nSeña para reservar: *$ 14.400*\n\n¿Confirmo?',
      },
      footer: { text: 'Se guarda 30 minutos' },
      action: {
        buttons: [
          { type: 'reply', reply: { id: 'confirm:1', title: 'Confirmar' } },
          { type: 'reply', reply: { id: 'change:1', title: 'Cambiar algo' } },
        ],
      },
    },
  },
  lista: {
    type: 'interactive',
    interactive: {
      type: 'list',
      body: { text: 'Del *10 al 14 de enero*, para 4 personas, tengo estos lugares:' },
      action: {
        button: 'Ver opciones',
        sections: [
          {
            title: 'Mismas fechas',
            rows: [
              { id: 'unit:1', title: 'Cabaña Arrayán', description: '$ 288.000 total · $ 72.000/noche · hasta 4' },
              { id: 'unit:2', title: 'Cabaña Coihue', description: '$ 340.000 total · $ 85.000/noche · hasta 6' },
            ],
          },
          { title: 'Otras fechas', rows: [{ id: 'dates:1', title: 'Del 11 al 15 de enero', description: '2 libres' }] },
        ],
      },
    },
  },
};

const picture =
  '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400"><rect width="640" height="400" fill="#9cc7dd"/>' +
  '<path d="M0 260 180 90l130 130 90-80 240 160v100H0Z" fill="#4d7f6b"/><path d="M0 320h640v80H0Z" fill="#2f6f93"/></svg>';

/** Starts it on a free port of loopback, its state below `dataDir`. To be closed: what is open at the end fails the run. */
export async function startSandboxHouse(
  dataDir: string,
  options: { isSpeechReal?: boolean } = {},
): Promise<SandboxHouse> {
  const log = createLogger({ logLevel: 'silent', isProduction: true });
  const sandbox = createSandbox({
    env: { ...env, dataDir, openai: { ...env.openai, isSimulated: !options.isSpeechReal } },
    log,
    lodgingName: () => Promise.resolve('Cabañas del Lago'),
  });
  const notices: string[] = [];
  const app = new Koa();
  app.silent = true;
  app.use(securityHeaders({ isProduction: false }));
  app.use(errorResponder(log));
  app.use(sandbox.middleware);
  app.use(async (ctx) => {
    if (ctx.path === '/picture.svg') {
      ctx.type = 'svg';
      ctx.body = picture;
    }
    if (ctx.path === '/webhooks/mercadopago') {
      notices.push(String(ctx.query['data.id']));
      ctx.status = 200;
    }
    if (ctx.path === '/webhooks/whatsapp') {
      const { messages } = splitWebhook(await readJson(ctx), phoneNumberId);
      for (const message of messages) {
        const text = message.text ?? message.choice?.title ?? '';
        void reply(message.providerMessageId, message.contact.waId ?? '', text);
      }
      ctx.status = 200;
    }
  });
  const answer = app.callback();
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function call(path: string, token: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${url}/sandbox/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  }
  const graph = (body: object): Promise<unknown> =>
    call(`whatsapp/v26.0/${phoneNumberId}/messages`, env.whatsapp.accessToken, {
      messaging_product: 'whatsapp',
      ...body,
    });

  async function makeLink({ minutes = 30, reference = 'reservation-1' } = {}): Promise<string> {
    const until = Date.now() + minutes * 60_000;
    const made = await call('mercadopago/checkout/preferences', env.mercadopago.accessToken, {
      items: [{ title: 'Cabaña Arrayán · seña', quantity: 1, unit_price: 14_400, currency_id: 'ARS' }],
      external_reference: reference,
      notification_url: `${url}/webhooks/mercadopago`,
      expires: true,
      expiration_date_from: new Date(until - 86_400_000).toISOString(),
      expiration_date_to: new Date(until).toISOString(),
    });
    return (made as { init_point: string }).init_point;
  }

  async function reply(id: string, to: string, text: string): Promise<void> {
    await graph({ status: 'read', message_id: id, typing_indicator: { type: 'text' } });
    if (text === 'callate') return;
    await graph({ to, ...(answers[text] ?? (await freshAnswer(text))) });
  }

  async function freshAnswer(text: string): Promise<object> {
    if (text.startsWith('foto')) {
      const link = text === 'foto' ? `${url}/picture.svg` : 'https://elsewhere.example/picture.jpg';
      return { type: 'image', image: { link, caption: 'El *lago* de mañana' } };
    }
    const link = text.startsWith('pagar') ? await makeLink({ reference: text }) : undefined;
    const body = link
      ? `Para asegurarla pagá la seña de *$ 14.400* antes de las *14:32*:\n${link}`
      : `Eco: *${text}*\n_¿algo más?_`;
    return { type: 'text', text: { body } };
  }

  return track(
    {
      url,
      sandbox,
      notices,
      makeLink,
      async close() {
        await sandbox.close();
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      },
    },
    'sandbox house',
  );
}

async function readJson(ctx: Context): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
}
