import { z } from 'zod';
import { operation } from './operation.ts';
import { instant } from './shapes.ts';

const tag = 'system';

export const showLiveness = operation({
  id: 'showLiveness',
  method: 'GET',
  path: '/livez',
  access: 'public',
  tag,
  summary: 'The process answers',
  answer: z.object({ status: z.literal('ok') }),
  example: { answer: { status: 'ok' } },
});

const check = z.object({ status: z.enum(['ok', 'failing']), message: z.string() });
export const readiness = z.object({
  status: z.enum(['ok', 'failing']),
  checks: z.object({
    database: check.extend({
      rolled_up_until: instant
        .nullable()
        .meta({
          description: 'Results up to here are in the rollups; null where rollups come with the results (SQLite)',
        }),
      rollups_behind_seconds: z
        .number()
        .nullable()
        .meta({
          description: 'How long ago that was. A minute is rolled up half a minute after its end: up to 120 is usual',
        }),
      damaged_rows: z
        .int()
        .meta({ description: 'Found damaged by a reader or the background check, up to 100, until they are gone' }),
    }),
    prober: check.extend({
      not_sent_targets: z.int().meta({ description: 'Targets that this machine cannot send to at present' }),
    }),
    recorder: check.extend({
      pending_results: z.int().meta({ description: 'Waiting in memory' }),
      spooled_results: z.int().meta({ description: 'Waiting on disk, stored as soon as the database takes them' }),
      spooled_bytes: z.int(),
      dropped_results: z
        .int()
        .meta({
          description:
            'Lost since the start: no room was left to keep them, the database refused them, or the disk damaged them',
        }),
    }),
  }),
});

export const showReadiness = operation({
  id: 'showReadiness',
  method: 'GET',
  path: '/readyz',
  access: 'public',
  tag,
  summary: 'Database, prober and recorder work',
  description:
    '503 with the same shape if one of them does not. Without a token, messages name neither the database nor the cause.',
  answer: readiness,
  alsoAnsweredAs: 503,
  example: {
    answer: {
      status: 'ok',
      checks: {
        database: {
          ...{ status: 'ok', message: 'TimescaleDB on PostgreSQL 17.5, pmd at 127.0.0.1:5432' },
          ...{ rolled_up_until: '2026-03-01T12:00:00.000Z', rollups_behind_seconds: 71, damaged_rows: 0 },
        },
        prober: { status: 'ok', message: 'IPv4 and IPv6 by raw sockets.', not_sent_targets: 0 },
        recorder: {
          ...{ status: 'ok', message: 'Every result is stored.' },
          ...{ pending_results: 120, spooled_results: 0, spooled_bytes: 0, dropped_results: 0 },
        },
      },
    },
  },
});

export const showMetrics = operation({
  id: 'showMetrics',
  method: 'GET',
  path: '/metrics',
  access: 'viewer',
  tag,
  summary: 'Prometheus text',
  answerType: 'text/plain',
  example: { answer: '# TYPE pingmedaddy_probes_sent_total counter\npingmedaddy_probes_sent_total 3600\n' },
});

export const showSettings = operation({
  id: 'showSettings',
  method: 'GET',
  path: '/config',
  access: 'admin',
  isReadingAudited: true,
  tag,
  summary: 'The settings in force, secrets masked',
  answer: z.record(z.string(), z.string()),
  example: { answer: { APP_PORT: '7464', AUTH_SECRET: '********' } },
});

const days = z.number().meta({ description: '0: forever' });
const settledBytes = z.number().nullable().meta({ description: 'null: kept forever, so it grows' });
export const showInstallation = operation({
  id: 'showInstallation',
  method: 'GET',
  path: '/system',
  access: 'viewer',
  tag,
  summary: 'Version, engine, retention and disk usage, now and forecast',
  answer: z.object({
    version: z.string(),
    node: z.string(),
    started_at: instant,
    engine: z.string(),
    engine_message: z.string(),
    database_bytes: z.int(),
    prober_message: z.string(),
    targets: z.int(),
    retention: z.object({ raw_days: days, minute_days: days, hour_days: days }),
    forecast: z
      .object({
        results_per_day: z.number(),
        raw_bytes: settledBytes,
        minute_bytes: settledBytes,
        hour_bytes: settledBytes,
        growth_bytes_per_year: z.number().meta({ description: 'Growth of the data that is kept forever' }),
      })
      .meta({ description: 'At current probe rates, using the measured size per result' }),
  }),
  example: {
    answer: {
      ...{ version: '1.0.0-rc.2', node: '26.10.0', started_at: '2026-11-23T21:00:00.000Z' },
      ...{ engine: 'sqlite', engine_message: 'SQLite at pingmedaddy.db', database_bytes: 4096 },
      ...{ prober_message: 'IPv4 and IPv6 by raw sockets.', targets: 1 },
      retention: { raw_days: 3, minute_days: 31, hour_days: 1827 },
      forecast: {
        ...{ results_per_day: 86_400, raw_bytes: 414_720, minute_bytes: 848_160, hour_bytes: 3_507_840 },
        growth_bytes_per_year: 0,
      },
    },
  },
});

export const seedProgress = z.object({
  stage: z.enum(['reset', 'target', 'done']),
  targets_done: z.int(),
  targets: z.int(),
  results: z.int(),
  fraction: z.number(),
});
export type SeedProgress = z.infer<typeof seedProgress>;

export const seedHistory = operation({
  id: 'seedHistory',
  method: 'POST',
  path: '/seed',
  access: 'admin',
  atOnce: 1,
  tag,
  summary: 'Create demo targets with synthetic history',
  description:
    'Addresses of 198.18.0.0/15, never probed. The same `seed` makes the same history. Raw results go back as far as ' +
    'raw is kept, rollups beyond. Answers with progress as NDJSON lines. `reset` erases earlier synthetic targets.',
  body: z.strictObject({
    targets: z.int().min(1).max(1000).default(12),
    years: z.number().min(0.0001).max(5).default(2.5),
    interval_seconds: z.number().min(0.1).max(3600).default(60),
    loss_rate: z.number().min(0).max(1).default(0.005),
    seed: z.int().min(0).max(4_294_967_295).default(1),
    reset: z.boolean().default(false),
  }),
  answerType: 'application/x-ndjson',
  problems: [409],
  example: {
    body: { targets: 1, years: 0.01, interval_seconds: 60, loss_rate: 0.005, seed: 1, reset: false },
    answer: '{"stage":"target","targets_done":1,"targets":1,"results":5256,"fraction":1}\n',
  },
});
