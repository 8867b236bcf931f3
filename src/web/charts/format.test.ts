import assert from 'node:assert/strict';
import { test } from 'vitest';
import { formatDuration, formatMs, formatShare } from './format.ts';

test('a share that is not all is never 100 %, one that is not nothing never 0 %', () => {
  const shares = [0, 1e-7, 0.00004, 0.0123, 0.5, 0.9995, 0.999_999_9, 1, null];
  assert.deepEqual(
    shares.map((share) => formatShare(share, 'en')),
    ['0 %', '< 0.001 %', '0.004 %', '1.23 %', '50 %', '99.95 %', '> 99.999 %', '100 %', '–'],
  );
});

test('milliseconds have the digits that matter, and no number is a dash', () => {
  assert.deepEqual(
    [0.0412, 3.1049, 20.04, 1234.5, null].map((value) => formatMs(value, 'en')),
    ['0.041 ms', '3.10 ms', '20.0 ms', '1,235 ms', '–'],
  );
  assert.equal(formatMs(20.04, 'fr'), '20,0 ms');
});

test('a duration has its two largest units', () => {
  assert.deepEqual(
    [0, 59, 61, 3600, 90_061].map((seconds) => formatDuration(seconds, 'en')),
    ['0 sec', '59 sec', '1 min 1 sec', '1 hr', '1 day 1 hr'],
  );
});
