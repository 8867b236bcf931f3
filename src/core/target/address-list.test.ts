import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { listAddressesMax, parseAddressList } from './address-list.ts';

function addressesIn(text: string): readonly string[] {
  return parseAddressList(text).flatMap((entry) => {
    if (entry.kind === 'name') return [`name ${entry.hostname}`];
    return entry.kind === 'addresses' ? entry.addresses : [entry.reason];
  });
}

describe('a pasted list', () => {
  test('holds addresses in any separation, with comments', () => {
    const text = '192.0.2.1, 192.0.2.2;192.0.2.3\n# the office\n 2001:DB8::1\t192.0.2.4 # printer\n\n';
    const expected = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '192.0.2.4'];
    assert.deepEqual(addressesIn(text), expected);
    assert.deepEqual(
      parseAddressList(text).map(({ line }) => line),
      [1, 1, 1, 3, 3],
    );
  });

  test('spells out blocks, without network and broadcast where there are such', () => {
    assert.deepEqual(addressesIn('192.0.2.0/30'), ['192.0.2.1', '192.0.2.2']);
    assert.deepEqual(addressesIn('192.0.2.5/30'), ['192.0.2.5', '192.0.2.6']);
    assert.deepEqual(addressesIn('192.0.2.8/31'), ['192.0.2.8', '192.0.2.9']);
    assert.deepEqual(addressesIn('192.0.2.8/32'), ['192.0.2.8']);
    assert.deepEqual(addressesIn('2001:db8::/127'), ['2001:db8::', '2001:db8::1']);
    assert.equal(addressesIn('10.0.0.0/20').length, listAddressesMax - 2);
  });

  test('spells out ranges, long and short', () => {
    assert.deepEqual(addressesIn('192.0.2.254 - 192.0.3.1'), ['192.0.2.254', '192.0.2.255', '192.0.3.0', '192.0.3.1']);
    assert.deepEqual(addressesIn('192.0.2.9-11'), ['192.0.2.9', '192.0.2.10', '192.0.2.11']);
    assert.deepEqual(addressesIn('2001:db8::fe-2001:db8::ff'), ['2001:db8::fe', '2001:db8::ff']);
  });

  test('holds host names, which have a dot', () => {
    const text = 'Example.NET, nas. localhost my-host.example 1.2.3.example';
    const names = ['example.net', 'nas', 'localhost', 'my-host.example', '1.2.3.example'];
    assert.deepEqual(
      addressesIn(text),
      names.map((name) => `name ${name}`),
    );
  });

  test('says why each invalid entry is invalid', () => {
    const cases = [
      ['router', 'no-address'],
      ['192.0.2.0/33', 'no-address'],
      ['10.0.0.0/19', 'too-large'],
      ['2001:db8::/64', 'too-large'],
      ['10.0.0.1-10.1.0.0', 'too-large'],
      ['192.0.2.9-3', 'reversed'],
      ['192.0.2.9-300', 'no-address'],
      ['192.0.2.9-2001:db8::1', 'families'],
      ['224.0.0.0/30', 'multicast'],
      ['0.0.0.0', 'unspecified'],
      ['192.0.2.010', 'octal'],
      ['2001:db8::1%eth0', 'zone'],
    ] as const;
    for (const [text, reason] of cases) assert.deepEqual(addressesIn(text), [reason], text);
  });
});
