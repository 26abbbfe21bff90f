import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.ts';
import { makeTestFolder } from '../../support/services.ts';
import { findOrInstall } from '../../support/tools.ts';

export type ClusterNode = { port: number; client: Redis; kill(): Promise<void>; start(): Promise<void> };

/** A Redis Cluster of three masters on 127.0.0.1, with a password, set up as in production. */
export type RedisCluster = {
  /** What `REDIS_URL` would be. */
  url: string;
  nodes: ClusterNode[];
  stop(): Promise<void>;
};

const password = 'p@ss word';
const slots = 16_384;

/** Starts three redis-server, deals them the slots and waits until each sees the cluster whole. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes: ClusterNode[] = [];
  for (let index = 0; index < 3; index += 1) nodes.push(await startNode());
  const size = Math.ceil(slots / nodes.length);
  for (const [index, { client, port }] of nodes.entries()) {
    await client.call('CLUSTER', 'ADDSLOTSRANGE', index * size, Math.min((index + 1) * size, slots) - 1);
    if (index > 0) await nodes[0]!.client.call('CLUSTER', 'MEET', '127.0.0.1', port);
  }
  await eventually(
    async () => {
      for (const { client } of nodes) {
        const info = String(await client.call('CLUSTER', 'INFO'));
        expect(info).to.contain('cluster_state:ok').and.to.contain('cluster_known_nodes:3');
      }
    },
    { timeoutMs: 30_000 },
  );
  return {
    url: nodes.map(({ port }) => `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`).join(','),
    nodes,
    async stop() {
      for (const node of nodes) {
        node.client.disconnect();
        await node.kill();
      }
    },
  };
}

async function startNode(): Promise<ClusterNode> {
  const program = await findOrInstall('redis-server');
  const dir = await makeTestFolder('cluster');
  const port = await findPortWithBus();
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    dir,
    '--save',
    '',
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--maxmemory-policy',
    'noeviction',
    '--requirepass',
    password,
    '--masterauth',
    password,
    '--cluster-enabled',
    'yes',
    '--cluster-node-timeout',
    '2000',
    '--cluster-require-full-coverage',
    'no',
  ];
  let child: ChildProcess | undefined;
  const client = new Redis({ port, host: '127.0.0.1', password, maxRetriesPerRequest: null });
  client.on('error', () => {});
  const start = async (): Promise<void> => {
    child = spawn(program, options, { stdio: 'ignore' });
    await eventually(async () => expect(await client.ping()).to.equal('PONG'), { timeoutMs: 15_000 });
  };
  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  await start();
  return { port, client, kill, start };
}

/** The bus of a node is 10,000 above its port. */
async function findPortWithBus(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 30_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}
