import assert from 'node:assert/strict';
import { test } from 'vitest';
import { LatenessWindow } from './lateness.ts';

test('quantiles are within a tenth of the truth and forget after ten seconds', () => {
  const window = new LatenessWindow();
  assert.equal(window.quantileMicros(0.5), 0);
  for (let micros = 1; micros <= 1000; micros++) window.add(micros);
  const median = window.quantileMicros(0.5);
  assert.ok(median >= 500 && median <= 560, String(median));
  const p99 = window.quantileMicros(0.99);
  assert.ok(p99 >= 990 && p99 <= 1100, String(p99));
  for (let second = 0; second < 10; second++) window.nextSecond();
  assert.equal(window.quantileMicros(0.99), 0);
});
