import { z } from 'zod';
import { stateReasonCodes, targetStates } from '../../core/outage/target-state.ts';
import { instant } from '../shapes.ts';

export const stateReason = z
  .object({ code: z.enum(stateReasonCodes), params: z.record(z.string(), z.union([z.number(), z.string(), z.null()])) })
  .meta({
    description:
      'Why. `replies`; `losses-in-a-row` {losses}; `loss-ratio` {losses, probes, window_minutes}; `no-reply` {losses}; ' +
      '`no-result-yet`; `not-allowed` by PROBE_ALLOW or PROBE_DENY; `paused`; `deleted`; `synthetic`. With `not-sent` what ' +
      'this machine lacks: `no-route`, `network-down`, `blocked-here`, `no-address`, `no-family`, `packet-too-large`, ' +
      '`buffers-full`, `too-many-probes`, `no-descriptors`, `no-interface`, `no-zone` or `failed`, each with {errno, errno_name}',
    example: { code: 'replies', params: {} },
  });

/** What every answer about a target says of its state. */
export const stateFields = {
  state: z
    .enum(targetStates)
    .meta({
      description:
        '`down`: five losses in a row, until the next reply; `degraded`: answering, but the last two probes were lost, or ' +
        'more than 2% of the last hour and at least two; `not-sent`: this server cannot send to it, which is never ' +
        'counted as loss; `pending`: no reply yet; `synthetic`: seeded, never probed. `slow` and `partial` are reserved',
    }),
  state_since: instant.nullable().meta({ description: 'Survives restarts; null where it is not known' }),
  reason: stateReason,
};
export type StateShape = z.infer<z.ZodObject<typeof stateFields>>;
