import assert from 'node:assert/strict';
import { afterEach, test } from 'vitest';
import { TestNetwork } from './network.ts';
import { isSkipped } from './requirements.ts';

let network: TestNetwork | undefined;
afterEach(() => network?.remove());

const isDelaySkipped = isSkipped('delay measured beside fping', 'root', 'ip netns', 'ping', 'fping');
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

test.skipIf(isDelaySkipped)('a delay of 20 ms is measured within 0.2 ms of fping on the same path', async () => {
  network = new TestNetwork();
  network.add('a');
  network.add('b', 'net.ipv4.icmp_echo_ignore_all=1');
  network.join('a', ['10.77.0.1/30'], 'b', ['10.77.0.2/30']);
  await network.start('b', 'delayed-responder.ts', '20');
  network.warmUp('a', '10.77.0.2');
  const run = { targets: [{ ip: '10.77.0.2', intervalMillis: 100 }], seconds: 5 };
  // Side by side, so that whatever else this machine does befalls both.
  const [ours, theirs] = await Promise.all([
    network.probe('a', run),
    network.execAsync('a', 'fping', '-q', '-C', '55', '-p', '100', '10.77.0.2'),
  ]);
  const ourMillis = median((ours.rttsMicros['1'] ?? []).map((micros) => micros / 1000));
  const fpingMillis = median((theirs.stderr.split(' : ')[1] ?? '').trim().split(/\s+/).map(Number));
  assert.ok(ourMillis >= 20 && ourMillis < 21, `we measured ${ourMillis} ms`);
  assert.ok(Math.abs(ourMillis - fpingMillis) <= 0.2, `we measured ${ourMillis} ms, fping ${fpingMillis} ms`);
  assert.equal(ours.counters.timeouts, 0);
});
