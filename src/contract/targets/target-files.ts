import { z } from 'zod';
import { operation } from '../operation.ts';
import { flag } from '../shapes.ts';

export const targetColumns = ['ip', 'frequency', 'url', 'notes', 'is_active'] as const;
/** Read if a file has it, written if requested. */
export const tagsColumn = 'tags';
/** Written when any target has a host name or a port. */
export const placeColumns = ['host', 'family', 'probe', 'port'] as const;
/** Written when any target has a name, as the last column. */
export const nameColumn = 'name';
export const packetColumns = ['packet_size', 'dscp', 'ttl', 'dont_fragment'] as const;

const tag = 'targets';
const template =
  'ip,frequency,url,notes,is_active\n' +
  '192.0.2.1,1,https://router.example/,Core router,true\n' +
  '2001:db8::1,5,,,false\n';

export const showImportTemplate = operation({
  id: 'showImportTemplate',
  method: 'GET',
  path: '/targets/import/template',
  access: 'viewer',
  tag,
  summary: 'A CSV file to fill in and import',
  answerType: 'text/csv',
  example: { answer: template },
});

export const exportTargets = operation({
  id: 'exportTargets',
  method: 'GET',
  path: '/targets/export',
  access: 'viewer',
  atOnce: 4,
  tag,
  summary: 'All targets as CSV, as the import takes it',
  description:
    '`tags=true` adds a column with the tags of each, separated by semicolons; `packets=true` those of packet size, DSCP, ' +
    'TTL and `dont_fragment`. The columns `host`, `family`, `probe` and `port` are there as soon as a target has a host name or a TCP port, or ' +
    'with `hosts=true`; the column `name` is the last one as soon as a target has a name.',
  query: z.strictObject({ tags: flag, packets: flag, hosts: flag }),
  answerType: 'text/csv',
  example: { answer: 'ip,frequency,url,notes,is_active\n127.0.0.1,1,,this machine,true\n' },
});

export const importTargets = operation({
  id: 'importTargets',
  method: 'POST',
  path: '/targets/import',
  access: 'operator',
  atOnce: 2,
  tag,
  summary: 'Add targets from a CSV file',
  description:
    'Multipart field `file`. A row is taken whole or not at all; each faulty one is named with its row (the header is ' +
    'row 1) and column. A column `tags` may be there, its tags separated by semicolons, and `packet_size`, `dscp`, ' +
    '`ttl` and `dont_fragment`; and `host`, `family`, `probe` and `port`. A row with a host may leave its `ip` empty. ' +
    'With `dry_run=true` nothing is created, no host name is resolved, and `created` counts what would be.',
  query: z.strictObject({ dry_run: flag }),
  bodyType: 'multipart/form-data',
  answer: z.object({
    row_count: z.int(),
    created: z.int(),
    skipped_existing: z.int(),
    errors: z.array(z.object({ row: z.int(), message: z.string() })),
  }),
  problems: [415],
  example: { body: template, answer: { row_count: 2, created: 2, skipped_existing: 0, errors: [] } },
});
