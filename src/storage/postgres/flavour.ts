import { Problem } from '../../core/problem.ts';
import type { Connections } from './connection.ts';
import type { Flavour } from './migrations.ts';
import { codeOf } from './postgres-problems.ts';

const oldestServer = 150_000;

export interface Server {
  readonly flavour: Flavour;
  /** As the server says it, such as 17.5. */
  readonly version: string;
}

/** What the server can do for a new database; a Problem where it can do too little. */
export async function inspectServer(connections: Connections): Promise<Server> {
  const [row] = await connections.all(`select current_setting('server_version_num')::integer as number,
    split_part(current_setting('server_version'), ' ', 1) as version,
    exists (select from pg_available_extensions where name = 'timescaledb') as has_timescale,
    exists (select from pg_extension where extname = 'timescaledb') as is_created`);
  const version = String(row?.['version']);
  if (Number(row?.['number']) < oldestServer) {
    const sentence = `PostgreSQL ${version} is too old: version 15 or newer is needed.`;
    throw new Problem('storage-unavailable', sentence);
  }
  if (row?.['has_timescale'] !== true) return { flavour: 'plain', version };
  if (row['is_created'] !== true) await createExtension(connections);
  await refuseApacheLicence(connections);
  return { flavour: 'timescale', version };
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
    throw new Problem('storage-unavailable', `TimescaleDB is installed but cannot be used (${why}): ${advice}.`, {
      cause: error,
    });
  }
}

async function refuseApacheLicence(connections: Connections): Promise<void> {
  const [row] = await connections.all(`select current_setting('timescaledb.license', true) as license`);
  if (row?.['license'] !== 'apache') return;
  throw new Problem(
    'storage-unavailable',
    `TimescaleDB runs with its Apache licence, which has neither compression nor continuous aggregates: set timescaledb.license = 'timescale' in postgresql.conf and restart PostgreSQL.`,
  );
}
