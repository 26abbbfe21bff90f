import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folders = ['api', 'workers', 'shared', 'migrations', 'scripts', 'test'];

type Import = { file: string; line: number; target: string };

/** Every import of every file, its target as a path from the root or as a package's name. */
const imports: Import[] = folders.flatMap(listFiles).flatMap(readImports);

describe('the architecture', () => {
  it('reads the import lines at all', () => {
    expect(imports.length).to.be.greaterThan(300);
  });

  const between: [rule: string, from: RegExp, mayNot: RegExp, except?: RegExp][] = [
    ['api never imports workers', /^api\//, /^workers\//],
    ['workers never import api', /^workers\//, /^api\//],
    ['shared imports neither api nor workers nor scripts nor tests', /^shared\//, /^(api|workers|scripts|test)\//],
    [
      'the domain knows nobody',
      /^shared\/domain\//,
      /^(?!shared\/domain\/)(api|workers|shared|scripts|test|migrations)\//,
    ],
    ['nlu → domain', /^shared\/nlu\//, /^shared\/(?!nlu\/|domain\/)/],
    [
      'db, integrations and locks → domain, config, observability',
      /^shared\/(db|integrations|locks)\//,
      /^shared\/(queues|nlu)\//,
    ],
    ['db → no integration', /^shared\/db\//, /^shared\/(integrations|locks)\//],
    ['integrations → no db', /^shared\/integrations\//, /^shared\/(db|locks)\//],
    ['queues → domain, config, observability', /^shared\/queues\//, /^shared\/(db|integrations|nlu|locks)\//],
    [
      'config and observability stand alone',
      /^shared\/(config|observability)\//,
      /^shared\/(?!config\/|observability\/)/,
    ],
    ['the simulators use no koa', /^shared\/integrations\//, /^(koa|@koa\/)/],
  ];
  for (const [rule, from, mayNot, except] of between) {
    it(rule, () => {
      expect(faults(({ file, target }) => from.test(file) && mayNot.test(target) && !except?.test(file))).to.deep.equal(
        [],
      );
    });
  }

  it('one pool never imports another', () => {
    const poolOf = (path: string): string | undefined => /^workers\/([a-z]+)\//.exec(path)?.[1];
    const crosses = ({ file, target }: Import): boolean => {
      const [from, to] = [poolOf(file), poolOf(target)];
      return from !== undefined && to !== undefined && from !== to;
    };
    expect(faults(crosses)).to.deep.equal([]);
  });

  const packages: [name: RegExp, only: RegExp][] = [
    [/^typeorm$/, /^(shared\/db|migrations|test)\//],
    [
      /^bullmq$/,
      /^(shared\/queues\/|workers\/start-pool\.ts|workers\/failure-policy\.ts|api\/board\.ts|test\/|scripts\/)/,
    ],
    [/^@bull-board\//, /^(api\/board\.ts|test\/)/],
    [/^(koa|@koa\/router|koa-body)$/, /^(api|test)\//],
    [/^mercadopago($|\/)/, /^(shared\/integrations\/mercadopago|test)\//],
    [/^openai($|\/)/, /^(shared\/integrations\/openai|test)\//],
    [/^(node-ical|ical-generator)$/, /^(shared\/integrations\/icalendar|test)\//],
    [/^fluent-ffmpeg$/, /^(shared\/integrations\/ffmpeg|test)\//],
  ];
  for (const [name, only] of packages) {
    it(`only ${only.source} imports ${name.source}`, () => {
      expect(faults(({ file, target }) => name.test(target) && !only.test(file))).to.deep.equal([]);
    });
  }

  it('only shared/config reads the environment', () => {
    const readers = folders
      .filter((folder) => !['test', 'scripts'].includes(folder))
      .flatMap(listFiles)
      .filter(
        (file) => !file.startsWith('shared/config/') && /process\.env\b/.test(readFileSync(join(root, file), 'utf8')),
      );
    expect(readers).to.deep.equal([]);
  });

  it('has a handler file per job, named after it, in the folder of its queue', async () => {
    const { jobs } = await import('#shared/queues/contracts.ts');
    const files = new Set(listFiles('workers'));
    const missing = Object.entries(jobs).flatMap(([name, { queue }]) =>
      files.has(`workers/${queue}/${name}.ts`) ? [] : [`workers/${queue}/${name}.ts`],
    );
    expect(missing).to.deep.equal([]);
  });
});

/** The imports that break a rule, as `file:line → target`. */
function faults(isFault: (found: Import) => boolean): string[] {
  return imports.filter(isFault).map(({ file, line, target }) => `${file}:${line} → ${target}`);
}

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);
}

function readImports(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g;
  return [...text.matchAll(pattern)].map((match) => {
    const target = match[1] ?? match[2] ?? match[3]!;
    const line = text.slice(0, match.index + match[0].length).split('\n').length;
    return { file, line, target: resolveTarget(file, target) };
  });
}

function resolveTarget(file: string, target: string): string {
  if (target.startsWith('#shared/')) return target.slice(1);
  if (target.startsWith('.')) return relative(root, normalize(join(root, dirname(file), target)));
  return target;
}
