import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { stub } from 'sinon';
import { runUnderstand } from '../../../scripts/understand.ts';

type Result = { code: number; out: string; err: string };

/** Runs the command the way a person does, with nothing in its environment. */
function run(...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/understand.ts', ...args], { env: {} }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

describe('the command understand', () => {
  let dir = '';
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'understand-'));
  });
  after(() => {
    rmSync(dir, { recursive: true });
  });
  const file = (content: string): string => {
    const path = join(dir, 'rows.jsonl');
    writeFileSync(path, content);
    return path;
  };

  it('prints one document for a text', async () => {
    const { code, out } = await run('del 5 al 9 de enero', '--now', '2026-11-24T12:00:00Z');
    expect(code).to.equal(0);
    expect(JSON.parse(out)).to.include({ checkIn: '2027-01-05', checkOut: '2027-01-09', language: 'es' });
  });

  it('takes the day in the zone', async () => {
    const late = ['mañana', '--now', '2026-11-24T01:00:00Z'];
    expect(JSON.parse((await run(...late)).out).checkIn).to.equal('2026-11-24');
    expect(JSON.parse((await run(...late, '--zone', 'UTC')).out).checkIn).to.equal('2026-11-25');
  });

  it('prints one line per row, in order', async () => {
    const rows = file('{"text":"hoy","now":"2026-11-24T12:00:00Z"}\n\n{"text":"quero reservar","language":"pt"}\n');
    const { code, out } = await run('--file', rows);
    expect(code).to.equal(0);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.intent)).to.deep.equal(['availability', 'book']);
    expect(lines[0].checkIn).to.equal('2026-11-24');
  });

  it('names the line of a bad row', async () => {
    const { code, err } = await run('--file', file('{"text":"hoy"}\nnot json\n'));
    expect(code).to.equal(1);
    expect(err).to.include('line 2');
  });

  it('fails when the file is not there', async () => {
    const { code, err } = await run('--file', join(dir, 'none.jsonl'));
    expect(code).to.equal(1);
    expect(err).to.include('none.jsonl');
  });

  for (const args of [
    [],
    ['--now', 'soon', 'hoy'],
    ['--language', 'fr', 'hoy'],
    ['--zone', 'Nowhere', 'hoy'],
    ['--loud', 'hoy'],
    ['--file'],
    ['hoy', '--file', 'rows.jsonl'],
  ])
    it(`refuses ${JSON.stringify(args)}`, async () => {
      const write = stub(process.stderr, 'write');
      try {
        expect(await runUnderstand(args)).to.equal(2);
        expect(String(write.firstCall.args[0])).to.include('usage');
      } finally {
        write.restore();
      }
    });
});
