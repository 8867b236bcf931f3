import { chmodSync, statSync } from 'node:fs';

const everybody = 0o007;
const ownerAlone = 0o600;

/**
 * Of a database from before files were its owner's alone. What its owner has opened to a group only stays so; the log
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
