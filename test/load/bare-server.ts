import Koa from 'koa';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { openQueues } from '#shared/queues/connections.ts';

// What the ingress is measured against: Koa that reads the body (`body`), or also awaits one bare `queue.add` (`add`).
// node bare-server.ts <body|add>, stores by REDIS_URL and DATABASE_URL; prints its port.
const [kind] = process.argv.slice(2);
const store =
  kind === 'add'
    ? openQueues({
        redisUrl: process.env['REDIS_URL'],
        databaseUrl: process.env['DATABASE_URL'] ?? '',
        prefix: process.env['QUEUE_PREFIX'] ?? 'bare',
        role: 'producer',
        log: createSilentLogger(),
      })
    : undefined;
const queues = await store?.opened;

const app = new Koa();
app.silent = true;
app.use(async (ctx) => {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (queues) await queues.conversations.add('bare', { body: body.toString('utf8') });
  ctx.status = 200;
  ctx.body = '';
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`port ${typeof address === 'object' && address ? address.port : 0}`);
});
