import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TargetId } from '../src/core/ids.ts';
import { openStorage, type Retention, type Storage } from '../src/storage/storage.ts';
import { rowsOn } from '../test/database-servers.ts';

/** A kind of database; each measurement gets an empty one. */
export interface Engine {
  readonly name: string;
  open(retention: Retention, now: () => number): Promise<OpenStore>;
}

export interface OpenStore extends AsyncDisposable {
  readonly storage: Storage;
  /** Brings the database into its final form, as its own jobs would do in time. */
  settle(): Promise<void>;
  /** Closes the database and returns how much of the disk it takes. */
  closeAndMeasure(): Promise<DiskUse>;
}

export interface DiskUse {
  /** With rollups and indexes. */
  readonly bytes: number;
  /** The raw results alone, if that can be determined. */
  readonly rawBytes: number | undefined;
}

export const keepForEver: Retention = { rawDays: 0, minuteDays: 0, hourDays: 0 };
const onNotice = (message: string): void => void process.stderr.write(`${message}\n`);

export const sqlite: Engine = {
  name: 'SQLite',
  open: async (retention, now) => {
    const folder = mkdtempSync(join(tmpdir(), 'pmd-bench-'));
    const storage = await openStorage(`sqlite:${join(folder, 'bench.db')}`, { retention, now, onNotice });
    const dispose = async (): Promise<void> => {
      await storage[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    };
    return {
      storage,
      settle: () => Promise.resolve(),
      closeAndMeasure: async () => {
        await storage[Symbol.asyncDispose]();
        const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
        const rawBytes = rawBytesOf(join(folder, 'bench.db'));
        return { bytes: sizes.reduce((sum, size) => sum + size, 0), rawBytes };
      },
      [Symbol.asyncDispose]: dispose,
    };
  },
};

/** Whole pages of the table of raw results and of its indexes. */
function rawBytesOf(path: string): number {
  using connection = new DatabaseSync(path, { readOnly: true });
  const sql = `select sum(pgsize) as bytes from dbstat
    where name in (select name from sqlite_schema where tbl_name = 'raw_blocks')`;
  return Number(connection.prepare(sql).get()?.['bytes']);
}

/** A server on which we may create and drop databases, plain or with TimescaleDB. */
export async function postgresAt(address: string): Promise<Engine> {
  const [row] = await rowsOn(
    address,
    `select count(*) > 0 as has from pg_available_extensions where name = 'timescaledb'`,
  );
  const isTimescale = row?.['has'] === true;
  return {
    name: isTimescale ? 'TimescaleDB' : 'PostgreSQL',
    open: async (retention, now) => {
      const url = new URL(address);
      const name = `pmd_bench_${process.pid}_${Math.trunc(performance.now())}`;
      await rowsOn(address, `create database ${name}`);
      url.pathname = name;
      const database = url.href;
      const storage = await openStorage(database, { retention, now, onNotice });
      // The input is from another time than the server's: its jobs run when we say so.
      if (isTimescale) {
        await rowsOn(database, `select public.alter_job(job_id, scheduled => false) from timescaledb_information.jobs`);
      }
      return {
        storage,
        settle: () => (isTimescale ? compress(database) : vacuum(database)),
        closeAndMeasure: async () => {
          await storage[Symbol.asyncDispose]();
          return diskUse(database, isTimescale);
        },
        [Symbol.asyncDispose]: async () => {
          await storage[Symbol.asyncDispose]();
          await rowsOn(address, `drop database ${name} with (force)`);
        },
      };
    },
  };
}

async function compress(database: string): Promise<void> {
  const chunks = await rowsOn(
    database,
    `select format('%I.%I', chunk_schema, chunk_name) as name from timescaledb_information.chunks
     where not is_compressed`,
  );
  for (const { name } of chunks) await rowsOn(database, `select public.compress_chunk('${String(name)}', true)`);
  await vacuum(database);
}

async function vacuum(database: string): Promise<void> {
  await rowsOn(database, 'vacuum analyze');
}

async function diskUse(database: string, isTimescale: boolean): Promise<DiskUse> {
  const raw = isTimescale
    ? `public.hypertable_size('pmd.probe_results')`
    : `(select sum(pg_total_relation_size(relid)) from pg_partition_tree('pmd.probe_results'))`;
  const [row] = await rowsOn(
    database,
    `select pg_database_size(current_database())::float8 as bytes, ${raw}::float8 as raw`,
  );
  return { bytes: Number(row?.['bytes']), rawBytes: Number(row?.['raw']) };
}

export async function addTargets(storage: Storage, count: number, createdAt: number): Promise<readonly TargetId[]> {
  const targets = Array.from({ length: count }, (_, index) => ({
    // Set aside for benchmarks by RFC 2544; nothing is ever sent there.
    ip: `198.18.${index >> 8}.${index & 255}`,
    intervalMillis: 1000,
    ...{ url: null, notes: null, isActive: false, isSynthetic: true },
  }));
  return (await storage.addTargets(targets, createdAt, 'bench')).map(({ id }) => id);
}

export async function maintainAll(storage: Storage, now: number, retention: Retention): Promise<void> {
  while ((await storage.maintain(now, retention)).hasMore);
}
