import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { access, chmod, constants, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { takeLock } from '#shared/db/start-lock.ts';

/** The programs that the suite uses and npm does not bring. */
export type Tool =
  | 'redis-server'
  | 'redis-cli'
  | 'ffmpeg'
  | 'chromium'
  | 'nginx'
  | 'shellcheck'
  | 'openssl'
  | 'postgresql';

type Recipe = {
  /** Names it goes by on a PATH, the best first. */
  commands: string[];
  /** Makes it say its version: how we know that it runs at all. */
  versionFlag: string;
  debian: string;
  brew: string[];
  /** After unpacking the .deb: wrapper's name → program below the unpacked root; a star stands for a version. */
  programs: Record<string, string>;
  /** Unpacked for root too: its package would start a server on a public port. */
  isUnpackedAlways?: boolean;
};

const recipes: Record<Tool, Recipe> = {
  'redis-server': {
    commands: ['redis-server'],
    versionFlag: '--version',
    debian: 'redis-server',
    brew: ['redis'],
    programs: { 'redis-server': 'usr/bin/redis-server' },
  },
  'redis-cli': {
    commands: ['redis-cli'],
    versionFlag: '--version',
    debian: 'redis-tools',
    brew: ['redis'],
    programs: { 'redis-cli': 'usr/bin/redis-cli' },
  },
  ffmpeg: {
    commands: ['ffmpeg'],
    versionFlag: '-version',
    debian: 'ffmpeg',
    brew: ['ffmpeg'],
    programs: { ffmpeg: 'usr/bin/ffmpeg', ffprobe: 'usr/bin/ffprobe' },
  },
  chromium: {
    commands: [
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    versionFlag: '--version',
    debian: 'chromium',
    brew: ['--cask', 'chromium'],
    // usr/bin/chromium is a script that looks for its parts under /usr.
    programs: { chromium: 'usr/lib/chromium/chromium' },
  },
  nginx: {
    commands: ['nginx', '/usr/sbin/nginx'],
    versionFlag: '-v',
    debian: 'nginx',
    brew: ['nginx'],
    programs: { nginx: 'usr/sbin/nginx' },
    isUnpackedAlways: true,
  },
  shellcheck: {
    commands: ['shellcheck'],
    versionFlag: '--version',
    debian: 'shellcheck',
    brew: ['shellcheck'],
    programs: { shellcheck: 'usr/bin/shellcheck' },
  },
  openssl: {
    commands: ['openssl'],
    versionFlag: 'version',
    debian: 'openssl',
    brew: ['openssl'],
    programs: { openssl: 'usr/bin/openssl' },
  },
  // A server and a pg_dump of one version: pg_dump refuses a newer server, such as the embedded one.
  postgresql: {
    commands: [...[18, 17, 16, 15, 14].map((version) => `/usr/lib/postgresql/${version}/bin/initdb`), 'initdb'],
    versionFlag: '--version',
    debian: 'postgresql',
    brew: ['postgresql@16'],
    programs: Object.fromEntries(
      ['initdb', 'postgres', 'pg_dump', 'pg_restore', 'psql'].map((name) => [name, `usr/lib/postgresql/*/bin/${name}`]),
    ),
  },
};

export type ToolOptions = {
  /** Where an ordinary user's tools are unpacked. Default `.data/tools` of this project. */
  toolsDir?: string;
  /** The PATH that is searched. Default: this process's. */
  path?: string;
  /** Receives progress, one line each. Default: nobody. */
  log?: (line: string) => void;
};

const projectDir = resolve(import.meta.dirname, '../..');
const installWithinMs = 900_000;

/** `.data/tools/bin`: goes in front of the PATH, so that ffmpeg and its like are found by their names. */
export const toolsBinDir = join(projectDir, '.data/tools/bin');

/** The path of one tool, as `findOrInstallAll`. */
export async function findOrInstall(tool: Tool, options: ToolOptions = {}): Promise<string> {
  return (await findOrInstallAll([tool], options))[tool];
}

/**
 * Finds each tool on the PATH or among those unpacked earlier, and installs the others: with apt-get as root, with brew
 * on a Mac, unpacked from Debian packages under `toolsDir` as an ordinary user. Throws an Error that says what to install.
 */
export async function findOrInstallAll<T extends Tool>(
  tools: readonly T[],
  options: ToolOptions = {},
): Promise<Record<T, string>> {
  const toolsDir = resolve(options.toolsDir ?? join(projectDir, '.data/tools'));
  const log = options.log ?? (() => undefined);
  const search = [join(toolsDir, 'bin'), ...(options.path ?? process.env['PATH'] ?? '').split(delimiter)];
  const found = new Map<T, string>();
  const look = async (): Promise<T[]> => {
    for (const tool of tools) {
      const path = found.get(tool) ?? (await findTool(tool, search));
      if (path) found.set(tool, path);
    }
    return tools.filter((tool) => !found.has(tool));
  };
  if ((await look()).length > 0) {
    await mkdir(toolsDir, { recursive: true });
    const release = await waitForLock(join(toolsDir, 'install.lock'), log);
    try {
      // Whoever held the lock may have installed them.
      const missing = await look();
      if (missing.length > 0) await install(missing, toolsDir, log);
    } finally {
      await release();
    }
    const missing = await look();
    if (missing.length > 0) throw cannotInstall(missing, 'it was installed, but does not run');
  }
  return Object.fromEntries(found) as Record<T, string>;
}

async function findTool(tool: Tool, search: string[]): Promise<string | undefined> {
  const { commands, versionFlag } = recipes[tool];
  for (const command of commands) {
    for (const path of command.startsWith('/') ? [command] : search.filter(Boolean).map((dir) => join(dir, command))) {
      const executable = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      // Ubuntu's chromium-browser without snap is there and does not run.
      if (executable && spawnSync(path, [versionFlag], { stdio: 'ignore', timeout: 30_000 }).status === 0) return path;
    }
  }
  return undefined;
}

async function waitForLock(path: string, log: (line: string) => void): Promise<() => Promise<void>> {
  let told = false;
  for (const begun = Date.now(); Date.now() - begun < installWithinMs; await sleep(250)) {
    const release = await takeLock(path);
    if (release) return release;
    if (!told) log('waiting for another process that installs tools');
    told = true;
  }
  throw new Error(`Another process holds ${path} for too long`);
}

async function install(tools: Tool[], toolsDir: string, log: (line: string) => void): Promise<void> {
  log(`installing ${tools.join(', ')} …`);
  try {
    if (process.platform === 'darwin') {
      for (const tool of tools) await run('brew', ['install', ...recipes[tool].brew]);
    } else if (!existsSync('/usr/bin/apt-get')) {
      throw new Error('no apt-get here');
    } else {
      const isRoot = process.getuid?.() === 0;
      const { own = [], system = [] } = Object.groupBy(tools, (tool) =>
        isRoot && !recipes[tool].isUnpackedAlways ? 'system' : 'own',
      );
      if (system.length > 0) await installAsRoot(system);
      if (own.length > 0) await unpack(own, toolsDir, log);
    }
  } catch (error) {
    throw cannotInstall(tools, error instanceof Error ? error.message : String(error), error);
  }
}

function cannotInstall(tools: Tool[], reason: string, cause?: unknown): Error {
  const names = tools.map((tool) => recipes[tool].debian).join(' ');
  return new Error(
    `Please install ${names} (such as: sudo apt-get install ${names}). It could not be done here: ${reason}`,
    {
      cause,
    },
  );
}

const aptOptions = ['-y', '-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];

async function installAsRoot(tools: Tool[]): Promise<void> {
  // A broken third-party source must not stop us: the install tells whether the lists will do.
  await run('apt-get', ['update', ...aptOptions]).catch(() => undefined);
  const packages = tools.map((tool) => recipes[tool].debian);
  await run('apt-get', ['install', ...aptOptions, '--no-install-recommends', ...packages]);
}

/** What an ordinary user can do on Debian: download the packages and all they need that is not installed, unpack, set the paths. */
async function unpack(tools: Tool[], toolsDir: string, log: (line: string) => void): Promise<void> {
  const apt = join(toolsDir, 'apt');
  const root = join(toolsDir, 'root');
  const archives = join(apt, 'cache/archives');
  await mkdir(join(apt, 'lists/partial'), { recursive: true });
  await mkdir(join(archives, 'partial'), { recursive: true });
  await mkdir(root, { recursive: true });
  const own = { 'Dir::State::lists': join(apt, 'lists'), 'Dir::Cache': join(apt, 'cache'), 'Debug::NoLocking': '1' };
  const options = [...aptOptions, ...Object.entries(own).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
  await run('apt-get', ['update', ...options]).catch(() => undefined);
  const packages = tools.map((tool) => recipes[tool].debian);
  const args = ['install', ...options, '--download-only', '--no-install-recommends', ...packages];
  await run('apt-get', args);
  for (const file of await readdir(archives)) {
    // Mixing another C library with the machine's own loader breaks every program.
    if (!file.endsWith('.deb') || /^(libc6|libc-bin)_/.test(file)) continue;
    await run('dpkg-deb', ['-x', join(archives, file), root]);
  }
  await rm(apt, { recursive: true, force: true });
  await writeFontsConf(toolsDir, root);
  const wrapperLines = [
    '#!/bin/sh',
    `LD_LIBRARY_PATH=${quote((await findLibraryDirs(root)).join(':'))}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}`,
    'export LD_LIBRARY_PATH',
    `FONTCONFIG_FILE=${quote(join(toolsDir, 'fonts.conf'))}; export FONTCONFIG_FILE`,
  ];
  await mkdir(join(toolsDir, 'bin'), { recursive: true });
  for (const tool of tools) {
    for (const [name, pattern] of Object.entries(recipes[tool].programs)) {
      const wrapper = join(toolsDir, 'bin', name);
      const [program = pattern] = globSync(pattern, { cwd: root });
      await writeFile(wrapper, `${[...wrapperLines, `exec ${quote(join(root, program))} "$@"`].join('\n')}\n`);
      await chmod(wrapper, 0o755);
    }
  }
  log(`unpacked under ${toolsDir}`);
}

/** Debian's library folders below the root, and those inside them (blas, pulseaudio, nss), where an installation would have made links. */
async function findLibraryDirs(root: string): Promise<string[]> {
  const first: string[] = [];
  const second: string[] = [];
  for (const base of ['usr/lib', 'lib']) {
    for (const entry of await readDirs(join(root, base))) {
      if (!/-linux-gnu/.test(entry)) continue;
      const dir = join(root, base, entry);
      first.push(dir);
      for (const inner of await readDirs(dir)) {
        const names = await readdir(join(dir, inner));
        if (names.some((name) => /^lib.*\.so/.test(name))) second.push(join(dir, inner));
      }
    }
  }
  return [...first, ...second];
}

async function readDirs(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** Without a font configuration of its own Chromium finds neither the unpacked fonts nor, on a bare machine, any. */
async function writeFontsConf(toolsDir: string, root: string): Promise<void> {
  const dirs = [join(root, 'usr/share/fonts'), '/usr/share/fonts'].map((dir) => `<dir>${dir}</dir>`).join('');
  const cache = `<cachedir>${join(toolsDir, 'fonts-cache')}</cachedir>`;
  const head = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">';
  await writeFile(join(toolsDir, 'fonts.conf'), `${head}<fontconfig>${dirs}${cache}</fontconfig>\n`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

async function run(command: string, args: string[]): Promise<void> {
  const child = spawn(command, args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', HOMEBREW_NO_AUTO_UPDATE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: installWithinMs,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
  if (code === 0) return;
  const lines = output.trim().split('\n').slice(-2).join(' · ');
  throw new Error(`${command} ${args[0]} failed: ${lines || `exit ${code}`}`);
}
