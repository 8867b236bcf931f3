import { readdirSync, readFileSync } from 'node:fs';
import { Problem } from '../../../core/problem.ts';
import type { Connections, Queries } from '../connection/connection.ts';
import { numberIn } from '../connection/sql-values.ts';
import { typeOldEvents } from './typed-events.ts';

export type Flavour = 'plain' | 'timescale';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** What SQL alone cannot do, in the transaction of its migration and after its statements. */
const conversions: Readonly<Record<number, (queries: Queries) => Promise<void>>> = { 16: typeOldEvents };

/** NNNN_name.sql for both flavours, NNNN_name.plain.sql or NNNN_name.timescale.sql for one of them. */
function readMigrations(flavour: Flavour): readonly Migration[] {
  const folder = new URL('../migrations/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => new RegExp(`^\\d{4}_\\w+(\\.${flavour})?\\.sql$`).test(name))
    .toSorted()
    .map((name) => ({ version: Number(name.slice(0, 4)), name, sql: readFileSync(new URL(name, folder), 'utf8') }));
}

// Any number will do, as long as all servers use the same one.
const migrationLock = 746_400_001;

/**
 * Brings the schema up to date and returns its flavour: the one that it was created with, otherwise `wanted`. Each migration is a
 * transaction of its own; a lock separates two servers that start together.
 */
export function migrate(
  connections: Connections,
  wanted: Flavour,
): Promise<{ readonly flavour: Flavour; readonly version: number }> {
  return connections.withClient(async (client, queries) => {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    try {
      const flavour = await begin(queries, wanted);
      const migrations = readMigrations(flavour);
      const done = numberIn(
        (await queries.all('select max(version) as version from pmd.schema_migrations'))[0] ?? {},
        'version',
      );
      const newest = migrations.at(-1)?.version ?? 0;
      if (done > newest) {
        const versions = `schema ${done}, this program knows up to ${newest}`;
        throw new Problem(
          'storage-unavailable',
          `The database was written by a newer PingMeDaddy (${versions}): update it.`,
        );
      }
      for (const migration of migrations) if (migration.version > done) await apply(queries, migration);
      return { flavour, version: newest };
    } finally {
      await client.query('select pg_advisory_unlock($1)', [migrationLock]);
    }
  });
}

export async function hasSchema(queries: Queries): Promise<boolean> {
  const [known] = await queries.all(`select to_regclass('pmd.schema_migrations') is not null as is_there`);
  return known?.['is_there'] === true;
}

/** Which flavour a database was created with; `undefined` for a new one. */
export async function beginsAs(queries: Queries): Promise<Flavour | undefined> {
  if (!(await hasSchema(queries))) return undefined;
  const [first] = await queries.all('select name from pmd.schema_migrations where version = 0');
  if (first === undefined) return undefined;
  return first['name'] === 'timescale' ? 'timescale' : 'plain';
}

async function begin(queries: Queries, wanted: Flavour): Promise<Flavour> {
  if (!(await hasSchema(queries))) {
    await queries.all('create schema if not exists pmd');
    await queries.all(`create table pmd.schema_migrations (
      version integer primary key, name text not null, applied_at timestamptz not null default now()
    )`);
  }
  const begun = await beginsAs(queries);
  if (begun !== undefined) return begun;
  // Version 0 is the choice of the flavour: a database stays what it was created as.
  await queries.all('insert into pmd.schema_migrations (version, name) values (0, $1)', [wanted]);
  return wanted;
}

async function apply(queries: Queries, { version, name, sql }: Migration): Promise<void> {
  await queries.all('begin');
  try {
    await queries.all(sql);
    await conversions[version]?.(queries);
    await queries.all('insert into pmd.schema_migrations (version, name) values ($1, $2)', [version, name]);
    await queries.all('commit');
  } catch (error) {
    await queries.all('rollback');
    throw error;
  }
}
