import { z } from 'zod';
import { operation } from '../operation.ts';
import { givenInstant, id, instant, targetPath, wholeNumber } from '../shapes.ts';

const openEnd = instant.nullable().meta({ description: 'null while it is ongoing' });

export const outageEntry = z.object({
  start: instant.meta({ description: 'When the first of the lost probes was sent' }),
  end: openEnd,
  duration_seconds: z.number().meta({ description: 'Until now while it is ongoing' }),
  ended_by: z
    .enum(['recovery', 'pause', 'delete'])
    .nullable()
    .meta({ description: 'null while it is ongoing, and if imported history ends with it' }),
  lost_probes: z.int().nullable().meta({ description: 'null where it is not known' }),
});
export type OutageEntry = z.infer<typeof outageEntry>;

export const stretch = z.object({ start: instant, end: openEnd });
export type StretchEntry = z.infer<typeof stretch>;

export const outageReport = z.object({
  target_id: id,
  window_start: instant,
  window_end: instant,
  complete_from: instant
    .nullable()
    .meta({
      description:
        'Where the log is longer than is read (10000 entries): no pause or gap is known before; otherwise null',
    }),
  outages: z.array(outageEntry).meta({ description: 'Outages that overlap the window, complete, newest first' }),
  has_more: z
    .boolean()
    .meta({ description: 'There are older ones: request them with `before` = the start of the last one' }),
  pauses: z.array(stretch).meta({ description: 'Periods in which the target was paused by a user' }),
  gaps: z.array(stretch).meta({ description: 'Periods whose results were measured but could not be stored' }),
});

export type OutageReport = z.infer<typeof outageReport>;

export const listOutages = operation({
  id: 'listOutages',
  method: 'GET',
  path: '/targets/:id/outages',
  access: 'viewer',
  tag: 'insights',
  summary: 'When a target was down, paused or not recorded',
  description:
    'An outage begins with the first of five probes lost in a row and ends with the first reply, with a pause or with ' +
    "the target's deletion. `start` is when the target was added, or where its imported history begins, when left out, `end` is now. Time without results that is " +
    'none of these is time in which this server was not probing. At most `limit` outages; `before` leads to older ones.',
  params: targetPath,
  query: z.strictObject({
    start: givenInstant.optional(),
    end: givenInstant.optional(),
    limit: wholeNumber(1, 10_000).default(1000),
    before: givenInstant.optional(),
  }),
  answer: outageReport,
  problems: [404],
  example: {
    answer: {
      target_id: 1,
      window_start: '2026-11-23T20:00:00.000Z',
      window_end: '2026-11-23T21:00:00.000Z',
      complete_from: null,
      outages: [
        {
          start: '2026-11-23T20:10:00.250Z',
          end: '2026-11-23T20:12:30.250Z',
          duration_seconds: 150,
          ended_by: 'recovery',
          lost_probes: 150,
        },
      ],
      has_more: false,
      pauses: [{ start: '2026-11-23T20:50:00.000Z', end: null }],
      gaps: [],
    },
  },
});
