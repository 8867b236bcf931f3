import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { batchFromRows, type ProbeResult, type ResultRow } from '../result/probe-result.ts';
import { parseTargetId } from '../ids.ts';
import { mergeNeighbours, mergeRollups, type Rollup, rollupSeries } from './rollup.ts';
import {
  checkRollups,
  decodeRollups,
  eachSummary,
  encodeRollups,
  encodeSummarized,
  jitterGrainMicros,
} from './rollup-codec.ts';
import { noCompression } from '../bytes/packed-block.ts';
import { type Series, sortSeries } from '../result/series.ts';
import { jitterMicros, percentileOf } from '../result/statistics.ts';
import { DenseSketch, sketchErrorRatio } from './sketch.ts';
import { hourMillis } from './time-buckets.ts';

const result: fc.Arbitrary<ProbeResult> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      outcome: fc.constant('reply' as const),
      rttMicros: fc.nat(3_000_000),
      replyTtl: fc.constantFrom(undefined, 57, 64, 250),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ outcome: 'timeout' } as const) },
  fc.record({ outcome: fc.constant('unreachable' as const), icmpType: fc.constant(3), icmpCode: fc.nat(15) }),
  fc.record({ outcome: fc.constant('not-sent' as const), errno: fc.nat(200) }),
);

const series: fc.Arbitrary<Series> = fc
  .array(fc.record({ result, sentAt: fc.nat(3_600_000), intervalMillis: fc.constantFrom(100, 1000, 60_000) }), {
    maxLength: 200,
  })
  .map((rows) => {
    const targetId = parseTargetId(1);
    return sortSeries(
      batchFromRows(rows.flatMap((row): ResultRow[] => (targetId === undefined ? [] : [{ targetId, ...row }]))),
    );
  });

function repliesOf({ rttMicros, outcomes, length }: Series): number[] {
  return [...rttMicros].slice(0, length).filter((_, index) => outcomes[index] === 0);
}

function close(actual: number, expected: number, ratio = 1e-9): boolean {
  return Math.abs(actual - expected) <= Math.abs(expected) * ratio + 1e-9;
}

test('merged in time order, rollups of any split are the rollup of the whole', () => {
  fc.assert(
    fc.property(series, fc.constantFrom(1000, 7000, 60_000, 1_800_000), (rows, bucketMillis) => {
      const [whole] = rollupSeries(rows, 2 ** 40);
      const merged = mergeRollups(rollupSeries(rows, bucketMillis), 0);
      if (whole === undefined) return;
      for (const name of [
        'sent',
        'lost',
        'notSent',
        'rttSumMicros',
        'rttMinMicros',
        'rttMaxMicros',
        'rttFirstMicros',
        'rttLastMicros',
        'ipdvSumMicros',
        'hopsLast',
        'coveredMillis',
        'hops',
        'sketch',
      ] as const) {
        assert.deepEqual(merged[name], whole[name], name);
      }
      assert.ok(close(merged.rttSumSquares, whole.rttSumSquares));
      assert.ok(close(merged.jitterMicros, whole.jitterMicros), `${merged.jitterMicros} ${whole.jitterMicros}`);
    }),
  );
});

test('a rollup agrees with its results', () => {
  fc.assert(
    fc.property(series, (rows) => {
      const [whole] = rollupSeries(rows, 2 ** 40);
      const rtts = repliesOf(rows);
      if (whole === undefined || rtts.length === 0) return;
      assert.equal(whole.sent - whole.lost, rtts.length);
      assert.equal(whole.sent + whole.notSent, rows.length);
      assert.equal(whole.rttMinMicros, Math.min(...rtts));
      assert.ok(
        close(
          whole.rttSumMicros,
          rtts.reduce((sum, rtt) => sum + rtt, 0),
        ),
      );
      assert.ok(close(whole.jitterMicros, jitterMicros(rtts) ?? 0));
      const sketch = new DenseSketch();
      sketch.addSketch(whole.sketch);
      const [p95] = sketch.percentiles([0.95], whole.rttMinMicros, whole.rttMaxMicros);
      assert.ok(
        close(
          p95 ?? 0,
          percentileOf(
            rtts.toSorted((a, b) => a - b),
            0.95,
          ) ?? 0,
          sketchErrorRatio,
        ),
      );
    }),
  );
});

test('a result covers its interval, at most until the next result', () => {
  const targetId = parseTargetId(1);
  assert.ok(targetId !== undefined);
  const at = (sentAt: number, result: ProbeResult): ResultRow => ({ targetId, sentAt, intervalMillis: 1000, result });
  const rows = batchFromRows([
    at(0, { outcome: 'timeout' }),
    at(400, { outcome: 'not-sent', errno: 1 }),
    at(5000, { outcome: 'timeout' }),
  ]);
  assert.equal(rollupSeries(rows, 60_000)[0]?.coveredMillis, 1400);
});

function withGrain(rollup: Rollup): Rollup {
  return { ...rollup, jitterMicros: Math.round(rollup.jitterMicros / jitterGrainMicros) * jitterGrainMicros };
}

test('rollups survive encoding and decoding', () => {
  fc.assert(
    fc.property(series, fc.constantFrom(1000, 60_000), (rows, bucketMillis) => {
      const rollups = rollupSeries(rows, bucketMillis);
      const decoded = decodeRollups(encodeRollups(rollups, noCompression), noCompression);
      checkRollups(decoded);
      assert.deepEqual(decoded, rollups.map(withGrain));
    }),
  );
});

test('rollups and their summaries survive encoding and decoding', () => {
  fc.assert(
    fc.property(series, (rows) => {
      const rollups = rollupSeries(rows, 1000).map(withGrain);
      const bytes = encodeSummarized(rollups, 60_000, noCompression);
      assert.deepEqual(decodeRollups(bytes, noCompression), rollups);
      const summaries = eachSummary(bytes, noCompression)
        ?.map((each) => ({ ...each }))
        .toArray();
      assert.deepEqual(summaries, mergeNeighbours(rollups, 60_000).map(withGrain));
    }),
  );
  assert.equal(eachSummary(encodeRollups([], noCompression), noCompression), undefined);
});

test('damaged rollup bytes are an error', () => {
  fc.assert(
    fc.property(series, fc.nat(), fc.integer({ min: 1, max: 255 }), (rows, position, flip) => {
      const rollups = rollupSeries(rows, 60_000);
      const hasSummaries = position % 2 === 1;
      const bytes = hasSummaries
        ? encodeSummarized(rollups, hourMillis, noCompression)
        : encodeRollups(rollups, noCompression);
      const damaged = Uint8Array.from(bytes);
      damaged[position % bytes.length] = (bytes[position % bytes.length] ?? 0) ^ flip;
      assert.throws(() => decodeRollups(damaged, noCompression), { name: 'DamagedBytesError' });
      assert.throws(() => decodeRollups(bytes.subarray(0, position % bytes.length), noCompression), {
        name: 'DamagedBytesError',
      });
    }),
  );
});
