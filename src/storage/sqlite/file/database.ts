import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { Problem } from '../../../core/problem.ts';
import { DamagedBytesError } from '../../../core/bytes/bytes.ts';
import { damaged, refuseDamagedFile } from './check-file.ts';
import { closeToOthers } from './file-access.ts';
import { type FileLock, lockFile, resolvedPath } from './file-lock.ts';
import { keepBeforeMigrating } from './keep-before-migrating.ts';
import { migrate } from './migrations.ts';

export type Row = Record<string, SQLOutputValue>;

/** One open SQLite file: prepared statements by their text, and transactions. */
export interface Database {
  readonly path: string;
  all(sql: string, ...values: SQLInputValue[]): Row[];
  get(sql: string, ...values: SQLInputValue[]): Row | undefined;
  /** Returns how many rows changed and the last row id. */
  run(sql: string, ...values: SQLInputValue[]): { readonly changes: number; readonly lastId: number };
  /** How often a statement that names a table has changed it: whatever was read of it before a change is out of date. */
  changesOf(table: string): number;
  /** All or nothing; what it returns is durable. */
  transaction<T>(work: () => T): T;
  /**
   * Merges the write-ahead log into the database when it has grown: a few milliseconds, during which commits and queries wait.
   * `isQuiet`: the next commit is not expected soon; otherwise this is postponed unless the log is huge.
   */
  checkpointIfDue(isQuiet: boolean): void;
  close(): void;
}

/** `onNotice`: for messages to the log. */
export function openDatabase(path: string, onNotice: (message: string) => void = () => undefined): Database {
  const lock = lockForWriting(path);
  try {
    refuseDamagedFile(path);
    closeToOthers(path);
    const connection = connect(path);
    lock.lockFile();
    const kept = keepBeforeMigrating(path, connection);
    if (kept !== undefined) onNotice(kept);
    migrate(connection);
    return createDatabase(path, connection, lock);
  } catch (error) {
    lock.close();
    throw explained(error, path);
  }
}

export interface WriterLock {
  /** Locks the file itself, if it did not exist before. */
  lockFile(): void;
  close(): void;
}

/**
 * Held for as long as we are open: an exclusive operating system lock on a file beside the database, and one on the database
 * itself, which is the same one under any name. They end with the process, however that ends, and leave the database open to
 * readers.
 */
export function lockForWriting(path: string): WriterLock {
  let beside: DatabaseSync | undefined;
  let own: FileLock | undefined;
  const close = (): void => {
    own?.close();
    beside?.close();
  };
  const lockOwn = (): void => {
    if (own !== undefined) return;
    const taken = lockFile(path);
    if (taken === 'held') throw writtenByAnother(path);
    own = taken;
  };
  try {
    beside = new DatabaseSync(`${resolvedPath(path)}-lock`);
    beside.exec('pragma journal_mode = memory; begin exclusive');
    lockOwn();
    return { lockFile: lockOwn, close };
  } catch (error) {
    close();
    throw isBusy(error) ? writtenByAnother(path, error) : explained(error, path);
  }
}

function writtenByAnother(path: string, cause?: unknown): Problem {
  const advice = 'Stop the other one, or give this one a database of its own with DATABASE_URL.';
  return new Problem('storage-unavailable', `Another process is writing to ${path}. ${advice}`, { cause });
}

function connect(path: string): DatabaseSync {
  const connection = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5000 });
  // FULL: an acknowledged commit survives a power cut; NORMAL lost up to six in a WAL.
  connection.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536');
  connection.exec(
    'pragma temp_store = memory; pragma wal_autocheckpoint = 16000; pragma journal_size_limit = 67108864',
  );
  return connection;
}

const pageBytes = 4096;
const checkpointBytes = 2 * 1024 * 1024;
const overdueBytes = 16 * 1024 * 1024;

function createDatabase(path: string, connection: DatabaseSync, lock: WriterLock): Database {
  const statements = new Map<string, StatementSync>();
  const changesOf = new Map<string, number>();
  let writtenBytes = 0;
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = connection.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    path,
    all: (sql, ...values) => prepared(sql).all(...values),
    get: (sql, ...values) => prepared(sql).get(...values),
    run: (sql, ...values) => {
      for (const [table, count] of changesOf) if (sql.includes(table)) changesOf.set(table, count + 1);
      const { changes, lastInsertRowid } = prepared(sql).run(...values);
      for (const value of values) writtenBytes += value instanceof Uint8Array ? value.byteLength : 0;
      writtenBytes += pageBytes;
      return { changes: Number(changes), lastId: Number(lastInsertRowid) };
    },
    changesOf: (table) => {
      const count = changesOf.get(table) ?? 0;
      changesOf.set(table, count);
      return count;
    },
    transaction: (work) => {
      prepared('begin immediate').run();
      try {
        const result = work();
        prepared('commit').run();
        return result;
      } catch (error) {
        if (connection.isTransaction) prepared('rollback').run();
        throw error;
      }
    },
    checkpointIfDue: (isQuiet) => {
      if (writtenBytes < (isQuiet ? checkpointBytes : overdueBytes)) return;
      writtenBytes = 0;
      prepared('pragma wal_checkpoint(passive)').get();
    },
    close: () => {
      statements.clear();
      connection.close();
      lock.close();
    },
  };
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  // Extended codes contain the primary one in their low byte.
  return error.errcode & 0xff;
}

const busy = 5;
const locked = 6;
const readOnly = 8;
const ioError = 10;
const full = 13;
const cannotOpen = 14;
const notADatabase = 26;
const corrupt = 11;

function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === busy || code === locked;
}

/** What SQLite refused, as a sentence that says what to do; other errors unchanged. */
export function explained(error: unknown, path: string): unknown {
  const code = sqliteCode(error);
  if (error instanceof DamagedBytesError) return damaged(path, error.message, error);
  if (code === corrupt && error instanceof Error) return damaged(path, error.message, error);
  const sentence = sentenceFor(code, path);
  return sentence === undefined ? error : new Problem('storage-unavailable', sentence, { cause: error });
}

function sentenceFor(code: number | undefined, path: string): string | undefined {
  switch (code) {
    case undefined:
      return undefined;
    case cannotOpen:
      return `The database ${path} cannot be opened: create its folder and let this user write to it, or set DATABASE_URL.`;
    case readOnly:
      return `The database ${path} is read-only: let this user write to the file and its folder, or set DATABASE_URL.`;
    case notADatabase:
      return `The file ${path} is not an SQLite database: move it away or point DATABASE_URL to another file.`;
    case full:
      return `The disk that holds ${path} is full: free some space; results wait until then.`;
    case ioError:
      return `The disk that holds ${path} reports an error: check the system's log.`;
    case busy:
    case locked:
      return `The database ${path} is locked by another program: close it there and try again.`;
    default:
      return undefined;
  }
}
