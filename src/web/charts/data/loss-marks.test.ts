import assert from 'node:assert/strict';
import { test } from 'vitest';
import { lossMarks as marksOf } from './loss-marks.ts';
import { type OpenStretch, type TimelineRow, timelineOfRows } from './timeline.ts';

const lossMarks = (rows: readonly TimelineRow[], outages?: readonly OpenStretch[]) =>
  marksOf(timelineOfRows(rows), outages);

/** Probes of one second each, `.` answered and `x` lost, in buckets of so many seconds. */
function buckets(probes: string, seconds: number): TimelineRow[] {
  const latencies = { avg: 1, min: 1, max: 1, p10: 1, p50: 1, p90: 1 };
  return Array.from({ length: Math.ceil(probes.length / seconds) }, (_, index) => {
    const own = probes.slice(index * seconds, (index + 1) * seconds);
    return {
      ...{ ...latencies, notSentCount: 0 },
      ...{ at: index * seconds * 1000, lengthMillis: seconds * 1000, coveredMillis: own.length * 1000 },
      ...{ sampleCount: own.length, loss: own.replaceAll('.', '').length / own.length },
    };
  });
}

test('a single loss is never "all lost", however far the chart is zoomed in', () => {
  const probes = '..........x.........';
  for (const seconds of [1, 2, 5, 10, 20])
    assert.ok(!lossMarks(buckets(probes, seconds)).includes('all'), `${seconds}`);
  assert.deepEqual(lossMarks(buckets('.x.', 1)), ['none', 'tick', 'none']);
  assert.deepEqual(lossMarks(buckets('.x..', 2)), ['tick', 'none']);
  assert.deepEqual(lossMarks(buckets('.x...', 5)), ['share']);
});

test('five losses in a row are, at every zoom at which a bucket is within them', () => {
  assert.deepEqual(lossMarks(buckets('..xxxx..', 1)).slice(2, 6), ['tick', 'tick', 'tick', 'tick']);
  assert.deepEqual(lossMarks(buckets('..xxxxx..', 1)).slice(1, 8), ['none', 'all', 'all', 'all', 'all', 'all', 'none']);
  assert.deepEqual(lossMarks(buckets('..xxxxxxxx..', 2)), ['none', 'all', 'all', 'all', 'all', 'none']);
  assert.deepEqual(lossMarks(buckets('..........xxxxxxxxxx', 10)), ['none', 'all']);
});

test('nor are losses with a pause between them', () => {
  const rows = buckets('xxxxxx', 1).map((row, index) => (index < 3 ? row : { ...row, at: row.at + 60_000 }));
  assert.ok(!lossMarks(rows).includes('all'));
});

test('an unsent probe between two losses says nothing', () => {
  const rows = buckets('xxxxxx', 1).map((row, index) => (index === 3 ? { ...row, loss: null, sampleCount: 0 } : row));
  assert.deepEqual(lossMarks(rows), ['all', 'all', 'all', 'none', 'all', 'all']);
});

test('within an outage that extends beyond the view every bucket is all lost', () => {
  const [row] = buckets('x', 1);
  assert.ok(row !== undefined);
  assert.deepEqual(lossMarks([row], [{ from: -60_000, to: 60_000 }]), ['all']);
  assert.deepEqual(lossMarks([row], [{ from: -60_000, to: undefined }]), ['all']);
  assert.deepEqual(lossMarks([row], [{ from: -60_000, to: 0 }]), ['tick']);
});
