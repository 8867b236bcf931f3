import { expect, test } from 'vitest';
import { isProbeAllowed, parseTargetAddress } from './target.ts';

function canonical(text: string): string {
  const parsed = parseTargetAddress(text);
  return parsed.kind === 'address' ? parsed.address : `fault: ${parsed.message}`;
}

test('addresses become canonical', () => {
  expect(canonical(' 127.0.0.1 ')).toBe('127.0.0.1');
  expect(canonical('2001:0DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
  expect(canonical('::1')).toBe('::1');
});

test.each([
  ['', 'not an IPv4 or IPv6 address'],
  ['localhost', 'not an IPv4 or IPv6 address'],
  ['127.1', 'not an IPv4 or IPv6 address'],
  ['0x7f.0.0.1', 'not an IPv4 or IPv6 address'],
  ['2130706433', 'not an IPv4 or IPv6 address'],
  ['256.1.1.1', 'not an IPv4 or IPv6 address'],
  ['010.0.0.1', 'leading zero'],
  ['0.0.0.0', 'unspecified'],
  ['::', 'unspecified'],
  ['224.0.0.1', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['::ffff:1.2.3.4', 'IPv4-mapped'],
  ['fe80::1%eth0', 'zone'],
])('%j is refused, saying why', (text, why) => {
  expect(canonical(text)).toMatch(/^fault: /);
  expect(canonical(text)).toContain(why);
});

test('denied blocks win over allowed ones, and an empty allow list allows the rest', () => {
  const policy = { allow: ['10.0.0.0/8', 'fd00::/8'], deny: ['10.1.0.0/16'] };
  expect(isProbeAllowed('10.2.0.1', policy)).toBe(true);
  expect(isProbeAllowed('10.1.0.1', policy)).toBe(false);
  expect(isProbeAllowed('192.0.2.1', policy)).toBe(false);
  expect(isProbeAllowed('fd00::1', policy)).toBe(true);
  expect(isProbeAllowed('192.0.2.1', { allow: [], deny: ['169.254.169.254/32'] })).toBe(true);
});
