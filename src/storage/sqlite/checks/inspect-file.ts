import { closeSync, fstatSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Problem } from '../../../core/problem.ts';
import { hasSqliteHeader } from '../file/check-file.ts';
import { explained } from '../file/database.ts';
import type { CheckedFile, DatabaseContents, StoredDamage } from '../../port.ts';
import { newestSchemaVersion, schemaVersionOf } from '../file/migrations.ts';
import { type RowSource, checkPage, checkedTables } from './row-checks.ts';

/**
 * Throws a Problem `storage-unavailable` with a sentence when the file is not one of ours, damaged, or newer than this program.
 */
export function inspectDatabaseFile(path: string): DatabaseContents {
  const { damages, path: _path, checkedRows: _rows, ...contents } = checkDatabaseFile(path);
  const [first] = damages;
  if (first === undefined) return contents;
  const others = damages.length === 1 ? '' : ` and ${damages.length - 1} more`;
  throw unusable(`${path} is damaged: ${first.message}${others}. pmd check FILE lists all damage.`);
}

const pageRows = 100;
const verdictsMax = 100;

/** Reads all of a file: SQLite's own structures, and the rows one by one. Throws a Problem if it cannot be read at all. */
export function checkDatabaseFile(path: string): CheckedFile {
  // Otherwise a missing file would be reported as one that cannot be opened for writing.
  const sizeBytes = sizeOf(path);
  try {
    using connection = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    const verdicts = connection.prepare(`pragma integrity_check(${verdictsMax})`).all();
    const broken = verdicts.map((row) => String(row['integrity_check'])).filter((verdict) => verdict !== 'ok');
    // If pages are wrong, nothing read from them is reliable.
    if (broken.length > 0) {
      const damages = broken.map((message) => ({ message: message.replace(/\s*\n\s*/g, ', ') }));
      const none = { schemaVersion: 0, targets: 0, results: 0, newestAt: undefined, checkedRows: 0 };
      return { path, ...none, sizeBytes, damages };
    }
    const schemaVersion = schemaVersionOf(connection);
    if (schemaVersion === undefined) throw unusable(`${path} is an SQLite database, but none of PingMeDaddy.`);
    const newest = newestSchemaVersion();
    if (schemaVersion > newest) {
      throw unusable(`${path} has schema ${schemaVersion}, this program knows up to ${newest}: update it first.`);
    }
    return { path, schemaVersion, sizeBytes, ...contentsOf(connection), ...checkAllRows(connection) };
  } catch (error) {
    throw explained(error, path);
  }
}

function contentsOf(connection: DatabaseSync): Pick<DatabaseContents, 'targets' | 'results' | 'newestAt'> {
  const number = (sql: string): number => Number(connection.prepare(sql).get()?.['value'] ?? 0);
  const newestAt = number(`select max(coalesce((select max(to_millis) from unsealed_batches), 0),
    coalesce((select max(to_millis) from hour_rollup_blocks), 0)) as value`);
  return {
    targets: number('select count(*) as value from targets where deleted_at_millis is null'),
    results: number(`select coalesce((select sum(result_count) from raw_blocks), 0)
      + coalesce((select sum(result_count) from unsealed_batches), 0) as value`),
    newestAt: newestAt === 0 ? undefined : newestAt,
  };
}

function checkAllRows(connection: DatabaseSync): Pick<CheckedFile, 'checkedRows' | 'damages'> {
  const source: RowSource = { all: (sql, ...values) => connection.prepare(sql).all(...values) };
  const present = new Set(source.all(`select name from sqlite_schema where type = 'table'`).map(({ name }) => name));
  const damages: StoredDamage[] = [];
  let checkedRows = 0;
  for (const table of checkedTables.filter((name) => present.has(name))) {
    for (let after = Number.MIN_SAFE_INTEGER; ;) {
      const page = checkPage(source, table, { after, limit: pageRows });
      damages.push(...page.damages);
      checkedRows += page.rows;
      after = page.last;
      if (page.rows === 0) break;
    }
  }
  return { checkedRows, damages };
}

function sizeOf(path: string): number {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw unusable(`${path} cannot be read.`, error);
  }
  try {
    // SQLite takes an empty file for an empty database.
    if (!hasSqliteHeader(file)) throw unusable(`${path} is not an SQLite database.`);
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

function unusable(message: string, cause?: unknown): Problem {
  return new Problem('storage-unavailable', message, { cause });
}
