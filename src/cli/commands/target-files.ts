import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { exportLogs, logCompressions, logFormats } from '../../contract/history/history.ts';
import { exportTargets, importTargets, showImportTemplate } from '../../contract/targets/target-files.ts';
import { type CommonOptions, type Context, idArgument, remoteCommand } from '../context.ts';
import { BrokenOffError, received, refuseExisting, saveAs } from '../download.ts';
import { UsageError } from '../failure.ts';
import { createProgress } from '../output/progress.ts';
import { type ReceivedRows, countRows } from '../output/received-rows.ts';

interface ExportOptions extends CommonOptions {
  readonly output?: string;
  readonly force?: true;
  readonly from?: string;
  readonly to?: string;
  readonly format?: string;
  readonly compression?: string;
  readonly template?: true;
  readonly quiet?: true;
}

export function addTargetFileCommands(target: Command, context: Context): void {
  const { output, open, signal } = context;

  remoteCommand(
    target,
    'export [id]',
    "all targets as CSV, or one target's raw history",
    'pmd target export 1 --from 2026-11-01T00:00:00Z -o history.csv.zst',
  )
    .option('-o, --output <file>', 'write to a file instead of stdout')
    .option('--force', 'overwrite the file if it exists')
    .option('--from <time>', 'history from this time on, RFC 3339')
    .option('--to <time>', 'history up to this time')
    .option('--format <format>', 'history format: csv, ndjson or parquet (default: from the file extension, else csv)')
    .option('--compression <method>', 'none, gzip or zstd (default: from the file extension; zstd within parquet)')
    .option('--template', 'an empty target file to fill in')
    .option('--quiet', 'no progress')
    .action(async (text: string | undefined, options: ExportOptions) => {
      const { output: file } = options;
      const isBinary = options.format === 'parquet' || !['none', undefined].includes(options.compression);
      if (file !== undefined) {
        checkName(file, text === undefined ? ['csv'] : logFormats, options);
        await refuseExisting(file, options.force === true);
      } else if (isBinary && context.stdout.isTTY === true)
        throw new UsageError('This is nothing a terminal can show: name a file with --output.');
      const response = await openExport(text, options);
      if (response.body === null) throw new Error('the server sent no body');
      const content = Readable.fromWeb(response.body);
      const format = textFormatOf(response);
      const counted = format === undefined ? undefined : countRows(format);
      const explained = (error: unknown): unknown =>
        error instanceof BrokenOffError ? new Error(describeBreak(counted, text, file)) : error;
      if (file === undefined) {
        const seen = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
          for await (const chunk of chunks) {
            counted?.see(chunk);
            yield chunk;
          }
        };
        return pipeline(received(content), seen, output.stdout, { end: false }).catch((error: unknown) => {
          throw explained(error);
        });
      }
      const progress = createProgress(output, { total: undefined, unit: 'bytes', isQuiet: options.quiet === true });
      const bytes = await saveAs(file, content, progress, {
        onChunk: (chunk) => counted?.see(chunk),
        keepBytes: () => (text !== undefined && counted !== undefined && counted.rows > 0 ? counted.wholeBytes : 0),
      })
        .catch((error: unknown) => {
          throw explained(error);
        })
        .finally(() => progress.end());
      if (options.json === true) output.json({ file, bytes });
      else output.note(`Written to ${file}: ${bytes} bytes.`);
    });

  async function openExport(text: string | undefined, options: ExportOptions): Promise<Response> {
    const { from, to, format, compression } = options;
    if (text === undefined) {
      if ([from, to, format, compression].some((option) => option !== undefined))
        throw new UsageError(
          '--from, --to, --format and --compression are for the history of one target: name its id.',
        );
      const client = await open(options.server);
      return options.template
        ? client.open(showImportTemplate, {}, signal)
        : client.open(exportTargets, { query: everyColumn }, signal);
    }
    const named = namedAs(options.output ?? '');
    const query = {
      ...{ from, to, intervals: 'true' as const },
      format: oneOf('--format', logFormats, format) ?? named.format,
      compression: oneOf('--compression', logCompressions, compression) ?? named.compression,
    };
    const id = idArgument(text);
    return (await open(options.server)).open(exportLogs, { params: { id }, query }, signal);
  }

  remoteCommand(target, 'import <file>', 'add targets from a CSV file', 'pmd target import targets.csv').action(
    async (file: string, options: CommonOptions) => {
      const form = new FormData();
      form.set('file', await openFile(file), basename(file));
      const answer = await (await open(options.server)).call(importTargets, {}, { content: form });
      if (options.json === true) output.json(answer);
      else
        output.line(`${answer.created} created, ${answer.skipped_existing} there already, of ${answer.row_count} rows`);
      if (options.json !== true) for (const { row, message } of answer.errors) output.note(`row ${row}: ${message}`);
      if (answer.errors.length > 0)
        throw new Error(
          `${answer.errors.length} invalid ${answer.errors.length === 1 ? 'row' : 'rows'} in ${file}; the others were imported.`,
        );
    },
  );
}

