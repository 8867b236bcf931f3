import { z } from 'zod';
import { normalizeTags } from '../../core/target/target.ts';
import { operation } from '../operation.ts';
import { id } from '../shapes.ts';
import { checkProbe, fault } from './target-place.ts';
import { tags } from './target-fields.ts';
import { newTargetFields } from './targets.ts';

const tag = 'targets';
const targetsMax = 10_000;
/** Per list that is added. */
export const addedMax = 4096;

const ids = z.array(id).min(1, 'must name at least one target.').max(targetsMax);
const change = z.discriminatedUnion('action', [
  z.strictObject({ action: z.enum(['pause', 'resume', 'delete', 'restore']), ids }),
  z.strictObject({
    action: z.literal('tag'),
    ids,
    add: tags.default([]),
    remove: z
      .array(z.string())
      .max(1000)
      .default([])
      .transform((texts) => [...normalizeTags(texts)]),
  }),
]);

export const changeTargets = operation({
  id: 'changeTargets',
  method: 'POST',
  path: '/targets/bulk',
  access: 'operator',
  tag,
  summary: 'Pause, resume, delete, restore or tag many targets, as one change',
  description:
    '`changed` lists the targets that were changed; the opposite action on them undoes it. `restore` restores deleted ' +
    'targets with their history.',
  body: change,
  answer: z.object({ changed: z.array(id), refused: z.array(z.object({ id, message: z.string() })) }),
  example: {
    body: { action: 'pause', ids: [1, 2] },
    answer: { changed: [1], refused: [{ id: 2, message: 'Target 2 not found.' }] },
  },
});

export const addTargets = operation({
  id: 'addTargets',
  method: 'POST',
  path: '/targets/many',
  access: 'operator',
  tag,
  summary: 'Add targets in bulk (supports dry run)',
  description: 'With `dry_run` nothing is created. Invalid addresses are skipped; the rest are added.',
  body: newTargetFields
    .omit({ ip: true, host: true, name: true })
    .extend({
      ips: z.array(z.string().max(100)).max(addedMax).optional(),
      hosts: z
        .array(z.string().max(300))
        .max(addedMax)
        .optional()
        .meta({ description: 'Host names; a dry run does not resolve them' }),
      dry_run: z.boolean().default(false),
    })
    .check(checkProbe, ({ value, issues }) => {
      const count = (value.ips?.length ?? 0) + (value.hosts?.length ?? 0);
      if (count === 0) issues.push(fault(value, 'ips', 'must name at least one address.'));
    }),
  answer: z.object({
    created: z.int(),
    results: z
      .array(
        z.object({
          ip: z.string().meta({ description: 'Canonical where it is an address; empty for a host not resolved yet' }),
          host: z.string().nullable(),
          status: z.enum(['new', 'created', 'exists', 'repeated', 'not-allowed', 'faulty']),
          id: id.nullable().meta({ description: 'Of the target, where there is one' }),
          message: z.string().nullable(),
        }),
      )
      .meta({ description: 'One for each address, then one for each host, in their order' }),
  }),
  example: {
    body: { ips: ['127.0.0.1', '127.0.0.1'], frequency: 1, tags: ['local'], dry_run: true },
    answer: {
      created: 0,
      results: [
        { ip: '127.0.0.1', host: null, status: 'exists', id: 1, message: null },
        { ip: '127.0.0.1', host: null, status: 'repeated', id: null, message: null },
      ],
    },
  },
});

export const suggestTargets = operation({
  id: 'suggestTargets',
  method: 'GET',
  path: '/targets/suggestions',
  access: 'operator',
  tag,
  summary: 'Suggested first targets (gateway, this machine, public resolvers)',
  description: 'Suggestions only; nothing is probed.',
  answer: z.array(
    z.object({
      ip: z.string(),
      kind: z.enum(['gateway', 'self', 'resolver']),
      name: z.string().nullable(),
      is_tracked: z.boolean(),
      is_allowed: z.boolean().meta({ description: 'false where PROBE_ALLOW or PROBE_DENY forbids it' }),
    }),
  ),
  example: { answer: [{ ip: '127.0.0.1', kind: 'self', name: null, is_tracked: true, is_allowed: true }] },
});
