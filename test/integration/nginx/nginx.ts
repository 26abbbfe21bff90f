import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { request as httpsRequest } from 'node:https';
import type { Agent } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { eventually } from '../../support/eventually.ts';
import { makeTestFolder } from '../../support/services.ts';
import { findOrInstall } from '../../support/tools.ts';

const run = promisify(execFile);
const entrypoint = resolve(import.meta.dirname, '../../../nginx/entrypoint.sh');

export const domain = 'posada.example';

/** A real nginx on the project's own files, in front of the given servers. */
export type TestNginx = {
  httpPort: number;
  httpsPort: number;
  /** The folder of its files: `certs/`, `acme/`, `access.log`. */
  dir: string;
  /** What the entrypoint, nginx and the watcher said. */
  output(): string;
  /** `entrypoint.sh reload` with these variables changed; rejects when nginx refuses the new configuration. */
  reload(more?: NodeJS.ProcessEnv): Promise<void>;
  accessLog(): Promise<string>;
  stop(): Promise<void>;
};

export type NginxOptions = { upstreamPorts: readonly number[]; operatorsNetwork?: string };

/** Starts the project's own entrypoint, which renders nginx/ and becomes nginx, on free ports of 127.0.0.1. */
export async function startNginx({
  upstreamPorts,
  operatorsNetwork = '127.0.0.2/32',
}: NginxOptions): Promise<TestNginx> {
  const program = await findOrInstall('nginx');
  const dir = await makeTestFolder('nginx');
  for (const name of ['certs', 'acme', 'temp']) await mkdir(join(dir, name));
  // The workers are another user than root.
  await chmod(dir, 0o755);
  await chmod(join(dir, 'temp'), 0o777);
  await writeCertificate(join(dir, 'certs'));
  const [httpPort, httpsPort, statusPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const servers = upstreamPorts.map((port) => `server 127.0.0.1:${port} max_fails=2 fail_timeout=2s;`);
  // Files and pid of this instance, whatever else is asked of nginx; a later -g comes on top.
  const command = join(dir, 'nginx-command');
  const script = `for word; do case "$word" in "daemon off;") set -- ;; esac; done
given=0; for word; do [ "$word" = -c ] && given=1; done
[ $given = 1 ] || set -- -c '${dir}/nginx.conf' "$@"
exec '${program}' -e stderr -g 'pid ${dir}/nginx.pid; daemon '"\${DAEMON:-on}"';' "$@"`;
  await writeFile(command, `#!/bin/sh\n${script}\n`);
  await chmod(command, 0o755);
  const environment = {
    PATH: process.env['PATH'],
    POSADA_DOMAIN: domain,
    API_SERVERS: servers.join(' '),
    OPERATORS_NETWORK: operatorsNetwork,
    NGINX_HTTP_LISTEN: `127.0.0.1:${httpPort}`,
    NGINX_HTTPS_LISTEN: `127.0.0.1:${httpsPort}`,
    NGINX_STATUS_LISTEN: `127.0.0.1:${statusPort}`,
    NGINX_DIR: dir,
    NGINX_CERT_DIR: join(dir, 'certs'),
    NGINX_ACME_DIR: join(dir, 'acme'),
    NGINX_TEMP_DIR: join(dir, 'temp'),
    NGINX_ACCESS_LOG: join(dir, 'access.log'),
    NGINX_COMMAND: command,
    CERTIFICATE_CHECK_SECONDS: '0.2',
  };
  // A group of its own: the watcher of the certificate ends with it.
  const child = spawn(entrypoint, ['run'], {
    env: { ...environment, DAEMON: 'off' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${output}`);
    await canConnect(httpsPort);
  });
  return {
    httpPort,
    httpsPort,
    dir,
    output: () => output,
    reload: async (more = {}) => void (await run(entrypoint, ['reload'], { env: { ...environment, ...more } })),
    accessLog: () => readFile(join(dir, 'access.log'), 'utf8'),
    stop: () => stop(child),
  };
}

/** A self-signed certificate of the domain, new at each call. */
export async function writeCertificate(folder: string): Promise<void> {
  await run(await findOrInstall('openssl'), [
    ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' '),
    '-subj',
    `/CN=${domain}`,
    '-addext',
    `subjectAltName=DNS:${domain}`,
    '-keyout',
    join(folder, 'privkey.pem'),
    '-out',
    join(folder, 'fullchain.pem'),
  ]);
}

async function canConnect(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid!, 'SIGTERM');
  await exited;
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

export type Answer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** SHA-256 of the certificate that the server showed; empty on a connection that stays open. */
  fingerprint: string;
};

export type Asking = {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** The name in the handshake and in Host. Default: the domain. */
  name?: string;
  /** Default: a connection of its own, as most senders of webhooks do. */
  agent?: Agent;
  secureProtocol?: { minVersion: 'TLSv1' | 'TLSv1.1'; maxVersion: 'TLSv1' | 'TLSv1.1' };
};

/** Asks nginx over TLS by its name, whoever signed its certificate. */
export function ask(nginx: Pick<TestNginx, 'httpsPort'>, asking: Asking): Promise<Answer> {
  const { name = domain, method = 'GET', body } = asking;
  return new Promise((done, fail) => {
    let fingerprint = '';
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port: nginx.httpsPort,
        servername: name,
        method,
        path: asking.path,
        agent: asking.agent ?? false,
        rejectUnauthorized: false,
        headers: {
          host: name,
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
          ...asking.headers,
        },
        ...(asking.secureProtocol ? { ...asking.secureProtocol, ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('error', fail);
        response.on('end', () =>
          done({ status: response.statusCode ?? 0, headers: response.headers, body: text, fingerprint }),
        );
      },
    );
    request.on('socket', (socket) => {
      if (asking.agent) return;
      socket.once('secureConnect', () => {
        fingerprint = (socket as TLSSocket).getPeerCertificate().fingerprint256 ?? '';
      });
    });
    request.on('error', fail);
    request.end(body);
  });
}
