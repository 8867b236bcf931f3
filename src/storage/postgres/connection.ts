import pg from 'pg';
import { readCopied } from './copy-bytes.ts';
import { explained } from './postgres-problems.ts';
import { describePostgresUrl } from './postgres-url.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Value = string | number | boolean | null | readonly (string | number | null)[];

/** One connection or the pool: plain SQL in, rows out. */
export interface Queries {
  /** Whether several queries at once run side by side: not on a single connection. */
  readonly isPool: boolean;
  all(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** The one bytea that a query gives; `undefined` for null. */
  bytes(sql: string, values: readonly Value[]): Promise<Uint8Array | undefined>;
}

/** The pool of connections to one database. */
export interface Connections extends Queries, AsyncDisposable {
  /** Database and host, for messages. */
  readonly place: string;
  /** False where `?copy=off` says that the way to the server knows no COPY. */
  readonly usesCopy: boolean;
  /** One connection for several statements that are no transaction. */
  withClient<T>(work: (client: pg.PoolClient, queries: Queries) => Promise<T>): Promise<T>;
  /** All of it or nothing; what it returns is durable. */
  transaction<T>(work: (client: pg.PoolClient, queries: Queries) => Promise<T>): Promise<T>;
}

const connectMillis = 5000;
/** A frozen server must not hold up the recorder: its results are spooled, and tried again on a new connection. */
const statementMillis = 15_000;
const poolSize = 8;
// A new connection has to read the catalogue of all chunks first: whoever looks once a minute shall not wait for that.
const idleMillis = 15 * 60_000;

export function openConnections(address: string, onNotice: (message: string) => void): Connections {
  const place = describePostgresUrl(address);
  const pool = new pg.Pool({
    connectionString: withoutOwnSettings(address),
    max: Number(new URL(address).searchParams.get('connections') ?? poolSize),
    connectionTimeoutMillis: connectMillis,
    idleTimeoutMillis: idleMillis,
    query_timeout: statementMillis,
    keepAlive: true,
    application_name: 'pingmedaddy',
    // JIT costs more than all of these short queries; plans differ little with their parameters.
    options: '-c jit=off -c timezone=UTC',
  });
  // An idle connection that ends is replaced by the pool; what needs one says so itself.
  pool.on('error', () => {});
  // One that ends while it is lent out fails its query; without a listener of its own it would end the process too.
  pool.on('connect', (client) => client.on('error', () => {}));

  const usesCopy = new URL(address).searchParams.get('copy') !== 'off';
  const explain = (error: unknown): never => {
    throw explained(error, place);
  };

  async function withClient<T>(work: (client: pg.PoolClient, queries: Queries) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    try {
      client = await pool.connect();
      const result = await work(client, queriesOn(client, usesCopy));
      client.release();
      return result;
    } catch (error) {
      // A connection whose statement failed may still be busy with it: it is closed, not given to others.
      client?.release(true);
      throw explained(error, place);
    }
  }

  return {
    place,
    usesCopy,
    isPool: true,
    all: (sql, values) => queriesOn(pool, usesCopy).all(sql, values).catch(explain),
    bytes: (sql, values) => withClient((_client, queries) => queries.bytes(sql, values)),
    withClient,
    transaction: (work) =>
      withClient(async (client, queries) => {
        await client.query('begin');
        try {
          const result = await work(client, queries);
          await client.query('commit');
          return result;
        } catch (error) {
          await client.query('rollback').catch((reason: unknown) => {
            onNotice(`A rollback failed: ${String(reason)}`);
          });
          throw error;
        }
      }),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

/** The address without the parameters that are ours, not the server's. */
export function withoutOwnSettings(address: string): string {
  const url = new URL(address);
  for (const own of ['copy', 'connections']) url.searchParams.delete(own);
  return url.href;
}

function queriesOn(connection: pg.Pool | pg.PoolClient, usesCopy: boolean): Queries {
  return {
    isPool: connection instanceof pg.Pool,
    all: async (sql, values) => (await connection.query<Record<string, unknown>>(sql, [...(values ?? [])])).rows,
    bytes: async (sql, values) => {
      if (usesCopy && !(connection instanceof pg.Pool)) return readCopied(connection, sql, values);
      const { rows } = await connection.query<unknown[]>({ text: sql, values: [...values], rowMode: 'array' });
      const [value] = rows[0] ?? [];
      return value instanceof Uint8Array ? value : undefined;
    },
  };
}
