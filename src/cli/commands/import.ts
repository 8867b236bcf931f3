import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import type { Command } from 'commander';
import { importLogs } from '../../contract/history.ts';
import { type CommonOptions, type Context, idArgument, remoteCommand } from '../context.ts';
import { UsageError } from '../failure.ts';
import { createProgress } from '../progress.ts';

interface ImportOptions extends CommonOptions {
  readonly target: string;
  readonly quiet?: true;
}

export function addImportCommand(program: Command, context: Context): void {
  const { output, open } = context;
  remoteCommand(
    program,
    'import <file>',
    "move history in: an export's CSV or NDJSON (.ndjson, .jsonl)",
    'pmd import history.csv --target 1',
  )
    .requiredOption('--target <id>', 'whose history it is')
    .option('--quiet', 'no progress bar')
    .action(async (file: string, options: ImportOptions) => {
      const id = idArgument(options.target);
      const size = await sizeOf(file);
      const client = await open(options.url);
      const progress = createProgress(output, { total: size, unit: 'bytes', isQuiet: options.quiet === true });
      const counted = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          progress.advance(chunk.length);
          done(null, chunk);
        },
      });
      const content = Readable.toWeb(createReadStream(file).pipe(counted)) as ReadableStream<Uint8Array>;
      const contentType = /\.(ndjson|jsonl)$/.test(file) ? 'application/x-ndjson' : 'text/csv';
      try {
        const answer = await client.call(importLogs, { params: { id } }, { content, contentType });
        progress.end();
        if (options.json === true) output.json(answer);
        else output.line(`${answer.stored} stored, ${answer.duplicates} there already, of ${answer.row_count} rows`);
        if (options.json !== true) for (const { row, message } of answer.errors) output.note(`row ${row}: ${message}`);
        if (answer.error_count > 0) throw new Error(`${answer.error_count} row(s) left out; the others are stored.`);
      } finally {
        progress.end();
      }
    });
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new UsageError(`${path} cannot be read.`, { cause: error });
  }
}
