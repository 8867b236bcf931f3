import { z } from 'zod';
import { probeKindNames } from '../../core/target/probe-kinds.ts';
import { operation } from '../operation.ts';
import { flag, id, instant, targetPath, tracking } from '../shapes.ts';
import { address, addressError, frequency, name, notes, packetFields, tags, url } from './target-fields.ts';
import { checkProbe, fault, placeFields } from './target-place.ts';
import { stateFields } from './target-state.ts';

export const target = z.object({
  id,
  name: z.string().nullable(),
  ip: z.string().meta({ description: 'The address in use', example: '192.0.2.1' }),
  host: z.string().nullable(),
  family: z.enum(['any', 'ipv4', 'ipv6']).nullable().meta({ description: 'null without a host' }),
  probe: z.enum(probeKindNames),
  port: z.int().nullable(),
  frequency: z.number(),
  is_active: z.boolean(),
  created_at: instant,
  url: z.string().nullable(),
  notes: z.string().nullable(),
  tags: z.array(z.string()),
  packet_size: z.int().nullable(),
  dscp: z.int().nullable(),
  ttl: z.int().nullable(),
  dont_fragment: z.boolean(),
  is_synthetic: z
    .boolean()
    .meta({ description: 'Made by `pmd seed`: its history is synthetic and it is never probed' }),
  ...stateFields,
  deleted_at: instant.optional().meta({ description: 'Only of a deleted target' }),
  deleted_by: z
    .string()
    .nullable()
    .optional()
    .meta({ description: 'Only of one deleted target: the user who deleted it; null where that is not known' }),
});
export type TargetShape = z.infer<typeof target>;

/** Without the rules between fields, for callers that add fields of their own. */
export const newTargetFields = z.strictObject({
  name: name.optional(),
  ip: address.optional(),
  host: placeFields.host.optional(),
  family: placeFields.family.optional(),
  probe: placeFields.probe.optional(),
  port: placeFields.port.optional(),
  frequency: frequency.default(1),
  url: url.optional(),
  notes: notes.optional(),
  tags: tags.optional(),
  packet_size: packetFields.packet_size.optional(),
  dscp: packetFields.dscp.optional(),
  ttl: packetFields.ttl.optional(),
  dont_fragment: packetFields.dont_fragment.optional(),
});

export const newTarget = newTargetFields.check(checkProbe, checkPlace);

/** The rules between those fields of a new target that say where it is. */
export function checkPlace({
  value,
  issues,
}: z.core.ParsePayload<{ ip?: string | undefined; host?: string | undefined; family?: string | undefined }>): void {
  if (value.ip === undefined && value.host === undefined) issues.push(fault(value, 'ip', addressError));
  if (value.host === undefined && value.family !== undefined)
    issues.push(fault(value, 'family', 'is for a host only.'));
}

const targetChangeFields = z.strictObject({
  name: name.optional(),
  host: placeFields.host.nullable().optional(),
  family: placeFields.family.optional(),
  probe: placeFields.probe.optional(),
  port: placeFields.port.optional(),
  frequency: frequency.optional(),
  url: url.optional(),
  notes: notes.optional(),
  tags: tags.optional(),
  packet_size: packetFields.packet_size.optional(),
  dscp: packetFields.dscp.optional(),
  ttl: packetFields.ttl.optional(),
  dont_fragment: packetFields.dont_fragment.optional(),
});

export const targetChange = targetChangeFields.check(checkProbe);

/** What a caller may send to change a target. */
export type TargetChangeShape = z.input<typeof targetChange>;

const exampleTarget = {
  name: null,
  id: 1,
  ip: '127.0.0.1',
  host: null,
  family: null,
  probe: 'icmp' as const,
  port: null,
  frequency: 1,
  is_active: true,
  created_at: '2026-11-23T21:00:00.000Z',
  url: null,
  notes: 'this machine',
  tags: ['local'],
  packet_size: null,
  dscp: null,
  ttl: null,
  dont_fragment: false,
  is_synthetic: false,
  state: 'up',
  state_since: '2026-11-23T20:00:00.000Z',
  reason: { code: 'replies', params: {} },
};
const tag = 'targets';

