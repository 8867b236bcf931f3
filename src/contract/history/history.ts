import { z } from 'zod';
import { eventTypes } from '../../core/event/event.ts';
import { operation } from '../operation.ts';
import { flag, givenInstant, id, instant, lossReason, milliseconds, targetPath, wholeNumber } from '../shapes.ts';

const tag = 'history';

export const logEntry = z.object({
  time: instant,
  latency_ms: milliseconds,
  hops: z
    .int()
    .nullable()
    .meta({
      description:
        'Routers passed, estimated from the TTL of the reply (the nearest initial value of 32, 64, 128 or 255 that the length of the latest trace supports): 0 on the same network',
    }),
  packet_loss: z.boolean(),
  loss_reason: lossReason.optional(),
});
export type LogEntry = z.infer<typeof logEntry>;

export const eventEntry = z.object({
  id: z.int(),
  target_id: id,
  event_type: z.enum(eventTypes),
  message: z.string().meta({ description: 'In English' }),
  data: z
    .record(z.string(), z.unknown())
    .meta({
      description:
        'By type. `down`: {since, lost_probes}; `recovery`: {down_since, down_seconds, lost_probes}; `not-sent`: {since, ' +
        'errno, reason}; `sent`: {not_sent_since}; `gap`: {from, to, results}; `path-change`: {ttl, before, after, trace_id}; ' +
        '`address-change`: {before, after}; `address-failure`: {reason}; `update`: {changed: {field: {before, after}}}; ' +
        '`delete`: {purged}; `start` and `stop`: {}. null where an event of an earlier version did not say',
    }),
  created_at: instant,
});
export type EventEntry = z.infer<typeof eventEntry>;

export const listLogs = operation({
  id: 'listLogs',
  method: 'GET',
  path: '/targets/:id/logs',
  access: 'viewer',
  tag,
  summary: 'The latest results, oldest to newest',
  params: targetPath,
  description: '`before` gives the results before a time: the time of the oldest entry leads to the page before it.',
  query: z.strictObject({ limit: wholeNumber(1, 1000).default(100), before: givenInstant.optional() }),
  answer: z.array(logEntry),
  problems: [404],
  example: {
    answer: [
      { time: '2026-11-23T21:00:00.250Z', latency_ms: 0.041, hops: 0, packet_loss: false },
      { time: '2026-11-23T21:00:01.250Z', latency_ms: null, hops: null, packet_loss: true },
    ],
  },
});

export const logFormats = ['csv', 'ndjson', 'parquet'] as const;
export type LogFormat = (typeof logFormats)[number];

export const logCompressions = ['none', 'gzip', 'zstd'] as const;
export type LogCompression = (typeof logCompressions)[number];

export const exportLogs = operation({
  id: 'exportLogs',
  method: 'GET',
  path: '/targets/:id/logs/export',
  access: 'viewer',
  atOnce: 4,
  tag,
  summary: 'All raw history as a download, oldest first',
  description:
    'Streamed in constant memory. `compression` compresses a CSV or NDJSON file as a whole (`.gz`, `.zst`); in Parquet it ' +
    'is the codec of the pages, zstd by default. All formats have the same columns. `intervals=true` adds ' +
    '`interval_seconds`, the time from one probe to the next, which an import reads back.',
  params: targetPath,
  query: z.strictObject({
    from: givenInstant.optional(),
    to: givenInstant.optional(),
    format: z.enum(logFormats, 'must be csv, ndjson or parquet.').default('csv'),
    compression: z.enum(logCompressions, 'must be none, gzip or zstd.').optional(),
    intervals: flag,
  }),
  answerType: 'text/csv',
  problems: [404],
  example: {
    answer: 'time,target_id,target_ip,latency_ms,hops,packet_loss\n2026-11-23T21:00:00.250Z,1,127.0.0.1,0.041,0,0\n',
  },
});

export const listEvents = operation({
  id: 'listEvents',
  method: 'GET',
  path: '/targets/:id/events',
  access: 'viewer',
  tag,
  summary: 'Event log of a target, newest first',
  description: '`before` gives entries with a lower id: the id of the last entry leads to the next page.',
  params: targetPath,
  query: z.strictObject({
    limit: wholeNumber(1, 10_000).default(1000),
    before: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
  }),
  answer: z.array(eventEntry),
  problems: [404],
  example: {
    answer: [
      {
        id: 1,
        target_id: 1,
        event_type: 'start',
        message: 'Tracking started',
        data: {},
        created_at: '2026-11-23T21:00:00.000Z',
      },
    ],
  },
});