/** What the import takes. */
const everyColumn = { tags: 'true', packets: 'true', hosts: 'true' } as const;

/** Text whose rows can be counted as they arrive. */
function textFormatOf({ headers }: Response): 'csv' | 'ndjson' | undefined {
  const type = headers.get('content-type') ?? '';
  if (type.startsWith('text/csv')) return 'csv';
  return type.startsWith('application/x-ndjson') ? 'ndjson' : undefined;
}

/** What has arrived, what is missing, and how to continue. */
function describeBreak(counted: ReceivedRows | undefined, id: string | undefined, file: string | undefined): string {
  const what = 'The server broke the export off before its end';
  const last = id === undefined ? undefined : counted?.lastTime();
  if (counted === undefined || last === undefined) {
    return `${what}; ${file === undefined ? 'what was printed is not all' : `${file} was not written`}. Try again.`;
  }
  const kept = file === undefined ? '' : ` They are kept in ${file}.partial.`;
  const next = new Date(Date.parse(last) + 1).toISOString();
  const rows = `${counted.rows} rows up to ${last} have come, later ones are missing.`;
  return `${what}: ${rows}${kept} If the target still exists, continue with: pmd target export ${id} --from ${next}`;
}

async function openFile(path: string): Promise<Blob> {
  try {
    return await openAsBlob(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read.`, { cause: error });
  }
}

function oneOf<Word extends string>(name: string, words: readonly Word[], given: string | undefined): Word | undefined {
  const word = words.find((each) => each === given);
  if (given === undefined || word !== undefined) return word;
  throw new UsageError(`${name} must be one of ${words.join(', ')}, not ${JSON.stringify(given)}.`);
}

/** A name that promises another format would mislead; one without an ending promises nothing. */
function checkName(file: string, formats: readonly string[], { format, compression }: ExportOptions): void {
  if (format !== undefined || compression !== undefined) return;
  const name = basename(file).toLowerCase();
  const endings = formats.flatMap((each) => (each === 'csv' && formats.length === 1 ? ['.csv'] : packedEndings(each)));
  if (!name.slice(1).includes('.') || endings.some((ending) => name.endsWith(ending))) return;
  throw new UsageError(
    `${basename(file)} names a format in which this export cannot be written; known endings are ${endings.join(', ')}.`,
  );
}

function packedEndings(format: string): readonly string[] {
  return format === 'parquet' ? ['.parquet'] : [`.${format}`, `.${format}.gz`, `.${format}.zst`];
}

/** The format that the end of a file's name promises: a `.parquet` that contains CSV would mislead. */
function namedAs(file: string): {
  readonly format?: (typeof logFormats)[number];
  readonly compression?: (typeof logCompressions)[number];
} {
  const [, ending, packing] = /\.(csv|ndjson|parquet)(?:\.(gz|zst))?$/.exec(file.toLowerCase()) ?? [];
  const format = logFormats.find((known) => known === ending);
  return {
    ...(format === undefined ? {} : { format }),
    ...(packing === undefined ? {} : { compression: packing === 'gz' ? ('gzip' as const) : ('zstd' as const) }),
  };
}
