import { constants, copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Problem } from '../../../core/problem.ts';
import type { RestoreOutcome } from '../../port.ts';
import { explained, lockForWriting } from '../file/database.ts';
import { closeToOthers, synchronize } from '../file/file-access.ts';
import { inspectDatabaseFile } from './inspect-file.ts';

/**
 * Replaces a database that no server has open by a backup; the old one is kept beside it. Throws a Problem, and changes nothing,
 * when the backup cannot be used or a server is running.
 */
export function restoreDatabase(backupPath: string, path: string): RestoreOutcome {
  if ((statSync(`${backupPath}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw new Problem(
      'storage-unavailable',
      `${backupPath} is in use or was not shut down cleanly (a -wal file is present).`,
    );
  }
  const contents = inspectDatabaseFile(backupPath);
  const lock = lockForWriting(path);
  const fresh = `${path}.restoring`;
  try {
    copyFileSync(backupPath, fresh, constants.COPYFILE_FICLONE);
    // A copy has the mode of its original.
    closeToOthers(fresh);
    synchronize(fresh);
    // Read again: what counts is what has arrived on this disk.
    inspectDatabaseFile(fresh);
    const keptAs = keepOld(path);
    renameSync(fresh, path);
    synchronize(dirname(path));
    return { ...contents, path, keptAs };
  } catch (error) {
    rmSync(fresh, { force: true });
    throw explained(error, path);
  } finally {
    lock.close();
  }
}

/**
 * The old database gets a second name, so that there is a database under the first at every moment; only its log has to move, and
 * is merged before that if the database can still be opened.
 */
function keepOld(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  takeInLog(path);
  closeToOthers(path);
  let keptAs = `${path}.before-restore`;
  for (let number = 2; existsSync(keptAs); number++) keptAs = `${path}.before-restore-${number}`;
  linkSync(path, keptAs);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, keptAs + suffix);
  }
  return keptAs;
}

function takeInLog(path: string): void {
  try {
    using old = new DatabaseSync(path);
    old.exec('pragma wal_checkpoint(truncate)');
  } catch {
    // Damaged, which is why a backup is restored: it is kept as it is.
  }
}
