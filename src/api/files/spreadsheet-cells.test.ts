import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { guardCell, restoreCell } from './spreadsheet-cells.ts';

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '＝1', '=cmd|"/c calc"!A1'])('%j is not run', (text) => {
  assert.equal(guardCell(text), `'${text}`);
});

test.each(['core router', "'quoted'", '', '1=1', 'a@example.net'])('%j stays unchanged', (text) => {
  assert.equal(guardCell(text), text);
});

test.each([
  ['x;=1+1', "x;'=1+1"],
  ['x\t@SUM(A1)', "x\t'@SUM(A1)"],
  ['x\r\n-1', "x\r\n'-1"],
  ['a|+1,=2', "a|'+1,'=2"],
  ['\t=1', "'\t'=1"],
  ['\r=1', "'\r'=1"],
  ["\t'-", "'\t''-"],
])('%j is not run where another character separates the cells', (text, guarded) => {
  assert.equal(guardCell(text), guarded);
});

test('every text is restored exactly, even one that was guarded already', () => {
  const texts = fc
    .array(fc.constantFrom("'", '=', '-', '@', '\t', '＝', 'a', ' ', ';', ',', '\n'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(texts, fc.string()), (text) => {
      assert.equal(restoreCell(guardCell(text)), text);
      assert.ok(!/^[=+\-@\t\r]/.test(guardCell(text)));
    }),
    { numRuns: 2000 },
  );
});
