import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { downloadBackup } from '../../../contract/backup.ts';
import { type CommonOptions, type Context, localCommand, remoteCommand } from '../../context.ts';
import { type DatabaseContents, describeContents } from '../../output/database-contents.ts';
import { refuseExisting, saveAs } from '../../download.ts';
import { UsageError } from '../../failure.ts';
import { createProgress } from '../../output/progress.ts';

interface BackupOptions extends CommonOptions {
  readonly force?: true;
  readonly quiet?: true;
}

/** A name that promises another format would mislead: a backup is an SQLite database. */
function checkName(file: string): void {
  const ending = /\.(?:zip|gz|tgz|bz2|xz|zst|7z|tar|sql|dump|csv|ndjson|json|parquet|xlsx|txt)$/i.exec(file)?.[0];
  if (ending === undefined) return;
  throw new UsageError(`A backup is an SQLite database and no ${ending} file; name it .db, for example.`);
}

export function addBackupCommands(program: Command, context: Context): void {
  const { output, open, signal } = context;

  remoteCommand(program, 'backup <file>', "verified online backup of the server's SQLite database", 'pmd backup pmd.db')
    .option('--force', 'overwrite the file if it exists')
    .option('--quiet', 'no progress')
    .action(async (file: string, options: BackupOptions) => {
      checkName(file);
      await refuseExisting(file, options.force === true);
      const response = await (await open(options.server)).open(downloadBackup, {}, signal);
      if (response.body === null) throw new Error('the server sent no body');
      const progress = createProgress(output, { total: undefined, unit: 'bytes', isQuiet: options.quiet === true });
      const content = Readable.fromWeb(response.body);
      let contents: DatabaseContents | undefined;
      // Checked before the file is renamed, so that a backup that cannot be restored never replaces an older one.
      const check = async (partial: string): Promise<void> => {
        contents = await context.inspectBackup(partial);
      };
      await saveAs(file, content, progress, { check, mode: 0o600 }).finally(() => progress.end());
      if (contents === undefined) throw new Error('the backup was not checked');
      if (options.json === true) output.json({ file, ...describeContents(contents).json });
      else output.note(`Written to ${file} and checked: ${describeContents(contents).text}.`);
    });

  localCommand(
    program,
    'restore <file>',
    'replace the database that DATABASE_URL names with a backup; stop the server first',
    'pmd restore pmd.db',
  ).action(async (file: string, options: CommonOptions) => {
    const { path, keptAs, ...contents } = await context.restoreBackup(file);
    const { json, text } = describeContents(contents);
    if (options.json === true) return output.json({ database: path, kept_as: keptAs ?? null, ...json });
    output.line(`${path} is now ${file}: ${text}.`);
    if (keptAs !== undefined) output.line(`What was there before is kept as ${keptAs}.`);
  });
}
