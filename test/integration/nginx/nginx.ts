import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
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
const projectDir = resolve(import.meta.dirname, '../../..');

export const domain = 'posada.example';

/** A real nginx on the project's own files, in front of the given servers. */
export type TestNginx = {
  httpPort: number;
  httpsPort: number;
  /** The folder of its files: `certs/`, `acme/`, `access.log`, `conf.d/`. */
  dir: string;
  /** nginx with this instance's files, for `-t` and `-s reload`. */
  command: string;
  environment: NodeJS.ProcessEnv;
  reload(): Promise<void>;
  accessLog(): Promise<string>;
  stop(): Promise<void>;
};

export type NginxOptions = { upstreamPorts: readonly number[]; operatorsNetwork?: string };

/** Renders nginx/ as the image does, checks it with `nginx -t` and starts it on free ports of 127.0.0.1. */
export async function startNginx({
  upstreamPorts,
  operatorsNetwork = '127.0.0.2/32',
}: NginxOptions): Promise<TestNginx> {
  const program = await findOrInstall('nginx');
  const dir = await makeTestFolder('nginx');
  for (const name of ['conf.d', 'certs', 'acme', 'temp']) await mkdir(join(dir, name));
  // The workers are another user than root.
  await chmod(dir, 0o755);
  await chmod(join(dir, 'temp'), 0o777);
  for (const name of ['nginx.conf', 'snippets'])
    await cp(join(projectDir, 'nginx', name), join(dir, name), { recursive: true });
  const [httpPort, httpsPort, statusPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const servers = upstreamPorts.map((port) => `server 127.0.0.1:${port} max_fails=2 fail_timeout=2s;`);
  await writeConfiguration(dir, {
    POSADA_DOMAIN: domain,
    API_SERVERS: servers.join('\n'),
    OPERATORS_NETWORK: operatorsNetwork,
    NGINX_HTTP_LISTEN: `127.0.0.1:${httpPort}`,
    NGINX_HTTPS_LISTEN: `127.0.0.1:${httpsPort}`,
    NGINX_STATUS_LISTEN: `127.0.0.1:${statusPort}`,
    NGINX_CERT_DIR: join(dir, 'certs'),
    NGINX_ACME_DIR: join(dir, 'acme'),
    NGINX_TEMP_DIR: join(dir, 'temp'),
    NGINX_ACCESS_LOG: join(dir, 'access.log'),
  });
  await writeCertificate(join(dir, 'certs'));
  const options = ['-c', join(dir, 'nginx.conf'), '-e', 'stderr'];
  const globals = `pid ${join(dir, 'nginx.pid')};`;
  await run(program, [...options, '-t', '-g', globals]);
  const command = join(dir, 'nginx-command');
  await writeFile(
    command,
    `#!/bin/sh\nexec '${program}' ${options.map((o) => `'${o}'`).join(' ')} -g '${globals}' "$@"\n`,
  );
  await chmod(command, 0o755);
  const child = spawn(program, [...options, '-g', `${globals} daemon off;`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${complaints}`);
    await canConnect(httpsPort);
  });
  return {
    httpPort,
    httpsPort,
    dir,
    command,
    environment: { NGINX_COMMAND: command, NGINX_CERT_DIR: join(dir, 'certs') },
    reload: async () => void (await run(command, ['-s', 'reload'])),
    accessLog: () => readFile(join(dir, 'access.log'), 'utf8'),
    stop: () => stop(child),
  };
}

/** Fills in the names that are given and leaves every other `$name` to nginx, as the image's envsubst does. */
async function writeConfiguration(dir: string, values: Record<string, string>): Promise<void> {
  const template = await readFile(join(projectDir, 'nginx/templates/posada.conf.template'), 'utf8');
  const rendered = template.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  await writeFile(join(dir, 'conf.d/posada.conf'), rendered);
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
  child.kill('SIGTERM');
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
