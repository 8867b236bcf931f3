import { expect, test } from 'vitest';
import { hopKeyOfTtl, hopsFromReplyTtl, hopsOfKey, hopsOfPath, knownHopsOfPath, ttlOfHopKey } from './path.ts';

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

test.each([
  // Begun with 64 behind 34 routers, traced whole or as far as the 20th; the way back may be shorter.
  [30, 34, 34],
  [30, 20, 34],
  [32, 28, 32],
  [1, 60, 63],
  // Begun with 32: the path is short, whatever the way back.
  [30, 2, 2],
  [30, 18, 2],
  [31, 1, 1],
  // No other initial TTL is in doubt.
  [62, 34, 2],
  [100, 5, 28],
  [250, 30, 5],
])('a reply TTL of %i on a path of %i routers is %i hops away', (ttl, pathHops, hops) =>
  expect(hopsFromReplyTtl(ttl, pathHops)).toBe(hops),
);

test('the key that rollups group replies by gives the same hops as the TTL, also when converted back to one', () => {
  for (let ttl = 1; ttl <= 255; ttl++) {
    const key = hopKeyOfTtl(ttl) ?? -1;
    expect(hopKeyOfTtl(ttlOfHopKey(key))).toBe(key);
    for (const pathHops of [undefined, 1, 17, 34, 64])
      expect(hopsOfKey(key, pathHops)).toBe(hopsFromReplyTtl(ttl, pathHops));
  }
});

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
  const silent = { ...hop(3), ip: undefined };
  expect(knownHopsOfPath({ hops: [...hops, silent], isDestinationReached: false })).toBe(2);
  expect(knownHopsOfPath({ hops, isDestinationReached: true })).toBe(1);
});
