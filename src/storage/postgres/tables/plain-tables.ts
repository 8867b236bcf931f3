import type { EpochMillis } from '../../../core/ids.ts';
import { dayMillis, floorTo } from '../../../core/history/time-buckets.ts';
import type { Resolution } from '../../../core/history/window.ts';
import type { Connections, Queries } from '../connection/connection.ts';
import { codeOf } from '../connection/postgres-problems.ts';
import type { Cutoffs, RollupTables } from './rollup-tables.ts';
import { timestamp } from '../connection/sql-values.ts';

interface PartitionedTable {
  readonly name: string;
  readonly spanMillis: number;
}

/** What is partitioned: a resolution's table, and the days beside the hours, which live equally long. */
type Partitioned = Resolution | '1d';

const partitioned: Readonly<Record<Partitioned, PartitionedTable>> = {
  raw: { name: 'probe_results', spanMillis: dayMillis },
  '1m': { name: 'stored_minute_rollups', spanMillis: 7 * dayMillis },
  '1h': { name: 'stored_hour_rollups', spanMillis: 90 * dayMillis },
  '1d': { name: 'stored_day_rollups', spanMillis: 90 * dayMillis },
};
const addedTables = { '1m': 'added_minute_rollups', '1h': 'added_hour_rollups', '1d': 'added_day_rollups' } as const;
const resolutionOf = { minute: '1m', hour: '1h', day: '1d' } as const;
const deletedTogether = { raw: ['raw'], '1m': ['1m'], '1h': ['1h', '1d'] } as const;
const dropsAtOnce = 4;

const partitionName = (table: PartitionedTable, from: EpochMillis): string =>
  `${table.name}_${timestamp(from).slice(0, 10).replaceAll('-', '')}`;

/** Plain PostgreSQL: native range partitions, rollups updated by maintenance. */
export async function openPlainTables(connections: Connections): Promise<RollupTables> {
  /** Starts of the existing partitions, by table. */
  const starts = new Map<Partitioned, Set<EpochMillis>>();
  for (const resolution of ['raw', '1m', '1h', '1d'] as const)
    starts.set(resolution, await existingStarts(connections, resolution));
  const startsOf = (resolution: Partitioned): Set<EpochMillis> => starts.get(resolution) ?? new Set();

  async function makeRoom(resolution: Partitioned, times: Iterable<EpochMillis>): Promise<void> {
    const table = partitioned[resolution];
    for (const from of new Set([...times].map((time) => floorTo(time, table.spanMillis)))) {
      if (startsOf(resolution).has(from)) continue;
      await createPartition(connections, table, from);
      startsOf(resolution).add(from);
    }
  }

  async function dropPartitions(which: Partitioned, cutoff: EpochMillis): Promise<number> {
    if (which !== 'raw')
      await connections.write(`delete from pmd.${addedTables[which]} where start_at < $1`, [timestamp(cutoff)]);
    const table = partitioned[which];
    const old = [...startsOf(which)].filter((start) => start + table.spanMillis <= cutoff).slice(0, dropsAtOnce);
    for (const start of old) {
      await connections.write(`drop table if exists pmd.${partitionName(table, start)}`);
      startsOf(which).delete(start);
    }
    return old.length;
  }

  return {
    makeRoomFor: async (batch) => {
      const days = new Set<EpochMillis>();
      for (let index = 0; index < batch.length; index++) days.add(floorTo(batch.sentAtMillis[index] ?? 0, dayMillis));
      await makeRoom('raw', days);
    },
    cutoffs: (now, { rawDays, minuteDays, hourDays }): Cutoffs => {
      const cutoff = (resolution: Resolution, days: number): EpochMillis =>
        days === 0 ? 0 : floorTo(now - days * dayMillis, partitioned[resolution].spanMillis);
      return { raw: cutoff('raw', rawDays), '1m': cutoff('1m', minuteDays), '1h': cutoff('1h', hourDays) };
    },
    splitsByTarget: true,
    nextDataAt: (step, from) => {
      // Minutes and hours follow the results; days are made from hours, which may have existed before days did.
      const source = step === 'day' ? '1h' : 'raw';
      const first = floorTo(from, partitioned[source].spanMillis);
      const later = [...startsOf(source)].filter((start) => start >= first);
      return Promise.resolve(later.length === 0 ? undefined : Math.max(from, Math.min(...later)));
    },
    rollUp: async (step, from, to, only) => {
      const { spanMillis } = partitioned[resolutionOf[step]];
      await makeRoom(resolutionOf[step], [from, ...spansWithin(from, to, spanMillis)]);
      const table = `pmd.stored_${step}_rollups`;
      const which = only === undefined ? '' : 'and target_id = any ($3)';
      const values = [timestamp(from), timestamp(to), ...(only === undefined ? [] : [only])];
      await connections.transaction(async (_client, queries) => {
        await queries.all(`delete from ${table} where start_at >= $1 and start_at < $2 ${which}`, values);
        await queries.all(
          `insert into ${table} select * from pmd.roll_up_${step}s($1, $2) where true ${which}`,
          values,
        );
      });
    },
    dropBefore: async (resolution, cutoff) => {
      let dropped = 0;
      for (const each of deletedTogether[resolution]) dropped += await dropPartitions(each, cutoff);
      return dropped;
    },
    erase: async (queries: Queries, id) => {
      const tables = [...Object.values(partitioned).map(({ name }) => name), ...Object.values(addedTables)];
      for (const table of tables) await queries.all(`delete from pmd.${table} where target_id = $1`, [id]);
    },
    failure: () => Promise.resolve(undefined),
    scheduleJobs: () => Promise.resolve(),
  };
}

function* spansWithin(from: EpochMillis, to: EpochMillis, spanMillis: number): Generator<EpochMillis> {
  for (let start = floorTo(from, spanMillis) + spanMillis; start < to; start += spanMillis) yield start;
}

async function existingStarts(connections: Connections, resolution: Partitioned): Promise<Set<EpochMillis>> {
  const { name } = partitioned[resolution];
  const rows = await connections.all(
    `select child.relname as name from pg_inherits
     join pg_class as child on child.oid = inhrelid where inhparent = ('pmd.' || $1)::regclass`,
    [name],
  );
  return new Set(
    rows.flatMap((row) => {
      const match = /_(\d{4})(\d{2})(\d{2})$/.exec(String(row['name']));
      return match === null ? [] : [Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]))];
    }),
  );
}

const isThereAlready = ['42P07', '42P17', '23505'];

async function createPartition(connections: Connections, table: PartitionedTable, from: EpochMillis): Promise<void> {
  const [start, end] = [timestamp(from), timestamp(from + table.spanMillis)];
  try {
    await connections.write(`create table if not exists pmd.${partitionName(table, from)} partition of pmd.${table.name}
      for values from ('${start}') to ('${end}')`);
  } catch (error) {
    // Another request created it between the check and the statement.
    if (!isThereAlready.includes(codeOf(error) ?? '')) throw error;
  }
}
