import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { ApiError } from '../../contract/client.ts';
import { listLogs } from '../../contract/history/history.ts';
import { type ImportEntry, importLogs, listImports, showImport, undoImport } from '../../contract/history/imports.ts';
import { confirmLoss } from '../ask.ts';
import { type CommonOptions, type Context, idArgument, numberArgument, remoteCommand } from '../context.ts';
import { UsageError } from '../failure.ts';
import { fieldLines, type Output } from '../output/output.ts';
import { createProgress } from '../output/progress.ts';

interface ImportOptions extends CommonOptions {
  readonly target?: string;
  readonly force?: true;
  readonly quiet?: true;
}

export function addImportCommand(program: Command, context: Context): void {
  const { output, open, signal } = context;
  const command = remoteCommand(
    program,
    'import <file>',
    'import a history export (CSV or NDJSON, plain, .gz or .zst); rerun to resume',
    'pmd import history.csv.zst --target 1',
  )
    .option('--target <id>', 'target whose history it is')
    .option('--force', 'import a file of another target anyway')
    .option('--quiet', 'no progress bar')
    .action(async (file: string, options: ImportOptions) => {
      if (options.target === undefined) throw new UsageError('Say whose history it is: --target ID.');
      const params = { id: idArgument(options.target) };
      const size = await sizeOf(file);
      // An empty request first, so that an unknown id is reported and an expired token renewed before the upload.
      await (await open(options.server)).call(listLogs, { params, query: { limit: 1 } });
      const client = await open(options.server);
      const progress = createProgress(output, { total: size, unit: 'bytes', isQuiet: options.quiet === true });
      async function* chunks(): AsyncGenerator<Buffer> {
        for await (const chunk of createReadStream(file, { signal }) as AsyncIterable<Buffer>) {
          progress.advance(chunk.length);
          yield chunk;
        }
      }
      const content = Readable.toWeb(Readable.from(chunks(), { objectMode: false })) as ReadableStream<Uint8Array>;
      const force = options.force === true ? ('true' as const) : undefined;
      const query = { file_name: basename(file).slice(0, 255), force };
      const body = { content, contentType: 'application/octet-stream' };
      const answer = await client
        .call(importLogs, { params, query }, body)
        .catch((error: unknown) => {
          progress.end();
          const advice = 'What was stored until now stays (pmd import list); run the same command again to go on.';
          if (!(error instanceof ApiError)) output.note(`The import was interrupted. ${advice}`);
          throw error;
        })
        .finally(() => progress.end());
      if (options.json === true) output.json(answer);
      else for (const line of summaryOf(answer)) output.line(line);
      if (options.json !== true) for (const { row, message } of answer.errors) output.note(`row ${row}: ${message}`);
      if (answer.error_count > 0) {
        const rest = answer.stored + answer.duplicates > 0 ? 'the others are stored' : 'nothing was imported';
        throw new Error(`${answer.error_count} row(s) left out; ${rest}.`);
      }
    });
  addJobCommands(command, context);
}

function addJobCommands(command: Command, context: Context): void {
  const { output, open } = context;
  remoteCommand(command, 'list', 'imports of history, newest first', 'pmd import list --target 1')
    .option('--target <id>', 'only imports into one target')
    .option('--limit <n>', 'how many', numberArgument('--limit'), 100)
    .action(async ({ target, limit, json, server }: CommonOptions & { target?: string; limit: number }) => {
      const query = { limit, target_id: target === undefined ? undefined : idArgument(target) };
      const jobs = await (await open(server)).call(listImports, { query });
      if (json === true) return output.json(jobs);
      output.table(['id', 'target', 'started', 'state', 'stored', 'there already', 'refused', 'file'], jobs.map(rowOf));
    });

  remoteCommand(
    command,
    'show <id>',
    'details of an import: rows stored, present and rejected',
    'pmd import show 3',
  ).action(async (text: string, { json, server }: CommonOptions) => {
    const params = { id: idArgument(text, 'pmd import list') };
    const job = await (await open(server)).call(showImport, { params });
    if (json === true) output.json(job);
    else showJob(output, job);
  });

  remoteCommand(command, 'undo <id>', 'remove everything that an import stored', 'pmd import undo 3 --yes')
    .option('--yes', 'do not ask')
    .action(async (text: string, { yes, json, server }: CommonOptions & { yes?: true }) => {
      const params = { id: idArgument(text, 'pmd import list') };
      const client = await open(server);
      if (yes !== true) {
        const { stored, target_id: target } = await client.call(showImport, { params });
        const question = `Remove the ${stored} results that import ${params.id} has stored in target ${target}?`;
        await confirmLoss(context, { question, what: 'Undoing an import', nothing: 'Nothing was removed.' });
      }
      const job = await client.call(undoImport, { params });
      if (json === true) output.json(job);
      else output.line(undoneLine(job));
    });
}

function summaryOf(job: ImportEntry): string[] {
  const { stored, duplicates, row_count: rows, from, to, stored_as_rollups: rolledUp } = job;
  return [
    `${stored} stored, ${duplicates} there already, of ${rows} rows`,
    ...(from === null || to === null
      ? []
      : [`from ${from} to ${to}${stored === 0 ? '' : `; pmd import undo ${job.id} removes what was stored`}`]),
    ...(rolledUp === 0 ? [] : [`${rolledUp} are kept as rollups only: raw results as old are not kept`]),
  ];
}

function rowOf(job: ImportEntry): string[] {
  const counts = [job.stored, job.duplicates, job.refused].map(String);
  return [String(job.id), String(job.target_id), job.started_at, job.state, ...counts, job.file_name ?? '–'];
}

function showJob(output: Output, job: ImportEntry): void {
  const { invalid, other_target: others, too_old: tooOld, raw_deleted: deleted } = job.refused_reasons;
  const lines: readonly (readonly [string, string])[] = [
    ['import', `${job.id} into target ${job.target_id}`],
    ['file', job.file_name ?? '–'],
    ['by', job.started_by],
    ['time', `${job.started_at} to ${job.ended_at ?? 'now'}`],
    ['state', job.failure === null ? job.state : `${job.state}: ${job.failure}`],
    ['results', job.from === null ? '–' : `${job.from} to ${job.to ?? ''}`],
    ['rows', String(job.row_count)],
    ['stored', `${job.stored}, ${job.stored_as_rollups} of them as rollups only`],
    ['duplicates', String(job.duplicates)],
    [
      'refused',
      `${job.refused}: ${invalid} invalid, ${others} of another target, ${tooOld} too old, ${deleted} whose hour's raw results are deleted`,
    ],
    ['undo', job.undone_at === null ? `until ${job.undoable_until ?? '–'}` : undoneLine(job)],
  ];
  for (const line of fieldLines(lines)) output.line(line);
  for (const { row, message } of job.errors) output.line(`row ${row}: ${message}`);
}

function undoneLine({ id, removed, not_removed: kept }: ImportEntry): string {
  const rest = kept === 0 ? '' : `; ${kept} stay in rollups, since the raw results of their hours are deleted`;
  return `Import ${id} undone: ${removed} results removed${rest}`;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new UsageError(`${path} cannot be read.`, { cause: error });
  }
}
