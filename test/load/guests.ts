import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { signWhatsApp } from '#shared/integrations/whatsapp/signature.ts';
import { vendorCredentials } from '../support/vendor-credentials.ts';

/** A Graph API that only takes sends, notes when, and hands out voice notes; what the simulator does besides would be measured too. */
export type Graph = {
  url: string;
  /** A voice note that guests may send; returns the media's id. */
  addNote(bytes: Buffer): string;
  /** `performance.now()` of every send to that phone, oldest first. */
  sendsTo(phone: string): readonly number[];
  /**
   * When that phone got its send of that place (0 is the first); undefined after so many ms. Told and not looked for: a thousand
   * guests who look every moment would take a processor from the house.
   */
  waitForSend(phone: string, place: number, patienceMs: number): Promise<number | undefined>;
  count(): number;
  close(): Promise<void>;
};

export async function openGraph(): Promise<Graph> {
  const sends = new Map<string, number[]>();
  const told = new EventEmitter().setMaxListeners(0);
  const notes = new Map<string, Buffer>();
  let count = 0;
  const server = createServer((incoming, response) => {
    if (incoming.method === 'GET') {
      const id = incoming.url?.split('/').at(-1) ?? '';
      return handOut(id, notes.get(id), incoming, response);
    }
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { to?: string; status?: string };
      response.setHeader('content-type', 'application/json');
      // Read, and writing.
      if (body.status) return response.end('{"success":true}');
      const at = performance.now();
      const phone = body.to ?? '';
      const all = sends.get(phone) ?? [];
      all.push(at);
      sends.set(phone, all);
      told.emit(`${phone} ${all.length - 1}`, at);
      count += 1;
      response.end(JSON.stringify({ messages: [{ id: `wamid.load.${count}` }] }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    addNote(bytes) {
      const id = `note${notes.size + 1}`;
      notes.set(id, bytes);
      return id;
    },
    sendsTo: (phone) => sends.get(phone) ?? [],
    async waitForSend(phone, place, patienceMs) {
      const sentAt = sends.get(phone)?.[place];
      if (sentAt !== undefined) return sentAt;
      const event = `${phone} ${place}`;
      return new Promise((resolve) => {
        const end = (at?: number): void => {
          clearTimeout(timer);
          told.off(event, end);
          resolve(at);
        };
        const timer = setTimeout(end, patienceMs);
        told.once(event, end);
      });
    },
    count: () => count,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close').catch(() => {});
    },
  };
}

/** `/<version>/<id>` tells the address of a note, `/media/<id>` is its bytes. */
function handOut(id: string, note: Buffer | undefined, incoming: IncomingMessage, response: ServerResponse): void {
  if (!note) return void response.writeHead(404).end('{}');
  if (incoming.url?.startsWith('/media/')) return void response.end(note);
  const url = `http://${incoming.headers.host}/media/${id}`;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ url, mime_type: 'audio/ogg; codecs=opus', file_size: note.length, id }));
}

const agent = new Agent({ keepAlive: true, maxSockets: 128 });
let messages = 0;
function newMessageId(): string {
  messages += 1;
  return `wamid.load.in.${messages}`;
}

/** What a guest sends: a text, or a voice note by its media's id. */
export type Sent = { text: string } | { note: string };

/** A message as WhatsApp posts it, signed; resolves with the status. `id`: WhatsApp's, default a new one. */
export function postMessage(port: string, phone: string, sent: Sent, id = newMessageId()): Promise<number> {
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
                  phone_number_id: vendorCredentials.WHATSAPP_PHONE_NUMBER_ID,
                },
                contacts: [{ profile: { name: 'Ana' }, wa_id: phone }],
                messages: [
                  {
                    from: phone,
                    id,
                    timestamp: String(Math.floor(Date.now() / 1000)),
                    ...('text' in sent
                      ? { type: 'text', text: { body: sent.text } }
                      : { type: 'audio', audio: { id: sent.note, mime_type: 'audio/ogg; codecs=opus', voice: true } }),
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
    'x-hub-signature-256': signWhatsApp(body, vendorCredentials.WHATSAPP_APP_SECRET),
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
