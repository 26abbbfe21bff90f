import { expect } from 'chai';
import fc from 'fast-check';
import { toCsvLine } from '../../../api/v1/csv.ts';

describe('toCsvLine', () => {
  it('quotes what needs it and leaves numbers alone', () => {
    expect(toCsvLine(['a', 'b,c', 'say "hi"', 'two\nlines', null, -5])).to.equal(
      'a,"b,c","say ""hi""","two\nlines",,-5\r\n',
    );
  });

  it('makes a text of every formula', () => {
    for (const cell of ['=1+1', '+54911', '-2', '@SUM(A1)', '\t=1', '\r=1', '＝1', ' =cmd|x', '%0A=1', '|x'])
      expect(toCsvLine([cell]), cell).to.match(/^"'/);
  });

  it('never lets a cell begin with what a spreadsheet runs, and keeps the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
        const line = toCsvLine([text, 'end']);
        const inner = line.startsWith('"')
          ? line.slice(1, line.lastIndexOf('",end')).replaceAll('""', '"')
          : line.slice(0, -6);
        expect(inner).not.to.match(/^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/);
        expect(inner === text || inner === `'${text}`).to.equal(true);
      }),
    );
  });
});
