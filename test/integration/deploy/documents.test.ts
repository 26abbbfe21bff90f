import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { queueNames } from '#shared/queues/contracts.ts';
import { projectDir } from '../backup/shell.ts';

const read = (name: string): Promise<string> => readFile(join(projectDir, name), 'utf8');

describe('the documents of production', () => {
  it('name in the security audit only tests that exist', async () => {
    const named = [...(await read('security_audit.md')).matchAll(/\| `(test\/[\w./-]+)` "([^"]+)" \|$/gm)];
    expect(named).to.have.length.of.at.least(25);
    for (const [, file = '', title = ''] of named)
      expect(await read(file), `${file} has no "${title}"`).to.contain(`'${title}'`);
  });

  it('say in the runbook what to do about every alert, and about no other', async () => {
    const rules = parse(await read('docs/monitoring/posada.rules.yml')) as {
      groups: { rules: { alert?: string }[] }[];
    };
    const alerts = rules.groups.flatMap(({ rules: each }) => each.flatMap(({ alert }) => alert ?? []));
    const told = [...(await read('docs/runbook.md')).matchAll(/^### (\w+)$/gm)].map(([, alert]) => alert);
    expect(alerts).to.have.length.of.at.least(10);
    expect(told).to.have.members(alerts);
  });

  it('lead to files that are there', async () => {
    for (const name of [
      'DEPLOY_CHECKLIST.md',
      'security_audit.md',
      'docs/production.md',
      'docs/runbook.md',
      'docs/systemd/README.md',
    ]) {
      const folder = join(projectDir, name, '..');
      for (const [, target = ''] of (await read(name)).matchAll(/\]\((?!https?:)([^)#]+)/g))
        expect(existsSync(join(folder, target)), `${name} → ${target}`).to.equal(true);
    }
  });

  it('start by systemd every pool that there is', async () => {
    const text = await read('docs/systemd/README.md');
    expect([...text.matchAll(/posada-workers@(\w+)/g)].map(([, pool]) => pool)).to.have.members([...queueNames]);
  });
});
