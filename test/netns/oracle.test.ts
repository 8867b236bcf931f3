import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'vitest';
import { TestNetwork } from './network.ts';
import { actOf, acts, addressOf, timeoutMillis } from './oracle.ts';
import type { Family } from './packets.ts';
import { isSkipped } from './requirements.ts';

let network: TestNetwork | undefined;
afterEach(() => network?.remove());

const isOracleSkipped = isSkipped('every packet classified as an oracle says', 'root', 'ip netns', 'ping');
const targetsPerFamily = acts.length;
const intervalMillis = 250;
const families: readonly Family[] = [4, 6];

async function openStage(...responderArguments: readonly string[]): Promise<TestNetwork> {
  const opened = new TestNetwork();
  network = opened;
  opened.add('a', 'net.ipv4.ping_group_range=0 2147483647');
  opened.add('b');
  opened.join('a', ['10.77.0.1/30', 'fd77::1/64'], 'b', ['10.77.0.2/30', 'fd77::2/64']);
  opened.ip('a', 'route add 10.78.0.0/16 via 10.77.0.2');
  opened.ip('a', '-6 route add fd78::/32 via fd77::2');
  // Unknown requests are dropped silently; the kernel itself would refuse them.
  opened.ip('b', 'route add blackhole 10.78.0.0/16');
  opened.ip('b', '-6 route add blackhole fd78::/32');
  opened.warmUp('a', '10.77.0.2', 'fd77::2');
  opened.exec('b', 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1', 'net.ipv6.icmp.echo_ignore_all=1');
  await opened.start('b', 'oracle-responder.ts', ...responderArguments);
  return opened;
}

describe.skipIf(isOracleSkipped)('against a responder with every behaviour', () => {
  test.for([
    { method: 'raw-socket', user: 'root' },
    { method: 'ping-socket', user: 'root' },
    { method: 'ping-socket', user: 'nobody' },
  ] as const)('$method of $user: results and counters match the oracle', async ({ method, user }) => {
    const stage = await openStage();
    const cast = families.flatMap((family) =>
      Array.from({ length: targetsPerFamily }, (_, index) => ({ family, index, ip: addressOf(family, index) })),
    );
    const targets = cast.map(({ ip }) => ({ ip, intervalMillis }));
    const run = { methods: [method], targets, timeoutMillis, seconds: 3, lingerMillis: timeoutMillis };
    const { verdicts, counters, anomalies, status } = await stage.probe('a', run, user);
    assert.deepEqual([status.ipv4, status.ipv6], [method, method]);
    const expected = { duplicates: 0, lateReplies: 0, wrongReplies: 0, icmpErrors: 0 };
    const played = new Set<string>();
    cast.forEach(({ family, index }, at) => {
      const own = { duplicates: 0, lateReplies: 0, icmpErrors: 0 };
      const results = verdicts[String(at + 1)] ?? [];
      assert.ok(results.length >= 10, `target ${at + 1} has ${results.length} results`);
      results.forEach((result, probe) => {
        const act = actOf(family, index, probe);
        const verdict = (method === 'ping-socket' && act.pingSocketVerdict?.(family)) || act.verdict(family);
        assert.equal(result, verdict.result, `IPv${family}, ${act.name}`);
        played.add(act.name);
        for (const name of ['duplicates', 'lateReplies', 'wrongReplies', 'icmpErrors'] as const)
          expected[name] += verdict[name] ?? 0;
        for (const name of ['duplicates', 'lateReplies', 'icmpErrors'] as const) own[name] += verdict[name] ?? 0;
      });
      const { duplicates = 0, lateReplies = 0, icmpErrors = 0 } = anomalies[String(at + 1)] ?? {};
      assert.deepEqual({ duplicates, lateReplies, icmpErrors }, own, `target ${at + 1}`);
    });
    assert.equal(played.size, acts.length);
    const { duplicates, lateReplies, wrongReplies, icmpErrors, receiveOverflows, notSent } = counters;
    assert.deepEqual({ duplicates, lateReplies, wrongReplies, icmpErrors }, expected);
    assert.deepEqual([receiveOverflows, notSent], [0, 0]);
  });

  test('of 100,000 replies spoofed by an attacker who sees every probe none is accepted', async () => {
    const perProbe = 250;
    const stage = await openStage(String(perProbe));
    const targets = families.flatMap((family) =>
      Array.from({ length: 10 }, (_, index) => ({ ip: addressOf(family, index), intervalMillis: 200 })),
    );
    const run = { methods: ['raw-socket'] as const, targets, timeoutMillis, seconds: 5, lingerMillis: 3000 };
    const { counters, anomalies } = await stage.probe('a', run);
    assert.ok(counters.sent * perProbe >= 100_000, `${counters.sent} probes`);
    assert.equal(counters.replies, 0);
    const { timeouts, sent, wrongReplies, receiveOverflows } = counters;
    assert.deepEqual([timeouts, wrongReplies, receiveOverflows], [sent, sent * perProbe, 0]);
    // A quarter comes from the wrong address, the rest has the wrong token; each target knows of its own.
    assert.equal(counters.wrongSources + counters.wrongTokens, wrongReplies);
    const sumOf = (name: 'wrongSources' | 'wrongTokens'): number =>
      Object.values(anomalies).reduce((sum, each) => sum + each[name], 0);
    assert.deepEqual([sumOf('wrongSources'), sumOf('wrongTokens')], [counters.wrongSources, counters.wrongTokens]);
    assert.ok(
      counters.wrongSources >= sent * Math.floor(perProbe / 4),
      `${counters.wrongSources} from wrong addresses`,
    );
  });
});