export const addTarget = operation({
  id: 'addTarget',
  method: 'POST',
  path: '/targets',
  access: 'operator',
  tag,
  summary: 'Add a target: an address or a host name',
  description:
    'A deleted address is restored under its old id with its history. One address is one target for ICMP and ' +
    'another one for each TCP port and each name that leads to it.',
  body: newTarget,
  answer: tracking,
  problems: [400, 403],
  example: {
    body: { ip: '127.0.0.1', frequency: 1, notes: 'this machine' },
    answer: { message: 'Started tracking 127.0.0.1', id: 1 },
  },
});

export const listTargets = operation({
  id: 'listTargets',
  method: 'GET',
  path: '/targets',
  access: 'viewer',
  tag,
  summary: 'All targets, or all deleted ones',
  query: z.strictObject({
    deleted: flag.meta({ description: 'true: those that were deleted, the latest first, with `deleted_at`' }),
  }),
  isSameForAll: true,
  answer: z.array(target),
  example: { answer: [exampleTarget] },
});

export const showTarget = operation({
  id: 'showTarget',
  method: 'GET',
  path: '/targets/:id',
  access: 'viewer',
  tag,
  summary: 'One target',
  params: targetPath,
  query: z.strictObject({
    deleted: flag.meta({
      description: 'true: a deleted one is answered too, with `deleted_at` and `deleted_by`, instead of 404',
    }),
  }),
  answer: target,
  problems: [404],
  example: { answer: exampleTarget },
});

export const changeTarget = operation({
  id: 'changeTarget',
  method: 'PATCH',
  path: '/targets/:id',
  access: 'operator',
  tag,
  summary: 'Change name, frequency, url, notes, tags, host, port or packet options',
  description:
    'A new frequency, packet_size, dscp, ttl or dont_fragment takes effect at the next probe, and so does another `probe`, `port`, ' +
    '`host` or `family`; `host` null leaves the address that is in use. `""` or null clears name, url and notes; null makes ' +
    'probes plain again.',
  params: targetPath,
  body: targetChange,
  answer: target,
  problems: [400, 403, 404],
  example: { body: { frequency: 2, notes: 'every other second' }, answer: { ...exampleTarget, frequency: 2 } },
});

export const pauseTarget = operation({
  id: 'pauseTarget',
  method: 'POST',
  path: '/targets/:id/pause',
  access: 'operator',
  tag,
  summary: 'Pause a target',
  params: targetPath,
  answer: tracking,
  problems: [404],
  example: { answer: { message: 'Tracking paused', id: 1 } },
});

export const resumeTarget = operation({
  id: 'resumeTarget',
  method: 'POST',
  path: '/targets/:id/resume',
  access: 'operator',
  tag,
  summary: 'Resume a paused target',
  params: targetPath,
  answer: tracking,
  problems: [404],
  example: { answer: { message: 'Tracking resumed', id: 1 } },
});

export const restoreTarget = operation({
  id: 'restoreTarget',
  method: 'POST',
  path: '/targets/:id/restore',
  access: 'operator',
  tag,
  summary: 'Restore a deleted target',
  description: 'With its settings and its history. A target that is not deleted stays as it is.',
  params: targetPath,
  answer: tracking,
  problems: [403, 404],
  example: { answer: { message: 'Target restored', id: 1 } },
});

export const deleteTarget = operation({
  id: 'deleteTarget',
  method: 'DELETE',
  path: '/targets/:id',
  access: 'operator',
  tag,
  summary: 'Delete a target, or erase it permanently',
  description:
    'The history stays readable under the id and is restored with the target, or when the same address is added ' +
    'again. ' +
    '`purge=true` erases target, results, rollups and events permanently.',
  params: targetPath,
  query: z.strictObject({ purge: flag }),
  answer: tracking,
  problems: [404],
  example: { answer: { message: 'Target deleted', id: 1 } },
});
