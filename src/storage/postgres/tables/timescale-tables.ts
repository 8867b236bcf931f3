import type { EpochMillis } from '../../../core/ids.ts';
import { dayMillis, floorTo, hourMillis } from '../../../core/history/time-buckets.ts';
import type { Resolution } from '../../../core/history/window.ts';
import type { Connections } from '../connection/connection.ts';
import type { Cutoffs, RollupTables } from './rollup-tables.ts';
import { millisOf, numberIn, timestamp } from '../connection/sql-values.ts';

interface Chunks {
  /** Hypertables and continuous aggregates whose chunks end with this resolution. */
  readonly relations: readonly string[];
  readonly spanMillis: number;
}

const chunksOf: Readonly<Record<Resolution, Chunks>> = {
  raw: { relations: ['probe_results'], spanMillis: hourMillis },
  '1m': { relations: ['minute_rollups', 'added_minute_rollups'], spanMillis: dayMillis },
  '1h': {
    relations: ['hour_rollups', 'added_hour_rollups', 'day_rollups', 'added_day_rollups'],
    spanMillis: dayMillis,
  },
};

/** One minute of the largest fleet; it cannot be split by targets. */
const refreshMillis = 120_000;

const tableOfHours = `select format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name) as name
  from timescaledb_information.continuous_aggregates where view_schema = 'pmd' and view_name = 'hour_rollups'`;

/** TimescaleDB: chunks, continuous aggregates that maintenance refreshes, columnstore that the server's own jobs compress. */
export function createTimescaleTables(connections: Connections): RollupTables {
  return {
    makeRoomFor: () => Promise.resolve(),
    cutoffs: (now, { rawDays, minuteDays, hourDays }): Cutoffs => {
      const cutoff = (resolution: Resolution, days: number): EpochMillis =>
        days === 0 ? 0 : floorTo(now - days * dayMillis, chunksOf[resolution].spanMillis);
      return { raw: cutoff('raw', rawDays), '1m': cutoff('1m', minuteDays), '1h': cutoff('1h', hourDays) };
    },
    // A refresh always covers all targets.
    splitsByTarget: false,
    nextDataAt: async (step, from) => {
      // Days are made from hours, which may be older than the day aggregate. Chunks of hours span months, and a refresh of even
      // an empty day aggregates every result since the last minute roll-up.
      const [hours] = step === 'day' ? await connections.all(tableOfHours) : [];
      const sql =
        hours === undefined
          ? `select ${millisOf('min(range_start)')} as at from timescaledb_information.chunks
             where hypertable_schema = 'pmd' and hypertable_name = 'probe_results' and range_end > $1`
          : `select ${millisOf('min(start_at)')} as at from ${String(hours['name'])} where start_at >= $1`;
      const [row] = await connections.all(sql, [timestamp(from)]);
      return row?.['at'] === null || row === undefined ? undefined : Math.max(from, numberIn(row, 'at'));
    },
    // Only what has changed is computed, and the server knows better than we do which targets those are.
    rollUp: (step, from, to) =>
      connections.call(
        `call public.refresh_continuous_aggregate('pmd.${step}_rollups', '${timestamp(from)}', '${timestamp(to)}')`,
        refreshMillis,
      ),
    dropBefore: async (resolution, cutoff) => {
      let dropped = 0;
      for (const relation of chunksOf[resolution].relations) {
        const sql = `select public.drop_chunks('pmd.${relation}', $1::timestamptz)`;
        dropped += (await connections.write(sql, [timestamp(cutoff)])).length;
      }
      return dropped;
    },
    erase: async (queries, id) => {
      // The aggregates follow their results only within a refresh: rows are deleted where they are kept.
      const kept = await queries.all(`select format('%I.%I', materialization_hypertable_schema,
        materialization_hypertable_name) as name from timescaledb_information.continuous_aggregates
        where view_schema = 'pmd'`);
      const added = ['minute', 'hour', 'day'].map((step) => `pmd.added_${step}_rollups`);
      for (const table of ['pmd.probe_results', ...added, ...kept.map((row) => String(row['name']))]) {
        await queries.all(`delete from ${table} where target_id = $1`, [id]);
      }
    },
    failure: async () => {
      const rows = await connections.all(`select jobs.job_id, jobs.proc_name, jobs.hypertable_name, stats.total_failures
        from timescaledb_information.jobs as jobs
        join timescaledb_information.job_stats as stats on stats.job_id = jobs.job_id
        where jobs.scheduled and stats.last_run_status = 'Failed' and jobs.proc_schema like '%timescaledb%'`);
      if (rows.length === 0) return undefined;
      const names = rows.map(
        (row) => `${String(row['proc_name'])} of ${String(row['hypertable_name'])} (job ${String(row['job_id'])})`,
      );
      return `The last run of these TimescaleDB jobs failed: ${names.join(', ')}; see timescaledb_information.job_errors. Rollups do not depend on them.`;
    },
    scheduleJobs: async () => {
      await connections.write(largerBatches);
      for (const sql of jobs) await connections.write(sql);
    },
  };
}

