import { z } from 'zod';
import { operation } from '../operation.ts';
import { flag, givenInstant, id, instant, milliseconds, targetPath, wholeNumber } from '../shapes.ts';

/** Five years with their leap days. */
export const windowMinutesMax = 1827 * 24 * 60;
export const bucketsMax = 5000;

export const timelineBucket = z.object({
  bucket: instant.meta({ description: 'Start of the bucket, a UTC multiple of its length' }),
  avg_latency_ms: milliseconds,
  min_latency_ms: milliseconds,
  max_latency_ms: milliseconds,
  p10_latency_ms: milliseconds,
  p50_latency_ms: milliseconds,
  p90_latency_ms: milliseconds,
  p95_latency_ms: milliseconds,
  p99_latency_ms: milliseconds,
  loss_rate: z.number().nullable().meta({ description: '0 to 1; null where nothing was sent' }),
  sample_count: z.int(),
  not_sent_count: z.int().meta({ description: 'Probes that could not be sent' }),
  covered_seconds: z
    .number()
    .meta({
      description: "The time for which the bucket's results speak; more than its length where probes are rarer",
    }),
});

const numbers = z.array(z.number().nullable());

/** A timeline as columns of equal length: a third of the bytes, and quick to draw. */
export const timelineColumns = z.object({
  bucket: z.array(z.int()).meta({ description: 'Starts of the buckets in seconds since 1970-01-01T00:00:00Z' }),
  avg_latency_ms: numbers,
  min_latency_ms: numbers,
  max_latency_ms: numbers,
  p10_latency_ms: numbers,
  p50_latency_ms: numbers,
  p90_latency_ms: numbers,
  loss_rate: numbers,
  sample_count: z.array(z.int()),
  not_sent_count: z.array(z.int()),
  covered_seconds: z.array(z.number()),
});
export type TimelineColumns = z.infer<typeof timelineColumns>;

export const histogramBin = z.object({ from_ms: z.number(), to_ms: z.number(), count: z.int() });
export type HistogramBinEntry = z.infer<typeof histogramBin>;

export const insights = z.object({
  target_id: id,
  target_ip: z.string(),
  created_at: instant,
  window_minutes: z.number(),
  window_start: instant,
  window_end: instant,
  data_start: instant.meta({
    description:
      'Start of the data behind the figures: the window, or more if only whole minutes or hours are still kept',
  }),
  data_end: instant,
  bucket_seconds: z.int().meta({ description: 'Requested bucket size, or larger if finer data is no longer retained' }),
  sample_count: z.int().meta({ description: 'Probes sent: replies and losses' }),
  loss_count: z.int(),
  not_sent_count: z.int().meta({ description: 'Probes that could not be sent: neither loss nor uptime' }),
  loss_rate: z.number().nullable(),
  uptime_percent: z.number().nullable().meta({ description: 'Share of the probes sent that were answered' }),
  availability_percent: z
    .number()
    .nullable()
    .meta({ description: 'Time not in an outage ÷ time observed; null where nothing was observed' }),
  latency_avg_ms: milliseconds,
  latency_min_ms: milliseconds,
  latency_max_ms: milliseconds,
  latency_stddev_ms: milliseconds,
  latency_p10_ms: milliseconds,
  latency_p50_ms: milliseconds,
  latency_p90_ms: milliseconds,
  latency_p95_ms: milliseconds,
  latency_p99_ms: milliseconds,
  jitter_ms: milliseconds.meta({
    description: 'RFC 3550 section 6.4.1 on round trips, over the replies of the window in sending order, at its end',
  }),
  ipdv_mean_ms: milliseconds.meta({ description: 'Mean absolute difference between neighbouring replies (RFC 3393)' }),
  hops: z
    .object({ last: z.int(), min: z.int(), max: z.int(), most_frequent: z.int() })
    .nullable()
    .meta({ description: 'Routers passed, estimated from the TTL of the replies' }),
  resolution: z.enum(['raw', '1m', '1h']).meta({ description: 'The coarsest data that was used' }),
  coverage: z.number().meta({ description: 'Share of the window, 0 to 1, in which the target was being probed' }),
  percentile_error_bound: z.number().meta({ description: 'Largest relative error of a percentile; 0 on raw results' }),
  timeline: z.array(timelineBucket).meta({ description: 'Empty with `columns=true`' }),
  timeline_columns: timelineColumns.optional().meta({ description: 'With `columns=true`' }),
  histogram: z
    .array(histogramBin)
    .optional()
    .meta({ description: 'With `histogram=true`: replies with from <= RTT < to; empty bins are left out' }),
});
export type Insights = z.infer<typeof insights>;

export const showInsights = operation({
  id: 'showInsights',
  method: 'GET',
  path: '/targets/:id/insights',
  access: 'viewer',
  tag: 'insights',
  summary: 'Statistics of a window and its timeline',
  isSameForAll: true,
  description:
    'From one minute to five years: the last `window_minutes`, or from `start` to `end` (`end` is now when left out). ' +
    `Buckets of 1 second to 1 day align to UTC multiples; at most ${bucketsMax}; empty ones are left out. ` +
    'Without `bucket_seconds` they are of 60 s, or of the next length that fits.',
  params: targetPath,
  query: z.strictObject({
    window_minutes: wholeNumber(1, windowMinutesMax).optional(),
    bucket_seconds: wholeNumber(1, 86_400).optional(),
    start: givenInstant.optional(),
    end: givenInstant.optional(),
    columns: flag.meta({ description: 'Give the timeline as columns instead of objects' }),
    histogram: flag.meta({ description: 'Give the distribution of the round trips as well' }),
  }),
  answer: insights,
  problems: [404],
  example: {
    answer: {
      target_id: 1,
      target_ip: '127.0.0.1',
      created_at: '2026-11-23T20:00:00.000Z',
      window_minutes: 60,
      window_start: '2026-11-23T20:00:00.000Z',
      window_end: '2026-11-23T21:00:00.000Z',
      data_start: '2026-11-23T20:00:00.000Z',
      data_end: '2026-11-23T21:00:00.000Z',
      bucket_seconds: 60,
      sample_count: 3600,
      loss_count: 0,
      not_sent_count: 0,
      loss_rate: 0,
      uptime_percent: 100,
      availability_percent: 100,
      latency_avg_ms: 0.0421,
      latency_min_ms: 0.011,
      latency_max_ms: 0.31,
      latency_stddev_ms: 0.01,
      latency_p10_ms: 0.02,
      latency_p50_ms: 0.041,
      latency_p90_ms: 0.06,
      latency_p95_ms: 0.066,
      latency_p99_ms: 0.09,
      jitter_ms: 0.008,
      ipdv_mean_ms: 0.009,
      hops: { last: 0, min: 0, max: 0, most_frequent: 0 },
      resolution: 'raw',
      coverage: 1,
      percentile_error_bound: 0,
      timeline: [
        {
          bucket: '2026-11-23T20:00:00.000Z',
          avg_latency_ms: 0.0421,
          min_latency_ms: 0.011,
          max_latency_ms: 0.31,
          p10_latency_ms: 0.02,
          p50_latency_ms: 0.041,
          p90_latency_ms: 0.06,
          p95_latency_ms: 0.066,
          p99_latency_ms: 0.09,
          loss_rate: 0,
          sample_count: 60,
          not_sent_count: 0,
          covered_seconds: 60,
        },
      ],
    },
  },
});
