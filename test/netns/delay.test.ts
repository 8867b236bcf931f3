import assert from 'node:assert/strict';
import { afterEach, test } from 'vitest';
import { TestNetwork } from './network.ts';
import { isSkipped } from './requirements.ts';

let network: TestNetwork | undefined;
afterEach(() => network?.remove());

const isDelaySkipped = isSkipped('delay measured beside fping', 'root', 'ip netns', 'ping', 'fping');
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function openPath(...responderArguments: readonly string[]): Promise<TestNetwork> {
  const opened = new TestNetwork();
  network = opened;
  opened.add('a');
  opened.add('b', 'net.ipv4.icmp_echo_ignore_all=1');
  opened.join('a', ['10.77.0.1/30'], 'b', ['10.77.0.2/30']);
  await opened.start('b', 'delayed-responder.ts', ...responderArguments);
  opened.warmUp('a', '10.77.0.2');
  return opened;
}

test.skipIf(isDelaySkipped)('a delay of 20 ms is measured within 0.2 ms of fping on the same path', async () => {
  const network = await openPath('20');
  const run = { targets: [{ ip: '10.77.0.2', intervalMillis: 100 }], seconds: 5 };
  // At the same time, so that other load on this machine affects both.
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

test.skipIf(isDelaySkipped)(
  'pmd ping waits for a reply that takes longer than its interval, and says why there is none',
  async () => {
    const network = await openPath('150');
    const ping = async (ip: string): Promise<{ code: number; stdout: string; stderr: string; json: any }> => {
      const run = async (...args: readonly string[]) =>
        network
          .execAsync('a', process.execPath, 'src/main.ts', 'ping', ip, '--timeout', '0.5', ...args)
          .then((ended) => ({ ...ended, code: 0 }))
          .catch((error: { code: number; stdout: string; stderr: string }) => error);
      return { ...(await run()), json: JSON.parse((await run('--json')).stdout) };
    };
    const slow = await ping('10.77.0.2');
    assert.deepEqual([slow.code, slow.stderr], [0, '']);
    assert.match(slow.stdout, /^10\.77\.0\.2: reply in 1[5-9]\d\.\d+ ms/);
    assert.deepEqual([slow.json.packet_loss, 'loss_reason' in slow.json], [false, false]);
    network.ip('a', 'route add 10.78.0.0/16 via 10.77.0.2');
    network.ip('b', 'route add blackhole 10.78.0.0/24');
    network.ip('b', 'route add unreachable 10.78.1.0/24');
    network.exec('b', 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    const silent = await ping('10.78.0.1');
    assert.deepEqual([silent.code, silent.stdout], [1, '10.78.0.1: no reply in 0.5 s\n']);
    assert.equal(silent.stderr, 'pmd: The probe to 10.78.0.1 was lost: no reply in 0.5 s.\n');
    assert.deepEqual([silent.json.packet_loss, silent.json.loss_reason], [true, 'timeout']);
    const refused = await ping('10.78.1.1');
    assert.deepEqual([refused.code, refused.stdout], [1, '10.78.1.1: unreachable (icmp-3-1)\n']);
    assert.deepEqual([refused.json.packet_loss, refused.json.loss_reason], [true, 'icmp-3-1']);
    network.ip('a', 'route del 10.78.0.0/16');
    const unsent = await network
      .execAsync('a', process.execPath, 'src/main.ts', 'ping', '10.78.0.1')
      .catch((error) => error);
    assert.equal(unsent.code, 1);
    assert.match(
      unsent.stderr,
      /^pmd: The probe to 10\.78\.0\.1 could not be sent: network is unreachable \(errno 101\)\.\n$/,
    );
  },
);

test.skipIf(isDelaySkipped)('replies after the timeout are losses, and counted as late', async () => {
  const network = await openPath('300');
  const run = { targets: [{ ip: '10.77.0.2', intervalMillis: 100 }], seconds: 2, timeoutMillis: 200 };
  const { counters, outcomes } = await network.probe('a', run);
  assert.deepEqual(Object.keys(outcomes['1'] ?? {}), ['1:0']);
  assert.ok(counters.lateReplies >= counters.sent - 1 && counters.sent >= 18, JSON.stringify(counters));
});

test.skipIf(isDelaySkipped)('a second copy of a reply changes nothing, and is counted as a duplicate', async () => {
  const network = await openPath('1', '2');
  const run = { targets: [{ ip: '10.77.0.2', intervalMillis: 100 }], seconds: 2 };
  const { counters } = await network.probe('a', run);
  assert.deepEqual([counters.replies, counters.duplicates], [counters.sent, counters.sent]);
});

test.skipIf(isDelaySkipped)('a reply with another token does not count, and is counted as wrong', async () => {
  const network = await openPath('1', '1', 'forged');
  const run = { targets: [{ ip: '10.77.0.2', intervalMillis: 100 }], seconds: 2 };
  const { counters } = await network.probe('a', run);
  assert.deepEqual([counters.replies, counters.timeouts, counters.wrongReplies], [0, counters.sent, counters.sent]);
});
