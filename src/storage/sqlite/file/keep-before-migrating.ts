import { chmodSync, constants, copyFileSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Problem } from '../../../core/problem.ts';
import { synchronize } from './file-access.ts';
import { newestSchemaVersion, schemaVersionOf } from './migrations.ts';

/**
 * Copies a database of an earlier schema before it is migrated; the caller holds the lock. Returns a message for the log,
 * `undefined` if nothing is migrated. Throws a Problem if there is no space; then nothing has changed.
 */
export function keepBeforeMigrating(
  path: string,
  connection: DatabaseSync,
  freeBytes: (folder: string) => number = freeBytesIn,
): string | undefined {
  const schema = schemaVersionOf(connection) ?? 0;
  const newest = newestSchemaVersion();
  if (schema === 0 || schema >= newest) return undefined;
  const kept = `${path}.schema-${schema}.bak`;
  const fresh = `${kept}.partial`;
  try {
    rmSync(fresh, { force: true });
    copy({ path, fresh, connection, freeBytes });
    chmodSync(fresh, 0o600);
    synchronize(fresh);
    // Overwrites one of an earlier attempt: a database with this schema is at most as new as this one.
    renameSync(fresh, kept);
    synchronize(dirname(path));
  } catch (error) {
    rmSync(fresh, { force: true });
    throw (error as NodeJS.ErrnoException).code === 'ENOSPC' ? noRoom(path, 0) : error;
  }
  const back = `install the earlier version and run pmd restore ${kept}, with the server stopped`;
  return `The database is brought from schema ${schema} to ${newest}. It is kept as ${kept}; to go back, ${back}.`;
}

function copy({
  path,
  fresh,
  connection,
  freeBytes,
}: {
  readonly path: string;
  readonly fresh: string;
  readonly connection: DatabaseSync;
  readonly freeBytes: (folder: string) => number;
}): void {
  const isLogIn = Number(connection.prepare('pragma wal_checkpoint(truncate)').get()?.['busy']) === 0;
  if (isLogIn && isCloned(path, fresh)) return;
  const free = freeBytes(dirname(path));
  if (free < statSync(path).size) throw noRoom(path, free);
  // If a reader keeps the log from being merged, the file alone is not the whole database.
  if (isLogIn) copyFileSync(path, fresh);
  else connection.prepare('vacuum into ?').run(fresh);
}

/** Takes no space on file systems that share identical data (btrfs, XFS). */
function isCloned(path: string, fresh: string): boolean {
  try {
    copyFileSync(path, fresh, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    rmSync(fresh, { force: true });
    return false;
  }
}

function freeBytesIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function noRoom(path: string, free: number): Problem {
  const needed = `${statSync(path).size} bytes are needed beside it, ${free} are free`;
  const message = `There is no room for a copy of ${path} before its schema is changed: ${needed}.`;
  return new Problem('storage-unavailable', `${message} Free some space and start again; nothing has been changed.`);
}
