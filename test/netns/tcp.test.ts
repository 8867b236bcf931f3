import assert from 'node:assert/strict';
import { afterEach, test } from 'vitest';
import { TestNetwork } from './network.ts';
import { isSkipped } from './requirements.ts';

let network: TestNetwork | undefined;
afterEach(() => network?.remove());

const isTcpSkipped = isSkipped('connections to ports between namespaces', 'root', 'ip netns', 'nft', 'ping');
const portClosed = `2:${255 * 256}`;
const lost = '1:0';
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** a, joined to b, where TCP to 4444 is dropped, to 4445 refused by ICMP, and to 4443 kept from the kernel. */
function openNetwork(): TestNetwork {
  const opened = new TestNetwork();
  network = opened;
  opened.add('a');
  opened.add('b');
  for (const limit of ['ipv4.icmp_ratelimit', 'ipv6.icmp.ratelimit']) {
    opened.exec('b', 'sysctl', '-qw', `net.${limit}=0`);
  }
  opened.join('a', ['10.77.0.1/30', 'fd77::1/64'], 'b', ['10.77.0.2/30', 'fd77::2/64']);
  opened.nft(
    'b',
    `table inet test {
      chain in {
        type filter hook input priority 0;
        tcp dport { 4443, 4444 } drop
        meta nfproto ipv4 tcp dport 4445 reject with icmp admin-prohibited
        ip protocol tcp tcp dport 4446 reject with icmp host-unreachable
        meta nfproto ipv6 tcp dport 4445 reject with icmpv6 admin-prohibited
      }
    }`,
  );
  opened.warmUp('a', '10.77.0.2', 'fd77::2');
  return opened;
}

test.skipIf(isTcpSkipped)('every kind of port has its own outcome, in both families, alongside ICMP', async () => {
  const opened = openNetwork();
  await opened.start('b', 'tcp-listener.ts', '7000');
  const intervalMillis = 100;
  const ports = [7000, 7001, 4444, 4445];
  const targets = [
    ...['10.77.0.2', 'fd77::2'].flatMap((ip) =>
      ports.map((port) => ({ ip, probe: { kind: 'tcp', port } as const, intervalMillis })),
    ),
    { ip: '10.77.0.2', probe: { kind: 'tcp', port: 4446 } as const, intervalMillis },
    { ip: '10.99.0.1', probe: { kind: 'tcp', port: 80 } as const, intervalMillis },
    { ip: '10.77.0.2', intervalMillis },
  ];
  const { counters, outcomes, rttsMicros } = await opened.probe('a', { targets, seconds: 2, timeoutMillis: 500 });
  const seen = targets.map((_, at) => Object.keys(outcomes[String(at + 1)] ?? {}));
  assert.deepEqual(seen, [
    ...[['reply'], [portClosed], [lost], [`2:${3 * 256 + 13}`]],
    ...[['reply'], [portClosed], [lost], [`2:${1 * 256 + 1}`]],
    ...[[`2:${3 * 256 + 1}`], ['3:101'], ['reply']],
  ]);
  for (const id of ['1', '5']) {
    const rtts = rttsMicros[id] ?? [];
    assert.ok(rtts.length >= 15 && rtts.every((micros) => micros > 0), `${rtts.length} replies`);
    assert.ok(median(rtts) < 1000, `${median(rtts)} µs`);
  }
  assert.equal(counters.sent, counters.replies + counters.timeouts + counters.unreachable);
  assert.equal(opened.exec('a', 'cat', '/proc/net/tcp', '/proc/net/tcp6').match(/ 06 /g), null, 'no TIME_WAIT is left');
});

test.skipIf(isTcpSkipped)('a delay of 20 ms is the round trip, whenever it is read', async () => {
  const opened = openNetwork();
  await opened.start('b', 'tcp-responder.ts', '20');
  const run = {
    targets: [{ ip: '10.77.0.2', probe: { kind: 'tcp', port: 4443 } as const, intervalMillis: 100 }],
    seconds: 4,
  };
  const { counters, rttsMicros } = await opened.probe('a', run);
  const ourMillis = median(rttsMicros['1'] ?? []) / 1000;
  assert.ok(ourMillis >= 20 && ourMillis < 21, `we measured ${ourMillis} ms`);
  assert.deepEqual([counters.timeouts, counters.replies], [0, counters.sent]);
});

test.skipIf(isTcpSkipped)(
  'an answer to the second SYN is a loss, one that took longer than the kernel’s wait is not',
  async () => {
    const opened = openNetwork();
    const run = {
      targets: [{ ip: '10.77.0.2', probe: { kind: 'tcp', port: 4443 } as const, intervalMillis: 500 }],
      seconds: 3,
      timeoutMillis: 3000,
    };
    await opened.start('b', 'tcp-responder.ts', '20', '1');
    const second = await opened.probe('a', run);
    assert.deepEqual(Object.keys(second.outcomes['1'] ?? {}), [lost]);
    await opened.remove();
    const slow = openNetwork();
    await slow.start('b', 'tcp-responder.ts', '1300');
    const { outcomes, rttsMicros } = await slow.probe('a', run);
    assert.deepEqual(Object.keys(outcomes['1'] ?? {}), ['reply']);
    assert.ok(
      (rttsMicros['1'] ?? []).every((micros) => Math.abs(micros - 1_300_000) < 100_000),
      JSON.stringify(rttsMicros['1']),
    );
  },
);

test.skipIf(isTcpSkipped)(
  'no more connections are in progress than the limit; those above it are not sent',
  async () => {
    const opened = openNetwork();
    opened.ip('a', 'route add 10.78.0.0/16 via 10.77.0.2');
    opened.ip('b', 'route add local 10.78.0.0/16 dev lo');
    const targets = Array.from({ length: 3000 }, (_, index) => ({
      ...{
        ip: `10.78.${index >> 8}.${index & 255 || 1}`,
        probe: { kind: 'tcp', port: 4444 } as const,
        intervalMillis: 1000,
      },
    }));
    const { counters, outcomes } = await opened.probe('a', { targets, seconds: 4, timeoutMillis: 900 });
    const total = (key: string): number => Object.values(outcomes).reduce((sum, counts) => sum + (counts[key] ?? 0), 0);
    assert.deepEqual([counters.replies, counters.unreachable], [0, 0]);
    assert.equal(total(lost), counters.timeouts);
    assert.equal(total('3:11'), counters.notSent);
    assert.ok(counters.notSent > 0 && counters.timeouts > 2048, JSON.stringify(counters));
  },
);
