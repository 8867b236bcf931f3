import { createWriteStream, openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { exportLogs } from '../../contract/history.ts';
import { exportTargets, importTargets, showImportTemplate } from '../../contract/target-files.ts';
import { type CommonOptions, type Context, idArgument, remoteCommand } from '../context.ts';
import { UsageError } from '../failure.ts';

interface ExportOptions extends CommonOptions {
  readonly output?: string;
  readonly from?: string;
  readonly to?: string;
  readonly format: string;
  readonly template?: true;
}

export function addTargetFileCommands(target: Command, context: Context): void {
  const { output, open, signal } = context;

  remoteCommand(
    target,
    'export [id]',
    "all targets as CSV, or one target's raw history",
    'pmd target export 1 --from 2026-11-01T00:00:00Z -o history.csv',
  )
    .option('-o, --output <file>', 'write to a file instead of stdout')
    .option('--from <time>', 'history from this time on, RFC 3339')
    .option('--to <time>', 'history up to this time')
    .option('--format <format>', 'of the history: csv or ndjson', 'csv')
    .option('--template', 'an empty target file to fill in')
    .action(async (text: string | undefined, options: ExportOptions) => {
      const response = await openExport(text, options);
      if (response.body === null) throw new Error('the server sent no body');
      const content = Readable.fromWeb(response.body);
      if (options.output === undefined) await pipeline(content, output.stdout, { end: false });
      else await pipeline(content, createWriteStream(options.output, { flags: 'wx' }));
      if (options.output !== undefined) output.note(`Written to ${options.output}.`);
    });

  async function openExport(text: string | undefined, options: ExportOptions): Promise<Response> {
    const client = await open(options.url);
    if (text === undefined) return client.open(options.template ? showImportTemplate : exportTargets, {}, signal);
    const { from, to, format } = options;
    if (format !== 'csv' && format !== 'ndjson') throw new UsageError('--format must be csv or ndjson.');
    return client.open(exportLogs, { params: { id: idArgument(text) }, query: { from, to, format } }, signal);
  }

  remoteCommand(target, 'import <file>', 'add targets from a CSV file', 'pmd target import targets.csv').action(
    async (file: string, options: CommonOptions) => {
      const form = new FormData();
      form.set('file', await openFile(file), basename(file));
      const answer = await (await open(options.url)).call(importTargets, {}, { content: form });
      if (options.json === true) output.json(answer);
      else
        output.line(`${answer.created} created, ${answer.skipped_existing} there already, of ${answer.row_count} rows`);
      if (options.json !== true) for (const { row, message } of answer.errors) output.note(`row ${row}: ${message}`);
      if (answer.errors.length > 0)
        throw new Error(`${answer.errors.length} fault(s) in ${file}; the other rows are done.`);
    },
  );
}

async function openFile(path: string): Promise<Blob> {
  try {
    return await openAsBlob(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read.`, { cause: error });
  }
}
