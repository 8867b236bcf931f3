import { chmodSync, closeSync, fsyncSync, openSync, statSync } from 'node:fs';

const everybody = 0o007;
const ownerAlone = 0o600;

/**
 * For a database from before files were private to their owner. A mode that an owner has opened only to a group is kept; the log
 * takes its mode from the database.
 */
export function closeToOthers(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-lock`]) {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined || (found.mode & everybody) === 0) continue;
    try {
      chmodSync(file, ownerAlone);
    } catch {
      // Another user's file, or a file system without modes: it can be used all the same.
    }
  }
}

/** A file, or the names in a folder, are on the disk when this returns. */
export function synchronize(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
