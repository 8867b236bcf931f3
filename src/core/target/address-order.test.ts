import assert from 'node:assert/strict';
import { test } from 'vitest';
import { inOrderOfPreference } from './address-order.ts';

/** RFC 6724 §10.2, where rules 1, 2, 5, 6 and 8 decide: source of each destination, best first. */
test.for([
  [
    ['2001:db8:1::1', '2001:db8:1::2'],
    ['198.51.100.121', '169.254.13.78'],
  ],
  [
    ['198.51.100.121', '198.51.100.117'],
    ['2001:db8:1::1', 'fe80::2'],
  ],
  [
    ['2001:db8:1::1', '2001:db8:1::2'],
    ['10.1.2.3', '10.1.2.4'],
  ],
  [
    ['fe80::1', 'fe80::2'],
    ['2001:db8:1::1', '2001:db8:1::2'],
  ],
  [
    ['2001:db8:1::1', '2001:db8:3::1'],
    ['2002:c633:6401::1', '2002:c633:6401::2'],
  ],
  [
    ['::1', '::1'],
    ['127.0.0.5', '127.0.0.1'],
  ],
  [
    ['10.1.2.3', '10.1.2.4'],
    ['fc00::2', '2001:db8::1'],
  ],
  [
    ['192.0.2.7', '192.0.2.1'],
    ['2001:db8::7', undefined],
  ],
  [
    ['2001:db8::7', '2001:db8::1'],
    ['192.0.2.7', undefined],
  ],
] as const)('%s before %s', ([best, next]) => {
  const [first, second] = [best, next].map(([ip, source]) => ({ ip, source }));
  assert.ok(first !== undefined && second !== undefined);
  for (const given of [
    [first, second],
    [second, first],
  ])
    assert.deepEqual(inOrderOfPreference(given), [first, second]);
});

test('addresses of equal rank stay in the order of the answer', () => {
  const given = ['192.0.2.9', '192.0.2.3', '192.0.2.5'].map((ip) => ({ ip, source: '192.0.2.1' }));
  assert.deepEqual(inOrderOfPreference(given), given);
});
