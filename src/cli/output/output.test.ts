import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'vitest';
import { createColors, createOutput, fieldLines, fitted } from './output.ts';

test('columns of a table are aligned whatever they contain, and numbers are right-aligned', () => {
  const stdout = new PassThrough();
  const output = createOutput({ stdout, stderr: new PassThrough() }, false);
  output.table(
    ['id', 'name', 'notes'],
    [
      ['7', '核心路由器', 'wide\nsigns'],
      ['1234', 'core', ''],
    ],
    ['id'],
  );
  assert.deepEqual(String(stdout.read()).split('\n'), [
    '  id  name        notes',
    '   7  核心路由器  wide signs',
    '1234  core',
    '',
  ]);
});

test('the values of fields are aligned, however long a name is', () => {
  const lines = fieldLines([
    ['p50', '1 ms'],
    ['availability', '100 %'],
  ]);
  assert.deepEqual(lines, ['p50          1 ms', 'availability 100 %']);
});

test('a terminal gets our colours, even for nested ones, and nothing else gets any', () => {
  const stdout = new PassThrough();
  const output = createOutput({ stdout, stderr: new PassThrough() }, true);
  const { colors } = output;
  output.line(colors.bold(`up ${colors.red('down')} ${colors.dim('off')} on`));
  assert.equal(
    stdout.read().toString(),
    '\u001b[1mup \u001b[31mdown\u001b[39m \u001b[2moff\u001b[22m\u001b[1m on\u001b[22m\n',
  );
  const { bold, yellow } = createColors(false);
  assert.equal(bold(yellow('as it is')), 'as it is');
});

test('a text fits its cells exactly, and no character is cut in two', () => {
  assert.equal(fitted('core', 6), 'core  ');
  assert.equal(fitted('core-router-1', 6), 'core-…');
  // Each of these takes two cells.
  assert.equal(fitted('核心路由器', 6), '核心… ');
  assert.equal(fitted('核心路由器', 7), '核心路…');
  assert.equal(fitted('👨‍👩‍👧 home', 4), '👨‍👩‍👧 …');
});
