import { z } from 'zod';
import { operation } from '../operation.ts';
import { flag, id, instant, targetPath, wholeNumber } from '../shapes.ts';

const tag = 'history';

const refusedReasons = z
  .object({ invalid: z.int(), other_target: z.int(), too_old: z.int(), raw_deleted: z.int() })
  .meta({
    description:
      '`invalid`: not a result; `other_target`: of another target; `too_old`: older than any retention; ' +
      '`raw_deleted`: the raw results of its hour have been deleted by age, so it is unknown whether it is among them',
  });

export const importEntry = z.object({
  row_count: z.int().meta({ description: 'stored + duplicates + refused' }),
  stored: z.int(),
  duplicates: z.int().meta({ description: 'Already stored, or twice in the file' }),
  error_count: z.int().meta({ description: 'Rejected rows, and the error that ended the file' }),
  errors: z
    .array(z.object({ row: z.int(), message: z.string() }))
    .meta({ description: 'The first 100 errors by the line of the file; `error_count` counts them all' }),
  id,
  target_id: id,
  file_name: z.string().nullable(),
  started_by: z.string(),
  started_at: instant,
  ended_at: instant.nullable().meta({ description: 'null while it runs' }),
  state: z
    .enum(['running', 'done', 'failed', 'undoing', 'undone'])
    .meta({ description: '`failed`: it was interrupted; what it had stored remains and can be undone' }),
  failure: z.string().nullable(),
  from: instant.nullable().meta({ description: 'Time of the first result in the file' }),
  to: instant.nullable().meta({ description: 'Time of the last one' }),
  stored_as_rollups: z
    .int()
    .meta({ description: 'Of the stored ones: in rollups only, since raw results of that age are not kept' }),
  refused: z.int(),
  refused_reasons: refusedReasons,
  undoable_until: instant.nullable().meta({ description: 'null while it runs and once it is undone' }),
  undone_at: instant.nullable(),
  undone_by: z.string().nullable(),
  removed: z.int().meta({ description: 'Results that were removed by the undo' }),
  not_removed: z
    .int()
    .meta({
      description: 'Results that remain in rollups, since retention had deleted the raw results of their hours',
    }),
});
export type ImportEntry = z.infer<typeof importEntry>;

const example: ImportEntry = {
  ...{ row_count: 1, stored: 1, duplicates: 0, error_count: 0, errors: [], id: 3, target_id: 1 },
  ...{ file_name: 'history.csv', started_by: 'anna', started_at: '2026-11-24T08:00:00.000Z' },
  ...{ ended_at: '2026-11-24T08:00:00.100Z', state: 'done', failure: null },
  ...{ from: '2026-11-23T21:00:00.250Z', to: '2026-11-23T21:00:00.250Z', stored_as_rollups: 0, refused: 0 },
  refused_reasons: { invalid: 0, other_target: 0, too_old: 0, raw_deleted: 0 },
  ...{ undoable_until: '2026-12-24T08:00:00.100Z', undone_at: null, undone_by: null, removed: 0, not_removed: 0 },
};

export const importLogs = operation({
  id: 'importLogs',
  method: 'POST',
  path: '/targets/:id/logs/import',
  access: 'operator',
  atOnce: 2,
  tag,
  summary: 'Import history: CSV or NDJSON of an export',
  description:
    'Streamed, in any size; gzip and Zstandard are recognised by their content. Results that are already stored are ' +
    'counted as duplicates, so an interrupted import can simply be sent again. Rejected rows are reported by the ' +
    'line of the file and skipped. A file of another target (`target_ip`, else `target_id`) is rejected without `force`. ' +
    'A result speaks for `interval_seconds`, or, without that column, for the usual time between the rows ' +
    'around it. The response is the import as a job, which can be undone.',
  params: targetPath,
  query: z.strictObject({
    force: flag.meta({ description: 'Accept results of other targets' }),
    file_name: z.string().max(255, 'must have at most 255 characters.').optional(),
  }),
  bodyType: 'text/csv',
  answer: importEntry,
  problems: [404, 409, 415],
  example: {
    body:
      'time,target_id,target_ip,latency_ms,hops,packet_loss,interval_seconds\n' +
      '2026-11-23T21:00:00.250Z,1,127.0.0.1,0.041,0,0,1\n',
    answer: example,
  },
});

export const listImports = operation({
  id: 'listImports',
  method: 'GET',
  path: '/imports',
  access: 'viewer',
  tag,
  summary: 'Imports of history, newest first',
  description: '`before` gives those with a lower id: the id of the last one leads to the next page.',
  query: z.strictObject({
    target_id: wholeNumber(1, 2_147_483_647).optional(),
    limit: wholeNumber(1, 1000).default(100),
    before: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
  }),
  answer: z.array(importEntry),
  problems: [404],
  example: { answer: [example] },
});

const importPath = z.strictObject({
  id: wholeNumber(1, Number.MAX_SAFE_INTEGER).meta({ description: 'Id of the import' }),
});

export const showImport = operation({
  id: 'showImport',
  method: 'GET',
  path: '/imports/:id',
  access: 'viewer',
  tag,
  summary: 'One import: what came, and what became of it',
  params: importPath,
  answer: importEntry,
  problems: [404],
  example: { answer: example },
});

export const undoImport = operation({
  id: 'undoImport',
  method: 'POST',
  path: '/imports/:id/undo',
  access: 'operator',
  atOnce: 2,
  tag,
  summary: 'Undo an import',
  description:
    'Removes exactly the results that this import stored, and the outages found in them. Rows that it counted as duplicates ' +
    'stay; rows that a later import counted as duplicates are removed, because this one stored them. Possible for 30 days, ' +
    'even if the import failed part-way. Undoing continues if the caller hangs up or the server restarts. 409 while the ' +
    'import is running, and once it has been undone.',
  params: importPath,
  answer: importEntry,
  problems: [404, 409],
  example: {
    answer: {
      ...example,
      ...{
        state: 'undone',
        undoable_until: null,
        undone_at: '2026-11-24T09:00:00.000Z',
        undone_by: 'anna',
        removed: 1,
      },
    },
  },
});
