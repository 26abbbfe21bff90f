import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { track } from './track.ts';

/** What a request asked, and how it is answered: an object becomes the model's JSON, a string is its raw content. */
export type ModelStub = (request: {
  text: string;
  body: Record<string, unknown>;
}) => object | string | Promise<object | string>;

/** An OpenAI-compatible chat server that says whatever it is told to. */
export async function openModelServer(initial: ModelStub = () => ({})) {
  let stub = initial;
  const asked: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    void readJson(request).then(async (body) => {
      asked.push(body);
      const messages = body['messages'] as { role: string; content: string }[];
      const said = await stub({ text: messages.at(-1)!.content, body });
      if (response.destroyed) return;
      response.setHeader('content-type', 'application/json');
      const isWhole = typeof said === 'object' && 'choices' in said;
      const content = typeof said === 'string' ? said : JSON.stringify(said);
      response.end(
        JSON.stringify(
          isWhole ? said : { choices: [{ message: { role: 'assistant', content } }], usage: { total_tokens: 150 } },
        ),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const opened = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    answerWith(next: ModelStub) {
      stub = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return track(opened, 'model server');
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text) as Record<string, unknown>;
}
