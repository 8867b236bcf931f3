import assert from 'node:assert/strict';
import { afterEach, test } from 'vitest';
import { TestNetwork } from './network.ts';
import { isSkipped } from './requirements.ts';

let network: TestNetwork | undefined;
afterEach(() => network?.remove());

const isLossSkipped = isSkipped('random loss between namespaces', 'root', 'ip netns', 'nft', 'ping');

test.skipIf(isLossSkipped)('30 % random loss is measured to within one percentage point', async () => {
  network = new TestNetwork();
  network.add('a');
  network.add('b');
  network.join('a', ['10.77.0.1/30'], 'b', ['10.77.0.2/30']);
  network.ip('a', 'route add 10.78.0.0/16 via 10.77.0.2');
  network.ip('b', 'route add local 10.78.0.0/16 dev lo');
  network.warmUp('a', '10.78.0.1');
  network.nft(
    'b',
    `table inet test {
      counter lost {}
      chain in {
        type filter hook input priority 0;
        icmp type echo-request numgen random mod 100 < 30 counter name lost drop
      }
    }`,
  );
  const targets = Array.from({ length: 1000 }, (_, index) => ({
    ip: `10.78.${index >> 8}.${index & 255}`,
    intervalMillis: 200,
  }));
  const { counters } = await network.probe('a', { targets, seconds: 8 });
  const dropped = Number(
    /packets (\d+)/.exec(network.exec('b', 'nft', 'list', 'counter', 'inet', 'test', 'lost'))?.[1],
  );
  assert.ok(counters.sent >= 30_000, `only ${counters.sent} were sent`);
  assert.equal(counters.timeouts, dropped);
  assert.equal(counters.sent, counters.replies + counters.timeouts);
  assert.ok(Math.abs(counters.timeouts / counters.sent - 0.3) < 0.01, `${counters.timeouts} of ${counters.sent}`);
  assert.equal(counters.wrongReplies + counters.duplicates + counters.lateReplies + counters.receiveOverflows, 0);
});
