import { z } from 'zod';
import { operation } from '../operation.ts';
import { decimalNumber, flagOr, id, instant, targetPath, wholeNumber } from '../shapes.ts';

export const traceHop = z.object({
  hop: z.int(),
  host: z.string().nullable(),
  ip: z.string().nullable(),
  rtt_ms: z.number().nullable(),
  is_timeout: z.boolean(),
  raw: z.string().meta({ description: 'The hop as one line of text' }),
  mark: z
    .string()
    .optional()
    .meta({
      description:
        'As traceroute marks a hop where the path ends because of an ICMP error: `!H` host unreachable, `!N` network, ' +
        '`!X` prohibited …; without an address where the probing machine itself reached no next hop',
    }),
});

export const traceAnswer = z.object({
  target_id: id,
  target_ip: z.string(),
  started_at: instant,
  finished_at: instant,
  duration_ms: z.number(),
  hops: z.array(traceHop),
});
export type TraceAnswer = z.infer<typeof traceAnswer>;

export const mplsLabel = z
  .object({ label: z.int(), traffic_class: z.int(), is_bottom: z.boolean(), ttl: z.int() })
  .meta({ description: 'One entry of the MPLS label stack that the router quotes (RFC 4950)' });
export type MplsLabelEntry = z.infer<typeof mplsLabel>;

const mpls = z.array(mplsLabel).meta({ description: 'Outermost first; empty where the router quotes none' });

/** One answer as it comes, in the event stream of a running trace. */
export const liveHop = z.object({
  hop: z.int(),
  ip: z.string(),
  rtt_ms: z.number(),
  kind: z
    .enum(['passed', 'reached', 'refused'])
    .meta({
      description: 'From a router on the way, from the destination, or from a router that sends nothing on to it',
    }),
  mpls,
});
export type LiveHopEntry = z.infer<typeof liveHop>;

/** Probes that were just sent together, in the same stream. */
export const liveRound = z.object({ hops: z.array(z.int()).meta({ description: 'One probe each' }) });

export const storedHop = traceHop.extend({
  sent_count: z.int().meta({ description: 'Probes sent with this TTL' }),
  reply_count: z.int(),
  addresses: z
    .array(z.object({ ip: z.string(), host: z.string().nullable(), rtts_ms: z.array(z.number()), mpls }))
    .meta({ description: 'Every address that answered here: more than one where paths run side by side' }),
});
export type StoredHop = z.infer<typeof storedHop>;

export const storedTrace = traceAnswer
  .omit({ hops: true })
  .extend({
    id: z.int().nullable().meta({ description: 'null when the trace could not be kept' }),
    is_destination_reached: z.boolean(),
    hop_count: z
      .int()
      .nullable()
      .meta({
        description: 'Routers passed, as everywhere: one less than lines; null when the destination did not answer',
      }),
    hops: z.array(storedHop),
  });
export type StoredTraceEntry = z.infer<typeof storedTrace>;

export const traceTarget = operation({
  id: 'traceTarget',
  method: 'POST',
  path: '/targets/:id/traceroute',
  access: 'operator',
  atOnce: 20,
  tag: 'traceroute',
  summary: 'Trace the path to a target now',
  description:
    'At most four traces run at a time; others wait. 503 gives the reason if one could not run. Each trace is stored, and ' +
    'a changed route becomes a `path-change` event. `rounds` is the number of probes per hop, a second apart. With ' +
    '`Accept: text/event-stream` the response is a stream: event `round` for probes sent together and `hop` for each ' +
    'reply as it arrives, then `done` with the stored trace or `problem`. Silent hops are probed three times. All ' +
    'probes belong to one flow, so routers with several equal paths show one of them.',
  params: targetPath,
  query: z.strictObject({
    max_hops: wholeNumber(1, 64).default(20),
    timeout: decimalNumber(1, 120).default(25).meta({ description: 'Seconds' }),
    rounds: wholeNumber(1, 10).default(1),
    names: flagOr(true).meta({ description: 'Ask reverse DNS for the names of the hops' }),
    keep: z
      .enum(['always', 'changed'], 'must be always or changed.')
      .default('always')
      .meta({ description: '`changed` keeps the trace only where the route is new' }),
  }),
  answer: traceAnswer,
  problems: [403, 404, 503],
  example: {
    answer: {
      target_id: 1,
      target_ip: '127.0.0.1',
      started_at: '2026-11-23T21:00:00.000Z',
      finished_at: '2026-11-23T21:00:00.021Z',
      duration_ms: 21,
      hops: [
        {
          hop: 1,
          host: 'localhost',
          ip: '127.0.0.1',
          rtt_ms: 0.04,
          is_timeout: false,
          raw: ' 1  localhost (127.0.0.1)  0.040 ms',
        },
      ],
    },
  },
});

const exampleTrace = {
  id: 7,
  target_id: 1,
  target_ip: '127.0.0.1',
  started_at: '2026-11-23T21:00:00.000Z',
  finished_at: '2026-11-23T21:00:00.021Z',
  duration_ms: 21,
  is_destination_reached: true,
  hop_count: 0,
  hops: [
    {
      hop: 1,
      host: 'localhost',
      ip: '127.0.0.1',
      rtt_ms: 0.04,
      is_timeout: false,
      raw: ' 1  localhost (127.0.0.1)  0.040 ms',
      sent_count: 1,
      reply_count: 1,
      addresses: [{ ip: '127.0.0.1', host: 'localhost', rtts_ms: [0.04], mpls: [] }],
    },
  ],
};

export const listTraces = operation({
  id: 'listTraces',
  method: 'GET',
  path: '/targets/:id/traceroutes',
  access: 'viewer',
  tag: 'traceroute',
  summary: 'Earlier traces, newest first',
  description: 'Kept as long as hourly history. `before` gives traces with a lower id.',
  params: targetPath,
  query: z.strictObject({
    limit: wholeNumber(1, 100).default(20),
    before: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
  }),
  answer: z.array(storedTrace),
  problems: [404],
  example: { answer: [exampleTrace] },
});

export const showTrace = operation({
  id: 'showTrace',
  method: 'GET',
  path: '/targets/:id/traceroutes/:trace',
  access: 'viewer',
  tag: 'traceroute',
  summary: 'One earlier trace',
  params: targetPath.extend({
    trace: wholeNumber(1, Number.MAX_SAFE_INTEGER).meta({ description: 'Id of the trace' }),
  }),
  answer: storedTrace,
  problems: [404],
  example: { answer: exampleTrace },
});
