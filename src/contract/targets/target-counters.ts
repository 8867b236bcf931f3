import { z } from 'zod';
import { operation } from '../operation.ts';
import { id, targetPath } from '../shapes.ts';

const counter = (description: string) => z.int().meta({ description });

export const targetCounters = z.object({
  target_id: id,
  replies_duplicate: counter('Further replies to an answered probe'),
  replies_late: counter('Replies after the timeout'),
  replies_wrong_source: counter('Replies to one of its probes from another address'),
  replies_wrong_token: counter('Replies to one of its probes without its token, as spoofed ones are'),
  icmp_errors: counter('ICMP errors that quote one of its probes'),
  drops_local: counter('Probes whose replies this machine had no room for; not loss of the target'),
});

export type TargetCountersShape = z.infer<typeof targetCounters>;

export const showTargetCounters = operation({
  id: 'showTargetCounters',
  method: 'GET',
  path: '/targets/:id/counters',
  access: 'viewer',
  tag: 'targets',
  summary: 'Probe anomaly counters',
  description:
    'Anything other than one reply to each probe, since this server was started, or the target resumed or added.',
  params: targetPath,
  answer: targetCounters,
  problems: [404],
  example: {
    answer: {
      ...{ target_id: 1, replies_duplicate: 0, replies_late: 2, replies_wrong_source: 0, replies_wrong_token: 0 },
      ...{ icmp_errors: 0, drops_local: 0 },
    },
  },
});
