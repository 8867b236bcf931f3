import assert from 'node:assert/strict';
import { test } from 'vitest';
import { jitterMicros, lossRatio, percentileOf, standardDeviation } from './statistics.ts';

test('percentiles interpolate between order statistics as percentile_cont does', () => {
  assert.equal(percentileOf([10, 20, 30, 40], 0.5), 25);
  assert.equal(percentileOf([10, 20, 30, 40], 0.95), 38.5);
  assert.equal(percentileOf([7], 0.99), 7);
  assert.equal(percentileOf([], 0.5), undefined);
});

test('an unsent probe is not counted as loss', () => {
  const reply = { outcome: 'reply', rttMicros: 1200, replyTtl: 64 } as const;
  assert.equal(lossRatio([reply, { outcome: 'not-sent', errno: 1 }]), 0);
  assert.equal(lossRatio([reply, { outcome: 'timeout' }]), 0.5);
  assert.equal(lossRatio([{ outcome: 'not-sent', errno: 1 }]), undefined);
});

test('jitter follows the filter of RFC 3550 from 0 and needs two replies', () => {
  assert.equal(jitterMicros([100]), undefined);
  assert.equal(jitterMicros([100, 116]), 1);
  assert.equal(jitterMicros([100, 116, 100]), 1 + 15 / 16);
});

test('the standard deviation of equal values is 0 and never NaN', () => {
  assert.equal(standardDeviation(3, 30, 300), 0);
  assert.equal(standardDeviation(2, 4, 10), 1);
  assert.equal(standardDeviation(0, 0, 0), undefined);
});
