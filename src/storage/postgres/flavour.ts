import { Problem } from '../../core/problem.ts';
import type { Connections } from './connection.ts';
import { beginsAs, type Flavour } from './migrations.ts';
import { codeOf } from './postgres-problems.ts';

const oldestServer = 150_000;

export interface Server {
  readonly flavour: Flavour;
  readonly hasTimescale: boolean;
  /** As the server says it, such as 17.5. */
  readonly version: string;
}

/** Which tables a new database gets; `auto` takes TimescaleDB where the server has it. */
export type WantedFlavour = 'auto' | Flavour;

/** What the server does for this database; a Problem where it can do too little for what is wanted or was begun. */
export async function inspectServer(connections: Connections, wanted: WantedFlavour): Promise<Server> {
  const [row] = await connections.all(`select current_setting('server_version_num')::integer as number,
    split_part(current_setting('server_version'), ' ', 1) as version,
    exists (select from pg_available_extensions where name = 'timescaledb') as has_timescale,
    exists (select from pg_extension where extname = 'timescaledb') as is_created`);
  const version = String(row?.['version']);
  if (Number(row?.['number']) < oldestServer) {
    const sentence = `PostgreSQL ${version} is too old: version 15 or newer is needed.`;
    throw new Problem('storage-unavailable', sentence);
  }
  const begun = await beginsAs(connections);
  if (begun !== undefined && wanted !== 'auto' && begun !== wanted)
    throw begunOtherwise(connections.place, begun, wanted);
  const hasTimescale = row?.['has_timescale'] === true;
  const flavour = begun ?? (wanted === 'auto' ? (hasTimescale ? 'timescale' : 'plain') : wanted);
  if (flavour === 'plain') return { flavour, hasTimescale, version };
  if (!hasTimescale) {
    const sentence = `TimescaleDB is not installed on the server of ${connections.place}: install it there, or set DATABASE_FLAVOUR=plain for a new database.`;
    throw new Problem('storage-unavailable', sentence);
  }
  if (row['is_created'] !== true) await createExtension(connections);
  await refuseApacheLicence(connections);
  return { flavour, hasTimescale, version };
}

function begunOtherwise(place: string, begun: Flavour, wanted: Flavour): Problem {
  const sentence = `${place} was begun as ${begun} and stays so, but DATABASE_FLAVOUR is ${wanted}: set it to auto or ${begun}, or move to a new database with pmd migrate-store.`;
  return new Problem('invalid-setting', sentence, { faults: [{ field: 'DATABASE_FLAVOUR', message: sentence }] });
}

async function createExtension(connections: Connections): Promise<void> {
  try {
    await connections.all('create extension if not exists timescaledb');
  } catch (error) {
    const cause = error instanceof Problem ? error.cause : error;
    const advice =
      codeOf(cause) === '42501'
        ? `let an administrator run "create extension timescaledb" in ${connections.place}`
        : `check shared_preload_libraries, then restart PostgreSQL`;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Problem(
      'storage-unavailable',
      `TimescaleDB is installed but cannot be used (${why}): ${advice}; or set DATABASE_FLAVOUR=plain for plain tables.`,
      { cause: error },
    );
  }
}

async function refuseApacheLicence(connections: Connections): Promise<void> {
  const [row] = await connections.all(`select current_setting('timescaledb.license', true) as license`);
  if (row?.['license'] !== 'apache') return;
  throw new Problem(
    'storage-unavailable',
    `TimescaleDB runs with its Apache licence, which has neither compression nor continuous aggregates: set timescaledb.license = 'timescale' in postgresql.conf and restart PostgreSQL, or set DATABASE_FLAVOUR=plain for plain tables.`,
  );
}
