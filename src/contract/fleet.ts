import { z } from 'zod';
import { probeKindNames } from '../core/target/probe-kinds.ts';
import { targetStates } from '../core/outage/target-state.ts';
import { eventEntry } from './history/history.ts';
import { operation } from './operation.ts';
import { id, instant, lossReason, milliseconds } from './shapes.ts';
import { stateFields } from './targets/target-state.ts';

export const fleetTarget = z.object({
  id,
  name: z.string().nullable(),
  ip: z.string(),
  host: z.string().nullable(),
  probe: z.enum(probeKindNames),
  port: z.int().nullable().meta({ description: 'Of a TCP probe' }),
  notes: z.string().nullable(),
  tags: z.array(z.string()),
  frequency: z.number(),
  ...stateFields,
  last_time: instant.nullable(),
  last_latency_ms: milliseconds,
  last_hops: z.int().nullable().meta({ description: 'Routers passed, estimated from the TTL of the last reply' }),
  consecutive_losses: z.int().meta({ description: 'Up to now' }),
  sample_count: z.int(),
  loss_count: z.int(),
  loss_rate: z.number().nullable(),
  latency_p50_ms: milliseconds,
  latency_p95_ms: milliseconds,
  jitter_ms: milliseconds,
  spark_latency_ms: z.array(milliseconds).meta({ description: 'Median of each slice of the last hour' }),
  spark_loss_rate: z.array(z.number().nullable()),
});
export type FleetTarget = z.infer<typeof fleetTarget>;

/** Whether the trouble is probably near this server rather than at each target. */
export const uplink = z.object({
  status: z
    .enum(['unknown', 'ok', 'not-sending', 'down', 'suspect'])
    .meta({
      description:
        '`unknown`: nothing beyond this machine is probed; `not-sending`: this server failed to send to `count` targets in ' +
        'the last minute; `down`: the gateway, or all beyond this machine, is down; `suspect`: `count` targets went down ' +
        'within the same seconds',
    }),
  count: z.int().nullable(),
  gateway: z.string().nullable(),
  since: instant.nullable(),
});
export type UplinkShape = z.infer<typeof uplink>;

export const showFleet = operation({
  id: 'showFleet',
  method: 'GET',
  path: '/fleet',
  access: 'viewer',
  tag: 'fleet',
  summary: "Every target's current state and its last hour, in one call",
  isSameForAll: true,
  answer: z.object({
    time: instant,
    window_minutes: z.number(),
    spark_bucket_seconds: z.number(),
    counts: z.record(z.enum(targetStates), z.int()),
    uplink,
    notices: z.array(z.string()).meta({ description: 'Problems with the server itself; usually empty' }),
    targets: z.array(fleetTarget),
  }),
  example: {
    answer: {
      time: '2026-11-23T21:00:00.000Z',
      window_minutes: 60,
      spark_bucket_seconds: 60,
      counts: {
        ...{ up: 1, slow: 0, degraded: 0, partial: 0, down: 0, 'not-sent': 0, paused: 0, pending: 0, synthetic: 0 },
      },
      uplink: { status: 'ok', count: null, gateway: null, since: null },
      notices: [],
      targets: [
        {
          id: 1,
          name: null,
          ip: '127.0.0.1',
          host: null,
          probe: 'icmp' as const,
          port: null,
          notes: 'this machine',
          tags: [],
          frequency: 1,
          state: 'up',
          state_since: '2026-11-23T20:00:00.000Z',
          reason: { code: 'replies', params: {} },
          last_time: '2026-11-23T20:59:59.250Z',
          last_latency_ms: 0.041,
          last_hops: 0,
          consecutive_losses: 0,
          sample_count: 3600,
          loss_count: 0,
          loss_rate: 0,
          latency_p50_ms: 0.041,
          latency_p95_ms: 0.066,
          jitter_ms: 0.008,
          spark_latency_ms: [0.041, null],
          spark_loss_rate: [0, null],
        },
      ],
    },
  },
});

/** One live result in the event stream. */
export const liveResult = z.object({
  target_id: id,
  time: instant,
  latency_ms: milliseconds,
  hops: z.int().nullable(),
  packet_loss: z.boolean(),
  loss_reason: lossReason.optional(),
});
export type LiveResult = z.infer<typeof liveResult>;

/** One live event; its id in the event log is not yet known. */
export const liveEvent = eventEntry.omit({ id: true });
export type LiveEvent = z.infer<typeof liveEvent>;

/** A target whose state has changed. */
export const liveState = z.object({
  target_id: id,
  ...stateFields,
  time: instant.meta({
    description: 'When this was so: an answer of `GET /fleet` of an earlier `time` does not know it',
  }),
});
export type LiveStateShape = z.infer<typeof liveState>;

export const openStream = operation({
  id: 'openStream',
  method: 'GET',
  path: '/stream',
  access: 'viewer',
  atOnce: 50,
  tag: 'fleet',
  summary: 'Live results and events as server-sent events',
  description:
    'Event `results` carries an array of results, event `event` one entry of the event log, ' +
    'event `states` an array of targets that came into another state. `targets=1,2` keeps those ' +
    'only. A reader with more than 256 KiB of backlog is dropped; a comment line every 15 s keeps the way open.',
  query: z.strictObject({
    targets: z
      .string()
      .regex(/^(none|[1-9]\d{0,9}(,[1-9]\d{0,9})*)$/, 'must be ids separated by commas, or none.')
      .optional()
      .meta({ description: 'Only these; `none` sends signs of life alone. Without it all targets' }),
  }),
  answerType: 'text/event-stream',
  problems: [404],
  example: {
    answer:
      'event: results\ndata: [{"target_id":1,"time":"2026-11-23T21:00:00.250Z","latency_ms":0.041,"hops":0,"packet_loss":false}]\n\n',
  },
});
