import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { createLiveResults } from './live-results.ts';
import {
  absencesIn as absencesOf,
  type AbsenceContext,
  beginningWithin,
  joined,
  rowAt,
  rowsOf,
  shifted,
  timelineOf,
  type TimelineRow,
  timelineOfRows,
  within,
} from './timeline.ts';

const absencesIn = (rows: readonly TimelineRow[], context: AbsenceContext) => absencesOf(timelineOfRows(rows), context);

const row = (at: number, coveredMillis = 60_000): TimelineRow => ({
  at,
  lengthMillis: 60_000,
  ...{ avg: 1, min: 1, max: 1, p10: 1, p50: 1, p90: 1, loss: 0, sampleCount: 60, notSentCount: 0, coveredMillis },
});
const minutes = (...numbers: readonly number[]) => numbers.map((minute) => row(minute * 60_000));
const none = { pauses: [], gaps: [] };
const known = { from: 0, to: 600_000 };

describe('absences', () => {
  test('of a complete timeline are none', () => {
    assert.deepEqual(absencesIn(minutes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), { ...none, known }), []);
  });

  test('without a reason are our own downtime', () => {
    const found = absencesIn(minutes(0, 1, 2, 6, 7, 8, 9), { ...none, known });
    assert.deepEqual(found, [{ kind: 'absent', from: 180_000, to: 360_000 }]);
  });

  test('are cut along pauses and gaps, also open ones', () => {
    const pauses = [{ from: 180_500, to: 240_000 }];
    const gaps = [{ from: 300_000, to: undefined }];
    assert.deepEqual(absencesIn(minutes(0, 1, 2), { pauses, gaps, known }), [
      { kind: 'pause', from: 180_000, to: 240_000 },
      { kind: 'absent', from: 240_000, to: 300_000 },
      { kind: 'gap', from: 300_000, to: 600_000 },
    ]);
  });

  test('are absent if one result is valid for many buckets', () => {
    assert.deepEqual(absencesIn([row(0, 600_000)], { ...none, known }), []);
  });

  test('begin within a bucket that is barely covered', () => {
    const found = absencesIn([row(0, 10_000), ...minutes(1)], { ...none, known: { from: 0, to: 120_000 } });
    assert.deepEqual(found, [{ kind: 'absent', from: 10_000, to: 60_000 }]);
  });
});

describe('what this server failed to send', () => {
  test("is its own downtime, not the target's, although it has rows", () => {
    const unsent = { sampleCount: 0, notSentCount: 60, loss: null, p50: null };
    const found = absencesIn(
      [row(0), { ...row(60_000, 0), ...unsent }, { ...row(120_000, 0), ...unsent }, row(180_000)],
      { ...none, known: { from: 0, to: 240_000 } },
    );
    assert.deepEqual(found, [{ kind: 'absent', from: 60_000, to: 180_000 }]);
  });
});

test('the row of a moment is the bucket that contains it', () => {
  const rows = timelineOfRows(minutes(0, 1, 5));
  assert.equal(rowAt(rows, 61_000)?.at, 60_000);
  assert.equal(rowAt(rows, 150_000), undefined);
  assert.equal(rowAt(rows, -1), undefined);
  assert.equal(rowAt(rows, 359_999)?.at, 300_000);
  assert.deepEqual([...within(rows, { from: 59_000, to: 300_000 }).at], [0, 60_000]);
  assert.deepEqual([...beginningWithin(rows, { from: 59_000, to: 300_001 }).at], [60_000, 300_000]);
  assert.equal(within(rows, { from: 150_000, to: 200_000 }).length, 0);
});

test('a timeline is sliced, joined and shifted without a bucket lost or changed, and sliced without a copy', () => {
  const whole = timelineOfRows(minutes(0, 1, 2, 3));
  const [first, second] = [within(whole, { from: 0, to: 120_000 }), within(whole, { from: 120_000, to: 240_000 })];
  assert.equal(first.p50.buffer, whole.p50.buffer);
  assert.deepEqual(rowsOf(joined([first, timelineOfRows([]), second])), minutes(0, 1, 2, 3));
  assert.deepEqual(rowsOf(shifted(first, 60_000)), minutes(1, 2));
  assert.deepEqual([...whole.at], [0, 60_000, 120_000, 180_000]);
});

test('columns of the API become a timeline, with null as NaN and back', () => {
  const latencies = { avg_latency_ms: [1, null], min_latency_ms: [1, null], max_latency_ms: [3, null] };
  const percentiles = { p10_latency_ms: [1, null], p50_latency_ms: [2, null], p90_latency_ms: [3, null] };
  const counts = { loss_rate: [0, null], sample_count: [60, 0], not_sent_count: [0, 60], covered_seconds: [60, 0] };
  const timeline = timelineOf({ bucket: [60, 120], ...latencies, ...percentiles, ...counts }, 60);
  assert.deepEqual([...timeline.p50], [2, Number.NaN]);
  const [full, unsent] = rowsOf(timeline);
  assert.deepEqual(full, { ...row(60_000), max: 3, p50: 2, p90: 3 });
  assert.deepEqual([unsent?.at, unsent?.p50, unsent?.loss, unsent?.notSentCount], [120_000, null, null, 60]);
});

test('live results become the same buckets that the server would make', () => {
  const live = createLiveResults(0, () => 1000);
  live.add([3, 1, 2].map((value) => ({ at: value * 1000, latencyMs: value })));
  live.add([
    { at: 4000, latencyMs: null },
    { at: 12_000, latencyMs: 7 },
  ]);
  const [first, second] = live.rows(0, 10_000);
  assert.deepEqual([first?.at, first?.min, first?.p50, first?.max, first?.loss], [0, 1, 2, 3, 0.25]);
  assert.deepEqual([second?.at, second?.avg, second?.sampleCount, second?.coveredMillis], [10_000, 7, 1, 1000]);
  assert.deepEqual(live.rows(20_000, 10_000), []);
});
