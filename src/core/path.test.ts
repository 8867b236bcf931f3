import { expect, test } from 'vitest';
import { hopsFromReplyTtl, hopsOfPath } from './path.ts';

test.each([
  [64, 0],
  [57, 7],
  [65, 63],
  [128, 0],
  [113, 15],
  [255, 0],
  [244, 11],
  [31, 1],
  [29, 3],
  [32, 0],
  [33, 31],
  [1, 31],
])('a reply TTL of %i is %i hops away', (ttl, hops) => expect(hopsFromReplyTtl(ttl)).toBe(hops));

test('an unknown TTL gives no hops', () => {
  expect(hopsFromReplyTtl(undefined)).toBeUndefined();
  expect(hopsFromReplyTtl(0)).toBeUndefined();
});

test('a trace through one router is as many hops long as the reply behind one router says', () => {
  const hop = (ttl: number) => ({ ttl, ip: `192.0.2.${ttl}`, host: undefined, rttMicros: 1, sent: 1, answers: [] });
  const hops = [hop(1), hop(2)];
  expect(hopsOfPath({ hops, isDestinationReached: true })).toBe(hopsFromReplyTtl(63));
  expect(hopsOfPath({ hops, isDestinationReached: false })).toBeUndefined();
  expect(hopsOfPath({ hops: [], isDestinationReached: true })).toBeUndefined();
});
