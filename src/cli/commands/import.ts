import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { ApiError } from '../../contract/client.ts';
import { importLogs, listLogs } from '../../contract/history.ts';
import { type CommonOptions, type Context, idArgument, remoteCommand } from '../context.ts';
import { UsageError } from '../failure.ts';
import { createProgress } from '../progress.ts';

interface ImportOptions extends CommonOptions {
  readonly target: string;
  readonly quiet?: true;
}

export function addImportCommand(program: Command, context: Context): void {
  const { output, open, signal } = context;
  remoteCommand(
    program,
    'import <file>',
    "move history in: an export's CSV or NDJSON, as it is or as .gz or .zst; run again to go on after an interruption",
    'pmd import history.csv.zst --target 1',
  )
    .requiredOption('--target <id>', 'whose history it is')
    .option('--quiet', 'no progress bar')
    .action(async (file: string, options: ImportOptions) => {
      const params = { id: idArgument(options.target) };
      const size = await sizeOf(file);
      // Asked with nothing to send: an unknown id is told, and a kept token that has ended is renewed, before the upload.
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
      const upload = client.call(importLogs, { params }, { content, contentType: 'application/octet-stream' });
      const answer = await upload
        .catch((error: unknown) => {
          progress.end();
          const advice = 'What was stored until now stays; run the same command again to go on.';
          if (!(error instanceof ApiError)) output.note(`The import was interrupted. ${advice}`);
          throw error;
        })
        .finally(() => progress.end());
      if (options.json === true) output.json(answer);
      else output.line(`${answer.stored} stored, ${answer.duplicates} there already, of ${answer.row_count} rows`);
      if (options.json !== true) for (const { row, message } of answer.errors) output.note(`row ${row}: ${message}`);
      if (answer.error_count > 0) throw new Error(`${answer.error_count} row(s) left out; the others are stored.`);
    });
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new UsageError(`${path} cannot be read.`, { cause: error });
  }
}
