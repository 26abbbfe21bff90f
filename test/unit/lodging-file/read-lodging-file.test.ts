import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { readLodgingFile } from '../../../scripts/lodging-file/read-lodging-file.ts';

const problemsOf = (text: string): string[] => {
  const read = readLodgingFile(text);
  return 'problems' in read ? read.problems.map(({ line, path, problem }) => `${line} ${path}: ${problem}`) : [];
};

describe('the lodging file', () => {
  it('is read as the documentation shows it', () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/lodging-file.md', 'utf8')) ?? [];
    const read = readLodgingFile(example);
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    expect(read.file.lodging).to.include({ name: 'Cabañas del Arroyo Claro', freeCancellationHours: 48 });
    const [unit] = read.file.units;
    expect(unit).to.deep.include({ price: 6_800_000, extraGuest: 950_000, weekendNights: [5, 6], weekendPercent: 150 });
    expect(unit!.seasons).to.have.length(1);
  });

  it('fills in what is not said', () => {
    const read = readLodgingFile('units:\n  - name: A\n    capacity: 3\n    price: 100.50\n');
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    expect(read.file.units[0]).to.deep.include({
      price: 10_050,
      active: true,
      depositPercent: 30,
      weekendNights: [6, 0],
    });
  });

  const cases: [name: string, text: string, problems: RegExp[]][] = [
    ['a key that is none', 'lodging:\n  name: A\n  adress: x\n', [/^3 lodging\.adress: is not a key/]],
    ['what is missing', 'units:\n  - name: A\n    capacity: 2\n', [/^2 units\.0\.price: /]],
    [
      'a thousand dot',
      'units:\n  - name: A\n    capacity: 2\n    price: 68.000\n',
      [/^4 : "68\.000" is read as 68: write 68000/],
    ],
    [
      'an amount in words',
      'units:\n  - name: A\n    capacity: 2\n    price: $68.000\n',
      [/^4 units\.0\.price: write an amount/],
    ],
    [
      'a date that is none',
      'units:\n  - name: A\n    capacity: 2\n    price: 1\n    seasons:\n      - { name: V, from: 2026-02-30, to: 2026-03-01, price: 1 }\n',
      [/^6 units\.0\.seasons\.0\.from: is not a date/],
    ],
    [
      'dates turned round',
      'units:\n  - name: A\n    capacity: 2\n    price: 1\n    seasons:\n      - name: V\n        from: 2027-03-01\n        to: 2027-02-01\n        price: 1\n',
      [/^8 units\.0\.seasons\.0\.to: comes before/],
    ],
    [
      'overlapping seasons',
      'units:\n  - name: A\n    capacity: 2\n    price: 1\n    seasons:\n      - { name: V, from: 2027-01-01, to: 2027-01-10, price: 1 }\n      - { name: W, from: 2027-01-10, to: 2027-01-20, price: 2 }\n',
      [/^6 units\.0\.seasons: the seasons "V" and "W" both have the night of 2027-01-10/],
    ],
    [
      'two units of one name',
      'units:\n  - { name: Lenga, capacity: 2, price: 1 }\n  - { name: LENGA, capacity: 2, price: 1 }\n',
      [/^3 units\.1\.name: two units/],
    ],
    [
      'more included than fit',
      'units:\n  - name: A\n    capacity: 2\n    includedGuests: 3\n    price: 1\n',
      [/^4 units\.0\.includedGuests: is more/],
    ],
    ['no YAML', 'lodging:\n  name: "A\n', [/^\d+ : /]],
    ['the same key twice', 'lodging:\n  name: A\n  name: B\n', [/^3 : Map keys must be unique/]],
    ['nothing', '', [/^1 : has neither/]],
    ['a list', '- a\n', [/^1 : /]],
    [
      'several at once, in order',
      'lodging:\n  name: ""\n  checkInFrom: 25:00\nunits:\n  - name: A\n    capacity: 0\n    price: 1\n',
      [/^2 /, /^3 lodging\.checkInFrom/, /^6 units\.0\.capacity/],
    ],
  ];
  for (const [name, text, problems] of cases)
    it(`names ${name} by its line`, () => {
      const found = problemsOf(text);
      expect(found, found.join(' | ')).to.have.length(problems.length);
      found.forEach((problem, index) => expect(problem).to.match(problems[index]!));
    });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void readLodgingFile(text)));
    fc.assert(fc.property(fc.object({ maxDepth: 4 }), (value) => void readLodgingFile(JSON.stringify(value))));
    const bomb = `a: &a [x]\nb: &b [${Array(50).fill('*a').join(',')}]\nc: [${Array(50).fill('*b').join(',')}]\n`;
    expect(problemsOf(bomb)).to.have.length.above(0);
  });
});
