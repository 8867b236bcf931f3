import type { EpochMillis } from '../../../core/ids.ts';
import { dayMillis, floorTo } from '../../../core/history/time-buckets.ts';
import { sourceDays, sourcesKept } from '../../series/commit-sources.ts';
import { undoableDays } from '../../records/imports.ts';
import type { Retention } from '../../port.ts';
import type { Database } from '../file/database.ts';
import type { Resolution } from '../../../core/history/window.ts';
import { oldestHourInUse } from '../records/imports.ts';
import { rawSpanMillis } from '../blocks/raw-blocks.ts';
import {
  raiseRetentionFloor,
  readRetentionFloors,
  retentionCutoffs,
  type RetentionFloors,
} from '../blocks/retention-floors.ts';

const blocksPerSlice = 100;
const resolutions: readonly Resolution[] = ['raw', '1m', '1h'];

/** Deletes what has expired, a slice in one transaction; called only when all results this old are sealed. */
export function deleteAged(
  database: Database,
  now: EpochMillis,
  retention: Retention,
): { readonly deleted: number; readonly hasMore: boolean } {
  const aged = retentionCutoffs(now, retention);
  // What an import is filling stays until it has ended; otherwise the rest of such an hour would come too late.
  const cutoffs = { ...aged, raw: Math.min(aged.raw, floorTo(oldestHourInUse(database), rawSpanMillis)) };
  const { eventDays = 0 } = retention;
  const eventCutoff = eventDays === 0 ? 0 : now - eventDays * dayMillis;
  // Most calls find nothing: they must not cost a commit.
  const hasAged =
    isAnythingAged(database, cutoffs, eventCutoff) || hasOldImports(database, now) || hasOldSources(database, now);
  if (!hasAged) return { deleted: 0, hasMore: false };
  return database.transaction(() => {
    raiseRetentionFloor(database, 'raw', cutoffs.raw);
    raiseRetentionFloor(database, '1m', cutoffs['1m']);
    raiseRetentionFloor(database, '1h', cutoffs['1h']);
    const counts = [
      deleteOldestEvents(database, eventCutoff),
      database.run(
        `delete from commit_sources where source in (${oldSources} limit ?3)`,
        ...[now - sourceDays * dayMillis, sourcesKept, blocksPerSlice],
      ).changes,
      database.run(
        `delete from import_hours where id in (select import_hours.id from import_hours
         join imports on imports.id = import_id where ended_at_millis < ? and state <> 'undoing' limit ?)`,
        ...[now - undoableDays * dayMillis, blocksPerSlice],
      ).changes,
      database.run(
        `delete from imports where id in (select id from imports where ended_at_millis < ? limit ?)`,
        ...[cutoffs['1h'], blocksPerSlice],
      ).changes,
      database.run(
        `delete from outages where (target_id, vantage, from_millis) in
         (select target_id, vantage, from_millis from outages where to_millis < ? limit ?)`,
        ...[cutoffs['1h'], blocksPerSlice],
      ).changes,
      database.run(
        `delete from raw_blocks where id in (select id from raw_blocks where hour_at_millis < ? limit ?)`,
        ...[cutoffs.raw, blocksPerSlice],
      ).changes,
      database.run(
        `delete from minute_rollup_blocks
         where id in (select id from minute_rollup_blocks where to_millis <= ? limit ?)`,
        ...[cutoffs['1m'], blocksPerSlice],
      ).changes,
      database.run(
        `delete from hour_rollup_blocks where id in (select id from hour_rollup_blocks where to_millis <= ? limit ?)`,
        ...[cutoffs['1h'], blocksPerSlice],
      ).changes,
      database.run(
        `delete from traces where id in (select id from traces where started_at_millis < ? limit ?)`,
        ...[cutoffs['1h'], blocksPerSlice],
      ).changes,
      database.run(
        `delete from audit_entries where id in (select id from audit_entries where at_millis < ? limit ?)`,
        ...[cutoffs['1h'], blocksPerSlice],
      ).changes,
    ];
    return { deleted: counts.reduce((sum, count) => sum + count, 0), hasMore: counts.includes(blocksPerSlice) };
  });
}

/** Parameters: used before this time, and how many of the newest stay whatever their age. */
const oldSources = `select source from
  (select source, used_at_millis from commit_sources order by used_at_millis desc, source desc limit -1 offset ?2)
  where used_at_millis < ?1`;

function hasOldSources(database: Database, now: EpochMillis): boolean {
  const sql = `select exists (${oldSources}) as is_any`;
  return database.get(sql, now - sourceDays * dayMillis, sourcesKept)?.['is_any'] === 1;
}

/** Ids grow with time, so the oldest come first; one that came late is deleted once it is among them. */
function deleteOldestEvents(database: Database, before: EpochMillis): number {
  return database.run(
    `delete from events where id in (select id from (select id, created_at_millis from events order by id limit ?)
     where created_at_millis < ?)`,
    ...[blocksPerSlice, before],
  ).changes;
}

function hasOldImports(database: Database, now: EpochMillis): boolean {
  const sql = `select exists (select 1 from imports where ended_at_millis < ? and state <> 'undoing'
    and exists (select 1 from import_hours where import_id = imports.id)) as is_any`;
  return database.get(sql, now - undoableDays * dayMillis)?.['is_any'] === 1;
}

function isAnythingAged(database: Database, cutoffs: RetentionFloors, eventCutoff: EpochMillis): boolean {
  const floors = readRetentionFloors(database);
  if (resolutions.some((resolution) => floors[resolution] < cutoffs[resolution])) return true;
  const sql = `select exists (select 1 from raw_blocks where hour_at_millis < ?1)
    or exists (select 1 from minute_rollup_blocks where to_millis <= ?2)
    or exists (select 1 from hour_rollup_blocks where to_millis <= ?3)
    or exists (select 1 from traces where started_at_millis < ?3)
    or exists (select 1 from audit_entries where at_millis < ?3)
    or exists (select 1 from outages where to_millis < ?3)
    or exists (select 1 from imports where ended_at_millis < ?3)
    or (select created_at_millis from events order by id limit 1) < ?4 as is_any`;
  return database.get(sql, cutoffs.raw, cutoffs['1m'], cutoffs['1h'], eventCutoff)?.['is_any'] === 1;
}
