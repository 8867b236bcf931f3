import { closeSync, fstatSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { EpochMillis } from '../../core/ids.ts';
import { Problem } from '../../core/problem.ts';
import { hasSqliteHeader } from './check-file.ts';
import { explained } from './database.ts';
import { newestSchemaVersion, schemaVersionOf } from './migrations.ts';

/** What a database file holds, found whole by reading every page of it. */
export interface DatabaseContents {
  readonly schemaVersion: number;
  readonly targets: number;
  /** Raw results; the rollups of older ones come on top. */
  readonly results: number;
  readonly newestAt: EpochMillis | undefined;
  readonly sizeBytes: number;
}

/**
 * Reads all of a file that nobody writes to. A Problem `storage-unavailable` with a sentence when it is none of ours,
 * damaged, or newer than this program.
 */
export function inspectDatabaseFile(path: string): DatabaseContents {
  // A file that is not there would otherwise be told as one that cannot be opened for writing.
  const sizeBytes = sizeOf(path);
  try {
    using connection = new DatabaseSync(path, { readOnly: true });
    const verdict = connection.prepare('pragma integrity_check(1)').get()?.['integrity_check'];
    if (verdict !== 'ok') throw unusable(`${path} is damaged: ${String(verdict)}.`);
    const schemaVersion = schemaVersionOf(connection);
    if (schemaVersion === undefined) throw unusable(`${path} is an SQLite database, but none of PingMeDaddy.`);
    const newest = newestSchemaVersion();
    if (schemaVersion > newest) {
      throw unusable(`${path} has schema ${schemaVersion}, this program knows up to ${newest}: update it first.`);
    }
    const number = (sql: string): number => Number(connection.prepare(sql).get()?.['value'] ?? 0);
    const newestAt = number(`select max(coalesce((select max(to_millis) from unsealed_batches), 0),
      coalesce((select max(to_millis) from hour_rollup_blocks), 0)) as value`);
    return {
      schemaVersion,
      targets: number('select count(*) as value from targets where deleted_at_millis is null'),
      results: number(`select coalesce((select sum(result_count) from raw_blocks), 0)
        + coalesce((select sum(result_count) from unsealed_batches), 0) as value`),
      newestAt: newestAt === 0 ? undefined : newestAt,
      sizeBytes,
    };
  } catch (error) {
    throw explained(error, path);
  }
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
