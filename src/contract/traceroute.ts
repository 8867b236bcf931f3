import { z } from 'zod';
import { operation } from './operation.ts';
import { decimalNumber, id, instant, targetPath, wholeNumber } from './shapes.ts';

export const traceHop = z.object({
  hop: z.int(),
  host: z.string().nullable(),
  ip: z.string().nullable(),
  rtt_ms: z.number().nullable(),
  is_timeout: z.boolean(),
  raw: z.string().meta({ description: 'The hop as one line of text' }),
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

export const traceTarget = operation({
  id: 'traceTarget',
  method: 'POST',
  path: '/targets/:id/traceroute',
  access: 'token',
  tag: 'traceroute',
  summary: 'Trace the path to a target now',
  description: 'At most four traces run at once; the next waits its turn. 503 says why one could not run.',
  params: targetPath,
  query: z.strictObject({
    max_hops: wholeNumber(1, 64).default(20),
    timeout: decimalNumber(1, 120).default(25).meta({ description: 'Seconds' }),
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
