import { Problem } from '../../../core/problem.ts';
import type { Connections } from '../connection/connection.ts';
import { codeOf } from '../connection/postgres-problems.ts';

/** Why TimescaleDB cannot be used although its files are on the server, and what an administrator can do about it. */
export interface Obstacle {
  readonly why: string;
  readonly remedy: string;
  /** Only a right is missing: the server itself could use it. */
  readonly isRight: boolean;
}

class ApacheLicence extends Error {}

/**
 * Creates the extension in the database if necessary and tries it; `undefined` if it works. Failures for other reasons, such as a
 * connection that ends, are thrown: they say nothing about the extension.
 */
export async function prepareTimescale(connections: Connections): Promise<Obstacle | undefined> {
  try {
    // If the licence is insufficient, nothing of it stays behind.
    await connections.transaction(async (_client, queries) => {
      await queries.all('create extension if not exists timescaledb');
      const [found] = await queries.all(`select quote_ident(nspname) as schema from pg_extension
        join pg_namespace on pg_namespace.oid = extnamespace where extname = 'timescaledb'`);
      // Its library is loaded by the first call: an extension that was created earlier may have lost it since.
      await queries.all(`select ${String(found?.['schema'])}.time_bucket(interval '1 hour', now())`);
      const [row] = await queries.all(`select current_setting('timescaledb.license', true) as license`);
      if (row?.['license'] === 'apache') throw new ApacheLicence();
    });
    return undefined;
  } catch (error) {
    const obstacle = obstacleFrom(error instanceof Problem ? error.cause : error, connections.place);
    if (obstacle === undefined) throw error;
    return obstacle;
  }
}

/** Codes of an extension that cannot be loaded: internal errors, files that are missing or do not fit. */
const brokenCodes = new Set(['XX000', '58P01', '0A000', '55000', '42883']);

function obstacleFrom(error: unknown, place: string): Obstacle | undefined {
  if (error instanceof ApacheLicence) {
    return {
      why: 'it runs with its Apache licence, which has neither compression nor continuous aggregates',
      remedy: `set timescaledb.license = 'timescale' in postgresql.conf and restart PostgreSQL`,
      isRight: false,
    };
  }
  const code = codeOf(error);
  if (!(error instanceof Error) || code === undefined) return undefined;
  const why = error.message;
  if (code === '42501') {
    return { why, remedy: `let an administrator run "create extension timescaledb" in ${place}`, isRight: true };
  }
  if (/preload/i.test(why)) {
    const remedy = 'add timescaledb to shared_preload_libraries in postgresql.conf and restart PostgreSQL';
    return { why, remedy, isRight: false };
  }
  if (!brokenCodes.has(code)) return undefined;
  return { why, remedy: 'check its installation on the server', isRight: false };
}
