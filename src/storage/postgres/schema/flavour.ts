import { Problem } from '../../../core/problem.ts';
import type { Connections } from '../connection/connection.ts';
import { beginsAs, type Flavour } from './migrations.ts';
import { prepareTimescale } from './timescale-extension.ts';

const oldestServer = 150_000;

export interface Server {
  readonly flavour: Flavour;
  /** Why plain tables are used although `auto` would have preferred TimescaleDB, as a sentence. */
  readonly whyPlain: string | undefined;
  /** The server has TimescaleDB, but this database does not use it. */
  readonly isTimescaleUnused: boolean;
  /** As the server reports it, such as 17.5. */
  readonly version: string;
}

/** Which tables a new database gets; `auto` uses TimescaleDB if the server has it and it works. */
export type WantedFlavour = 'auto' | Flavour;

const gain = 'TimescaleDB would keep history in about a thirtieth of the space and refresh rollups by itself';

/** What the server does for this database; throws a Problem if that is too little for what is requested or was begun. */
export async function inspectServer(connections: Connections, wanted: WantedFlavour): Promise<Server> {
  const { place } = connections;
  const [row] = await connections.all(`select current_setting('server_version_num')::integer as number,
    split_part(current_setting('server_version'), ' ', 1) as version,
    current_setting('transaction_read_only') = 'on' as is_read_only,
    exists (select from pg_available_extensions where name = 'timescaledb') as has_timescale`);
  const version = String(row?.['version']);
  if (Number(row?.['number']) < oldestServer)
    throw refusal(`PostgreSQL ${version} is too old: version 15 or newer is needed.`);
  if (row?.['is_read_only'] === true) {
    throw refusal(
      `${place} is read-only (a replica, or a server in a failover): point DATABASE_URL to the primary, or start again once it can be written to.`,
    );
  }
  const begun = await beginsAs(connections);
  if (begun !== undefined && wanted !== 'auto' && begun !== wanted) throw begunOtherwise(place, begun, wanted);
  const hasTimescale = row?.['has_timescale'] === true;
  const plain = (whyPlain?: string): Server => ({
    ...{ flavour: 'plain', whyPlain, version },
    isTimescaleUnused: hasTimescale && wanted === 'auto',
  });
  if (wanted === 'plain') return plain();
  if (begun === 'plain') {
    return plain(
      hasTimescale
        ? `This database was begun on plain PostgreSQL and stays so; ${gain}: move it to a new database.`
        : `PostgreSQL runs without TimescaleDB; ${gain}.`,
    );
  }
  const isFree = wanted === 'auto' && begun === undefined;
  const choice =
    begun === undefined
      ? 'or set DATABASE_FLAVOUR=plain for a new database on plain tables'
      : 'this database was begun on TimescaleDB and needs it';
  if (!hasTimescale) {
    if (isFree) return plain(`PostgreSQL runs without TimescaleDB; ${gain}.`);
    throw refusal(`TimescaleDB is not installed on the server of ${place}: install it there; ${choice}.`);
  }
  const obstacle = await prepareTimescale(connections);
  if (obstacle === undefined) return { flavour: 'timescale', whyPlain: undefined, isTimescaleUnused: false, version };
  const { why, remedy, isRight } = obstacle;
  const cannot = `TimescaleDB is installed on the server of ${place} but cannot be used (${why})`;
  // A missing right is granted in a moment; a database stays on the tables that it was created with.
  if (!isFree || isRight) throw refusal(`${cannot}: ${remedy}; ${choice}.`);
  return plain(
    `${cannot}: this database gets plain tables and stays on them. ${gain}: ${remedy}, then move to a new database with pmd migrate-store.`,
  );
}

const refusal = (sentence: string): Problem => new Problem('storage-unavailable', sentence);

function begunOtherwise(place: string, begun: Flavour, wanted: Flavour): Problem {
  const sentence = `${place} was begun as ${begun} and stays so, but DATABASE_FLAVOUR is ${wanted}: set it to auto or ${begun}, or move to a new database with pmd migrate-store.`;
  return new Problem('invalid-setting', sentence, { faults: [{ field: 'DATABASE_FLAVOUR', message: sentence }] });
}
