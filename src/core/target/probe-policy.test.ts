import { expect, test } from 'vitest';
import { blocksOf, isProbeAllowed } from './probe-policy.ts';

test('denied blocks win over allowed ones, and an empty allow list allows the rest', () => {
  const policy = { allow: ['10.0.0.0/8', 'fd00::/8'], deny: ['10.1.0.0/16'] };
  expect(isProbeAllowed('10.2.0.1', policy)).toBe(true);
  expect(isProbeAllowed('10.1.0.1', policy)).toBe(false);
  expect(isProbeAllowed('192.0.2.1', policy)).toBe(false);
  expect(isProbeAllowed('fd00::1', policy)).toBe(true);
  expect(isProbeAllowed('192.0.2.1', { allow: [], deny: ['169.254.169.254/32'] })).toBe(true);
});

test.each([
  ...['64:ff9b::a01:1', '64:ff9b::10.1.0.1', '::ffff:0:10.1.0.1', '2002:a01:1::1', '::a01:1'],
  // NAT64's local prefix at each of its lengths, Teredo by client and by server, ISATAP below a prefix and link-local.
  ...['64:ff9b:1::a01:1', '64:ff9b:1:a01:0:100::', '64:ff9b:1:a:1:0:100:0', '64:ff9b:1:0:a:100:100:0'],
  ...['2001:0:cb00:7101:0:efff:f5fe:fffe', '2001:0:a01:1::1', '2001:db8::5efe:10.1.0.1', 'fe80::200:5efe:10.1.0.1'],
])('%s leads to 10.1.0.1, and is denied with it, but not allowed with it', (address) => {
  expect(isProbeAllowed(address, { allow: [], deny: ['10.1.0.0/16'] })).toBe(false);
  expect(isProbeAllowed(address, { allow: [], deny: ['10.2.0.0/16'] })).toBe(true);
  expect(isProbeAllowed(address, { allow: ['10.1.0.0/16'], deny: [] })).toBe(false);
});

test.each([
  ['loopback', ['127.8.8.8', '::1']],
  ['link-local', ['169.254.1.1', 'fe80::1', '169.254.169.254']],
  ['Private', ['10.9.9.9', '172.31.0.1', '192.168.1.1', 'fd12::1', 'fec0::1']],
  [
    'metadata',
    [
      '169.254.169.254',
      'fd00:ec2::254',
      '100.100.100.200',
      '64:ff9b::169.254.169.254',
      '192.0.0.192',
      '168.63.129.16',
      '64:ff9b::168.63.129.16',
      ...['fe80::a9fe:a9fe', 'fe80::a9fe:a9fe%eth0', '169.254.42.42', 'fd00:42::42', '169.254.0.23', '100.96.0.96'],
    ],
  ],
] as const)('%s stands for its blocks of both families', (word, addresses) => {
  const blocks = blocksOf(word) ?? [];
  for (const address of addresses) {
    expect(isProbeAllowed(address, { allow: [], deny: blocks })).toBe(false);
  }
  expect(isProbeAllowed('192.0.2.1', { allow: [], deny: blocks })).toBe(true);
  expect(isProbeAllowed('2001:db8::1', { allow: [], deny: blocks })).toBe(true);
});

test('an entry that is neither a word nor a block is invalid', () => {
  expect(blocksOf('10.0.0.0/8')).toEqual(['10.0.0.0/8']);
  expect(blocksOf('169.254.169.254')).toEqual(['169.254.169.254/32']);
  expect(blocksOf('2001:db8::1')).toEqual(['2001:db8::1/128']);
  for (const entry of ['loopbck', 'constructor', '', '10/8', '10.0.0', 'fe80::1%eth0'])
    expect(blocksOf(entry)).toBeUndefined();
});
