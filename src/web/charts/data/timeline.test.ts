import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { createLiveResults } from './live-results.ts';
import { absencesIn, rowAt, rowsWithin, type TimelineRow } from './timeline.ts';

const row = (at: number, coveredMillis = 60_000): TimelineRow => ({
  at,
  lengthMillis: 60_000,
  ...{ avg: 1, min: 1, max: 1, p10: 1, p50: 1, p90: 1, loss: 0, sampleCount: 60, notSentCount: 0, coveredMillis },
});
const minutes = (...numbers: readonly number[]) => numbers.map((minute) => row(minute * 60_000));
const none = { pauses: [], gaps: [] };
const known = { from: 0, to: 600_000 };

describe('absences', () => {
  test('of a full timeline are none', () => {
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

  test('are not where one result speaks for many buckets', () => {
    assert.deepEqual(absencesIn([row(0, 600_000)], { ...none, known }), []);
  });

  test('begin within a bucket that is hardly covered', () => {
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

test('the row of a moment is the bucket that holds it', () => {
  const rows = minutes(0, 1, 5);
  assert.equal(rowAt(rows, 61_000)?.at, 60_000);
  assert.equal(rowAt(rows, 150_000), undefined);
  assert.deepEqual(
    rowsWithin(rows, { from: 59_000, to: 300_000 }).map(({ at }) => at),
    [0, 60_000],
  );
});

test('live results become the buckets that the server would make of them', () => {
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
