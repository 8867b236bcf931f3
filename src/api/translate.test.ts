import assert from 'node:assert/strict';
import { test } from 'vitest';
import { instantOf } from './translate.ts';

test('an instant is RFC 3339 in UTC to the millisecond, whatever the year', () => {
  const instants = [
    0,
    1,
    999,
    1000,
    1_795_907_659_426,
    1_795_907_659_007.9,
    Date.UTC(2028, 1, 29),
    253_402_300_799_999,
  ];
  for (const at of [...instants, ...instants, -1, -62_198_755_200_000, 253_402_300_800_000])
    assert.equal(instantOf(at), new Date(at).toISOString());
  assert.throws(() => instantOf(Number.NaN), RangeError);
});