/**
 * Batches of 1,000 rows, the server's default, are just too small to be stored out of line and just too large to fill a page: a
 * quarter of the disk would stay empty. With an hour at 1 Hz in one batch, nearly nothing does. Jobs run as our role, so the
 * role's setting applies to them as well. Older servers allow at most 1,000.
 */
const largerBatches = `do $$ begin
  if exists (select from pg_settings
    where name = 'timescaledb.compression_batch_size_limit' and max_val::integer >= 3600) then
    execute format('alter role current_user in database %I set timescaledb.compression_batch_size_limit = 3600',
      current_database());
  end if;
end $$`;

/**
 * Maintenance refreshes the aggregates: it knows what has been stored, so that a backlog is rolled up when it arrives, and how
 * far it got. The server's own refresh jobs exist, because compression requires them, but are not scheduled.
 */
const refreshPolicies = [
  ['minute', '3 hours', '2 minutes', '1 minute'],
  ['hour', '12 hours', '10 minutes', '10 minutes'],
  ['day', '4 days', '1 hour', '1 hour'],
].map(
  ([step, start, end, every]) => `select public.add_continuous_aggregate_policy('pmd.${step}_rollups',
    start_offset => interval '${start}', end_offset => interval '${end}', schedule_interval => interval '${every}',
    initial_start => timestamptz 'infinity', if_not_exists => true)`,
);
const unscheduled = `select public.alter_job(job_id, scheduled => false) from timescaledb_information.jobs as jobs
  where proc_name = 'policy_refresh_continuous_aggregate' and scheduled and exists (
    select from timescaledb_information.continuous_aggregates as aggregates where view_schema = 'pmd'
      and (jobs.hypertable_schema, jobs.hypertable_name) in (
        (view_schema, view_name), (materialization_hypertable_schema, materialization_hypertable_name)))`;

/** Compression of an aggregate begins after the time that late results change most. */
const jobs = [
  ...refreshPolicies,
  unscheduled,
  `select public.add_compression_policy('pmd.probe_results', compress_after => interval '15 minutes',
    schedule_interval => interval '5 minutes', if_not_exists => true)`,
  `select public.add_compression_policy('pmd.minute_rollups', compress_after => interval '1 day', if_not_exists => true)`,
  `select public.add_compression_policy('pmd.hour_rollups', compress_after => interval '30 days', if_not_exists => true)`,
  `select public.add_compression_policy('pmd.added_minute_rollups', compress_after => interval '1 day', if_not_exists => true)`,
  `select public.add_compression_policy('pmd.day_rollups', compress_after => interval '30 days', if_not_exists => true)`,
  `select public.add_compression_policy('pmd.added_hour_rollups', compress_after => interval '1 day', if_not_exists => true)`,
  `select public.add_compression_policy('pmd.added_day_rollups', compress_after => interval '1 day', if_not_exists => true)`,
];
