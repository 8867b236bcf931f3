import assert from 'node:assert/strict';
import { test } from 'vitest';
import { HopStatistics } from './hop-statistics.ts';

const passed = (hop: number, rttMs: number, ip = `10.0.0.${hop}`) => {
  return { hop, ip, rtt_ms: rttMs, kind: 'passed' as const, mpls: [] };
};
const reached = (hop: number, rttMs: number) => ({ ...passed(hop, rttMs, '10.0.9.9'), kind: 'reached' as const });

test('a probe unanswered when the next round begins is lost; a pending one is not', () => {
  const statistics = new HopStatistics();
  statistics.round([1, 2, 3]);
  statistics.answer(passed(1, 2));
  statistics.answer(reached(2, 5));
  assert.deepEqual(
    statistics.figures().map(({ hop, sentCount, loss }) => [hop, sentCount, loss]),
    [
      [1, 1, 0],
      [2, 1, 0],
    ],
  );
  statistics.round([1, 2]);
  statistics.answer(passed(1, 4, '10.0.7.7'));
  assert.equal(statistics.figures()[1]?.sentCount, 1);
  statistics.settle();
  const [first, second] = statistics.figures();
  assert.deepEqual(
    [second?.sentCount, second?.replyCount, second?.loss, first?.addresses.map(({ ip }) => ip)],
    [2, 1, 0.5, ['10.0.0.1', '10.0.7.7']],
  );
  const { lastMs, avgMs, minMs, maxMs, stddevMs } = first ?? {};
  assert.deepEqual([lastMs, avgMs, minMs, maxMs, stddevMs], [4, 3, 2, 4, Math.SQRT2]);
});

test('a path that became shorter ends at its destination, and silent hops keep their places', () => {
  const statistics = new HopStatistics();
  statistics.round([1, 2, 3, 4]);
  statistics.answer(passed(1, 1));
  statistics.answer(reached(4, 9));
  assert.deepEqual(statistics.figures()[1], {
    ...{ hop: 2, addresses: [], sentCount: 0, replyCount: 0, loss: null, lastMs: null },
    ...{ avgMs: null, minMs: null, maxMs: null, stddevMs: null },
  });
  const stored = { hop: 1, addresses: [{ ip: '10.0.0.1', host: 'gate.example', rtts_ms: [1], mpls: [] }] };
  const rest = { host: null, ip: null, rtt_ms: null, is_timeout: true, raw: '', sent_count: 1, reply_count: 0 };
  statistics.finish([1, 2, 3].map((hop) => ({ ...rest, ...(hop === 1 ? stored : { hop, addresses: [] }) })));
  assert.equal(statistics.figures().length, 3);
  assert.equal(statistics.figures()[0]?.addresses[0]?.host, 'gate.example');
});
