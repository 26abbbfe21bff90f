import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from '../support/both-backends.ts';
import { newPhone, openGraph, postMessage } from './guests.ts';
import type { BenchOptions, Row } from './rows.ts';
import { openStage } from './stage.ts';

const counts = [1, 2, 4];

/**
 * Messages of as many guests, posted as fast as the API takes them, answered by 1, 2 and 4 worker processes with all pools:
 * messages a second from the first webhook to the last send. The API and the stores share the machine with the workers.
 */
export async function bench({ short }: BenchOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const backend of ['redis', 'postgres'] as const) {
    let one: number | undefined;
    for (const count of counts) {
      const perSecond = await drain(backend, count, short ? 200 : 1_000);
      one ??= perSecond;
      rows.push({
        name: `answers, ${count} worker ${count === 1 ? 'process' : 'processes'} (${backend})`,
        value: perSecond,
        unit: 'messages/s',
        ...(count === 1 ? {} : { ratio: { of: 'one process', value: perSecond / one } }),
      });
    }
  }
  return rows;
}

async function drain(backend: Backend, count: number, messages: number): Promise<number> {
  const stage = await openStage(backend);
  const graph = await openGraph();
  try {
    stage.variables['WHATSAPP_API_URL'] = `${graph.url}/v26.0`;
    stage.variables['MERCADOPAGO_API_URL'] = graph.url;
    const api = await stage.spawn('api/server.ts', [], /"port":(\d+)/);
    const start = () => stage.spawn('workers/main.ts', [], /"working"/);
    const answered = async (wanted: number): Promise<void> => {
      for (const until = Date.now() + 120_000; graph.count() < wanted; await sleep(5))
        if (Date.now() > until) throw new Error(`${graph.count()} of ${wanted} answers after two minutes`);
    };
    const write = (of: number) =>
      Promise.all(
        Array.from({ length: of }, async () => {
          const status = await postMessage(api.match, newPhone(), { text: 'tienen wifi?' });
          if (status !== 200) throw new Error(`a webhook was answered ${status}`);
        }),
      );
    await Promise.all(Array.from({ length: count }, start));
    await write(count * 10); // warm
    await answered(count * 10);
    const startedAt = performance.now();
    await write(messages);
    await answered(count * 10 + messages);
    return messages / ((performance.now() - startedAt) / 1_000);
  } finally {
    await stage.close();
    await graph.close();
  }
}
