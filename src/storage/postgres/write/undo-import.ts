import { mainVantage } from '../../../core/ids.ts';
import { mergeRollups, rollupSeries } from '../../../core/history/rollup.ts';
import { emptySeries, type Series } from '../../../core/result/series.ts';
import { hourMillis, minuteMillis } from '../../../core/history/time-buckets.ts';
import { joinedRows, withoutTimesOf } from '../../records/imports.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Queries } from '../connection/connection.ts';
import { dropKeptHour, type KeptHour, keptHours, nextKeptHours } from '../records/imports.ts';
import { replaceRollups } from '../rollups/rollups.ts';
import { numberIn, timestamp } from '../connection/sql-values.ts';

/** Some tens of thousands of rows. */
const hoursAtOnce = 12;

/** One transaction: removes some of what an import has stored; returns whether there is more. */
export async function undoSomeOfImport(dependencies: Dependencies, id: number): Promise<boolean> {
  const { connections, state, recent } = dependencies;
  const hours = await nextKeptHours(connections, id, hoursAtOnce);
  const [first] = hours;
  if (first === undefined) return false;
  await state.marking((markDirty) =>
    connections.transaction(async (_client, queries) => {
      let [removed, kept] = [0, 0];
      for (const hour of hours) {
        // After a move from another database, what had been rolled up may be raw results here.
        const isRawHere = hour.hourAt >= state.floorOf('raw');
        if (isRawHere) await removeRaw(queries, hour);
        if (isRawHere) await markDirty(queries, [hour]);
        const isRemoved = hour.isRaw ? isRawHere : await removeRolledUp(queries, hour, state.floorOf('1m'));
        if (isRemoved) removed += hour.rows.length;
        else kept += hour.rows.length;
        await dropKeptHour(queries, hour);
      }
      const sql = 'update pmd.imports set removed = removed + $2, kept = kept + $3 where id = $1';
      await queries.all(sql, [id, removed, kept]);
    }),
  );
  recent.forget([first.targetId]);
  return true;
}

/** Only where they are still kept: rollups of results that were deleted since cannot be reduced again. */
async function removeRaw(queries: Queries, { targetId, hourAt, rows }: KeptHour): Promise<void> {
  const times = Array.from(rows.sentAtMillis.subarray(0, rows.length), timestamp);
  await queries.all(
    `delete from pmd.probe_results where target_id = $1 and vantage = $2 and sent_at >= $3 and sent_at < $4
     and sent_at = any ($5::timestamptz[])`,
    [targetId, mainVantage, timestamp(hourAt), timestamp(hourAt + hourMillis), times],
  );
}

/** Possible if everything that was added to the rollups came by imports whose own rows still exist. */
async function removeRolledUp(queries: Queries, hour: KeptHour, minutesFrom: number): Promise<boolean> {
  const { targetId, hourAt } = hour;
  const key = { targetId, vantage: mainVantage };
  const [row] = await queries.all(
    `select coalesce(sum(sent + not_sent), 0) as count from pmd.added_hour_rollups
     where target_id = $1 and vantage = $2 and start_at = $3`,
    [targetId, mainVantage, timestamp(hourAt)],
  );
  const parts = (await keptHours(queries, targetId, [hourAt])).filter(({ isRaw }) => !isRaw);
  const all: Series = joinedRows([emptySeries, ...parts.map(({ rows }) => rows)]);
  const count = numberIn(row ?? {}, 'count');
  if (count > 0 && count !== all.length) return false;
  const rest = count === 0 ? emptySeries : withoutTimesOf(all, hour.rows);
  const minutes = rollupSeries(rest, minuteMillis);
  const stretch = { from: hourAt, to: hourAt + hourMillis };
  if (hourAt >= minutesFrom) await replaceRollups(queries, 'minute', key, stretch, minutes);
  await replaceRollups(queries, 'hour', key, stretch, rest.length === 0 ? [] : [mergeRollups(minutes, hourAt)]);
  return true;
}
