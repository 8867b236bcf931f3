import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { Problem } from '../../../core/problem.ts';

// Reading this much takes a fraction of a second; of larger files only the small tables are checked at start. The large ones
// contain blocks with checksums of their own.
const wholeCheckBytes = 64 * 1024 * 1024;
const smallTables = ['schema_migrations', 'targets', 'users', 'commit_sources', 'retention_floors'];

/** What the system's tables report in words is in `explained`; this is for what would be noticed only later. */
export function refuseDamagedFile(path: string): void {
  const sizeBytes = sizeOf(path);
  // A missing or empty file becomes a new database.
  if (sizeBytes === 0) return;
  // Read-only, so that not even the log of a damaged database is merged: all of it stays for recovery.
  using connection = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  const check = (argument: number | string): SQLOutputValue | undefined =>
    connection.prepare(`pragma quick_check(${argument})`).get()?.['quick_check'];
  const present = connection.prepare(`select name from sqlite_schema where type = 'table'`).all();
  const names = present.map(({ name }) => String(name)).filter((name) => smallTables.includes(name));
  const verdicts = sizeBytes <= wholeCheckBytes ? [check(1)] : names.map(check);
  const found = verdicts.find((verdict) => verdict !== 'ok' && verdict !== undefined);
  if (found !== undefined) throw damaged(path, found === null ? 'no verdict' : found.toString());
}

export function damaged(path: string, what: string, cause?: unknown): Problem {
  const advice =
    'Stop the server and put a backup in its place with pmd restore FILE; the damaged one is kept beside it.';
  return new Problem('storage-unavailable', `The database ${path} is damaged (${what}). ${advice}`, { cause });
}

/** The first bytes of every SQLite file. */
const magic = 'SQLite format 3\0';

export function hasSqliteHeader(file: number): boolean {
  const head = Buffer.alloc(magic.length);
  readSync(file, head, 0, head.length, 0);
  return head.toString('latin1') === magic;
}

function sizeOf(path: string): number {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return 0;
  }
  try {
    const { size } = fstatSync(file);
    if (size > 0 && !hasSqliteHeader(file)) {
      const advice =
        'if it was one, put a backup in its place with pmd restore FILE; otherwise point DATABASE_URL to another file.';
      throw new Problem('storage-unavailable', `The file ${path} is not an SQLite database: ${advice}`);
    }
    return size;
  } finally {
    closeSync(file);
  }
}
