import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Client } from '../../../contract/client.ts';
import { outcomeCodes } from '../../../core/result/probe-result.ts';
import { createSeries, rowsBetween, type Series } from '../../../core/result/series.ts';
import { createWindowBuilder } from '../../../core/history/window-builder.ts';
import { smokeData } from '../../charts/data/smoke-data.ts';
import { tileBuckets } from '../../charts/axis/time-steps.ts';
import { rowAt } from '../../charts/data/timeline.ts';
import { createTargetSource } from './target-source.ts';

const minute = 60_000;
const now = Date.UTC(2026, 5, 1);

/** A result every `intervalMillis`, all answered, up to now. */
function resultsOf(intervalMillis: number, phaseMillis: number, count: number): Series {
  const series = createSeries(count);
  series.sentAtMillis.forEach((_, index) => {
    series.sentAtMillis[index] = now - (count - index) * intervalMillis + phaseMillis;
  });
  series.outcomes.fill(outcomeCodes.reply);
  series.rttMicros.fill(20_000);
  series.intervalMillis.fill(intervalMillis);
  return series;
}

/** Answers windows by the product's own arithmetic. */
function clientOf(series: Series): Client {
  const answer = ({ start, end, bucket_seconds: seconds }: Record<string, string>) => {
    const window = { from: Date.parse(start ?? ''), to: Date.parse(end ?? ''), bucketMillis: Number(seconds) * 1000 };
    const builder = createWindowBuilder({ ...window, wantsHistogram: false }, true);
    builder.addRows(rowsBetween(series, window.from, window.to));
    const { buckets } = builder.finish('raw', 0);
    const millis = buckets.map(() => 20);
    const latencies = Object.fromEntries(
      ['avg', 'min', 'max', 'p10', 'p50', 'p90'].map((name) => [`${name}_latency_ms`, millis]),
    );
    return {
      bucket_seconds: Number(seconds),
      timeline_columns: {
        ...latencies,
        bucket: buckets.map(({ startAt }) => startAt / 1000),
        loss_rate: buckets.map(() => 0),
        sample_count: buckets.map(({ sampleCount }) => sampleCount),
        not_sent_count: buckets.map(() => 0),
        covered_seconds: buckets.map(({ coveredMillis }) => coveredMillis / 1000),
      },
    };
  };
  return {
    call: async (_: unknown, { query }: { query: Record<string, string> }) => answer(query),
  } as unknown as Client;
}

describe('a target that is probed more rarely than once a bucket', () => {
  const cases = [
    [60_000, 50_000, 15 * minute],
    [60_000, 59_900, 24 * 60 * minute],
    [45_000, 44_000, 26 * 60 * minute],
    [600_000, 590_000, 8 * 24 * 60 * minute],
    [3_600_000, 3_599_000, 60 * minute],
    [3_600_000, 1_800_000, 90 * 24 * 60 * minute],
  ] as const;
  test.each(cases)('each %i ms from %i on, has no gap in %i ms', async (intervalMillis, phaseMillis, length) => {
    const tile = tileBuckets * intervalMillis;
    const series = resultsOf(intervalMillis, phaseMillis, Math.ceil((length + 3 * tile) / intervalMillis));
    const end = now - 2 * intervalMillis;
    // Across the boundary of two tiles wherever the view is long enough for one.
    const boundary = Math.floor(end / tile) * tile;
    for (const to of [end, Math.min(end, boundary + length / 2)]) {
      const view = { from: to - length, to };
      const times = { ...{ pauses: [], gaps: [], outages: [], intervalMillis }, firstAt: 0, toleranceMillis: 0 };
      using source = createTargetSource({ client: clientOf(series), targetId: 1, now: () => now, times: () => times });
      const drawn = new Promise<void>((resolve) => {
        source.subscribe(() => {
          source.timeline(view, 1000);
          if (!source.status.isLoading) resolve();
        });
      });
      source.timeline(view, 1000);
      await drawn;
      const timeline = source.timeline(view, 1000);
      assert.ok(timeline.length > 0);
      assert.deepEqual(source.absences(timeline, view), []);
      assert.ok(!Array.from(smokeData(timeline)[5] ?? []).some((value) => value === null), 'one line');
      for (let at = timeline.at[0] ?? 0; at < view.to; at += length / 500) {
        assert.ok(rowAt(timeline, Math.max(at, view.from)) !== undefined, new Date(at).toISOString());
      }
    }
  });
});
