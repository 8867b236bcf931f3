import { expect, test } from 'vitest';
import { hopsFromReplyTtl } from './path.ts';

test.each([
  [64, 0],
  [57, 7],
  [65, 63],
  [128, 0],
  [113, 15],
  [255, 0],
  [244, 11],
  [1, 63],
])('a reply TTL of %i is %i hops away', (ttl, hops) => expect(hopsFromReplyTtl(ttl)).toBe(hops));

test('an unknown TTL gives no hops', () => {
  expect(hopsFromReplyTtl(undefined)).toBeUndefined();
  expect(hopsFromReplyTtl(0)).toBeUndefined();
});
