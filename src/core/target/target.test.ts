import { expect, test } from 'vitest';
import { parseCidr, parseHostname, parseTargetAddress, targetKey } from './target.ts';

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
  ['2001:db8::1%eth0', 'zone'],
  ['fe80::1%', 'zone'],
  ['fe80::1%eth 0', 'zone'],
  ['192.0.2.1%eth0', 'zone'],
])('%j is refused, saying why', (text, why) => {
  expect(canonical(text)).toMatch(/^fault: /);
  expect(canonical(text)).toContain(why);
});

test.each([
  ['10/8', undefined],
  ['192.168/16', undefined],
  ['010.0.0.0/8', undefined],
  ['0x0a.0.0.0/8', undefined],
  ['10.0.0.0', undefined],
  ['10.0.0.0/33', undefined],
  ['fe80::%eth0/10', undefined],
  ['::ffff:10.0.0.0/104', undefined],
  ['10.0.0.0/8', '10.0.0.0,8'],
  ['::/0', '::,0'],
  ['FD00::/8', 'fd00::,8'],
])('the block %s is %s', (text, block) => {
  expect(parseCidr(text)?.join()).toBe(block);
});

test.each([
  ['example.net', 'example.net'],
  [' Router_1.Example.NET. ', 'router_1.example.net'],
  ['localhost', 'localhost'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['3com.example', '3com.example'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['MÜNCHEN.test.', 'xn--mnchen-3ya.test'],
  ['路由器。測試', 'xn--m7r592e54q.xn--g6w251d'],
  ['bü cher.example', undefined],
  ['bücher.example/x', undefined],
  ['１９２.0.2.1', undefined],
  ['xn--a.é@b', undefined],
  ['192.0.2.1', undefined],
  ['10.0.0.256', undefined],
  ['127.1', undefined],
  ['0x7f000001', undefined],
  ['::1', undefined],
  ['', undefined],
  ['a..b', undefined],
  ['-a.example', undefined],
  ['a-.example', undefined],
  ['https://example.net', undefined],
  ['example.net:443', undefined],
  [`${'a'.repeat(64)}.example`, undefined],
  [Array.from({ length: 64 }, () => 'abcd').join('.'), undefined],
])('the host name %j is %j', (text, name) => {
  expect(parseHostname(text)).toBe(name);
});

test('a plain address is its own key; a port or a name makes another target of it', () => {
  const ip = '192.0.2.1';
  expect(targetKey({ ip })).toBe(ip);
  expect(targetKey({ ip, hostname: null, family: null, probe: { kind: 'icmp' } })).toBe(ip);
  expect(targetKey({ ip, probe: { kind: 'tcp', port: 443 } })).toBe('192.0.2.1 tcp/443');
  expect(targetKey({ ip, hostname: 'example.net' })).toBe('example.net');
  expect(targetKey({ ip, hostname: 'example.net', family: 6, probe: { kind: 'tcp', port: 80 } })).toBe(
    'example.net ipv6 tcp/80',
  );
  expect(targetKey({ ip, family: 4 })).toBe(ip);
});
