import { readdirSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { Problem } from '../../../core/problem.ts';
import { typeOldEvents } from './typed-events.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** What SQL alone cannot do, in the transaction of its migration and after its statements. */
const conversions: Readonly<Record<number, (connection: DatabaseSync) => void>> = { 11: typeOldEvents };

/** The numbered .sql files of the folder beside this file, in order. */
export function readMigrations(): readonly Migration[] {
  const folder = new URL('../migrations/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => /^\d{4}_.+\.sql$/.test(name))
    .toSorted()
    .map((name) => ({ version: Number(name.slice(0, 4)), name, sql: readFileSync(new URL(name, folder), 'utf8') }));
}

/** Brings the schema up to date, each migration in a transaction of its own. */
export function migrate(connection: DatabaseSync, migrations = readMigrations()): void {
  connection.exec(`create table if not exists schema_migrations (
    version integer primary key, name text not null, applied_at_millis integer not null
  ) strict`);
  const done = schemaVersionOf(connection) ?? 0;
  const newest = newestSchemaVersion(migrations);
  if (done > newest) {
    const versions = `schema ${done}, this program knows up to ${newest}`;
    throw new Problem(
      'storage-unavailable',
      `The database was written by a newer PingMeDaddy (${versions}): update it.`,
    );
  }
  for (const migration of migrations) if (migration.version > done) apply(connection, migration);
}

function apply(connection: DatabaseSync, { version, name, sql }: Migration): void {
  connection.exec('begin immediate');
  try {
    connection.exec(sql);
    conversions[version]?.(connection);
    connection
      .prepare(
        `insert into schema_migrations (version, name, applied_at_millis) values (?, ?, cast(unixepoch('subsec') * 1000 as integer))`,
      )
      .run(version, name);
    connection.exec('commit');
  } catch (error) {
    connection.exec('rollback');
    throw error;
  }
}

/** The schema version of a database; `undefined` if it is not one of ours. */
export function schemaVersionOf(connection: DatabaseSync): number | undefined {
  const isOurs = connection.prepare(`select 1 from sqlite_schema where name = 'schema_migrations'`).get() !== undefined;
  if (!isOurs) return undefined;
  return Number(connection.prepare('select max(version) as version from schema_migrations').get()?.['version'] ?? 0);
}

/** The schema version that this program supports. */
export function newestSchemaVersion(migrations = readMigrations()): number {
  return migrations.at(-1)?.version ?? 0;
}
