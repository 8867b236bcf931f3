import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'vitest';
import { fieldLines, createOutput } from './output.ts';

test('columns of a table line up, whatever they hold, and numbers stand to the right', () => {
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

test('the values of fields stand below one another, however long a name is', () => {
  const lines = fieldLines([
    ['p50', '1 ms'],
    ['availability', '100 %'],
  ]);
  assert.deepEqual(lines, ['p50          1 ms', 'availability 100 %']);
});
