import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { linearTicks, logTicks, valueRange } from './value-ticks.ts';

test('ticks are round and within the range', () => {
  assert.deepEqual(linearTicks(0, 0.31, 5), [0, 0.1, 0.2, 0.3]);
  assert.deepEqual(linearTicks(19.4, 24.2, 5), [20, 21, 22, 23, 24]);
  assert.deepEqual(logTicks(0.02, 300, 6), [0.1, 1, 10, 100]);
  assert.deepEqual(logTicks(1, 60, 5), [1, 2, 5, 10, 20, 50]);
  assert.deepEqual(logTicks(20, 31, 4), [20, 25, 30]);
});

test('a range contains its data at any scale, and a logarithm never gets 0', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 5000, noNaN: true }),
      fc.double({ min: 0, max: 5000, noNaN: true }),
      (a, b) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        for (const isLog of [false, true]) {
          const [from, to] = valueRange(min, max, isLog);
          assert.ok(from < to && from <= Math.max(min, 0.001) && to >= max);
          assert.ok(!isLog || from > 0);
        }
      },
    ),
  );
});
