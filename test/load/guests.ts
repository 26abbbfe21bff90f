import { Agent, createServer, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { signWhatsApp } from '#shared/integrations/whatsapp/signature.ts';
import { credentials } from './stage.ts';

/** A Graph API that only takes sends and notes when; what the simulator does besides would be measured too. */
export type Graph = {
  url: string;
  /** `performance.now()` of every send to that phone, oldest first. */
  sendsTo(phone: string): readonly number[];
  count(): number;
  close(): Promise<void>;
};

export async function openGraph(): Promise<Graph> {
  const sends = new Map<string, number[]>();
  let count = 0;
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { to?: string; status?: string };
      response.setHeader('content-type', 'application/json');
      if (body.status) return response.end('{"success":true}');
      const at = performance.now();
      const phone = body.to ?? '';
      sends.set(phone, [...(sends.get(phone) ?? []), at]);
      count += 1;
      response.end(JSON.stringify({ messages: [{ id: `wamid.load.${count}` }] }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sendsTo: (phone) => sends.get(phone) ?? [],
    count: () => count,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close').catch(() => {});
    },
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: 128 });
let messages = 0;

/** A text message as WhatsApp posts it, signed; resolves with the status. */
export function postText(port: string, phone: string, text: string): Promise<number> {
  messages += 1;
  const body = Buffer.from(
    JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: '1',
          changes: [
            {
              field: 'messages',
              value: {
                messaging_product: 'whatsapp',
                metadata: {
                  display_phone_number: '5492944000000',
                  phone_number_id: credentials.WHATSAPP_PHONE_NUMBER_ID,
                },
                contacts: [{ profile: { name: 'Ana' }, wa_id: phone }],
                messages: [
                  {
                    from: phone,
                    id: `wamid.load.in.${messages}`,
                    timestamp: String(Math.floor(Date.now() / 1000)),
                    type: 'text',
                    text: { body: text },
                  },
                ],
              },
            },
          ],
        },
      ],
    }),
  );
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-hub-signature-256': signWhatsApp(body, credentials.WHATSAPP_APP_SECRET),
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { host: '127.0.0.1', port, path: '/webhooks/whatsapp', method: 'POST', headers, agent },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

let phones = 0;
/** A phone that nobody had in this run. */
export function newPhone(): string {
  phones += 1;
  return `54929${String(44_000_000 + phones)}`;
}
