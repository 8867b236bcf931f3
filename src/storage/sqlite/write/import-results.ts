import { type EpochMillis, type SeriesKey, type TargetId, mainVantage } from '../../../core/ids.ts';
import { targetNotFound } from '../../../core/problem.ts';
import type { ResultBatch } from '../../../core/result/probe-result.ts';
import { emptySeries, type Series, sortSeries } from '../../../core/result/series.ts';
import { dayMillis, floorTo, hourMillis } from '../../../core/history/time-buckets.ts';
import { splitByHour } from '../../series/batch-split.ts';
import {
  type ImportOutcome,
  type ImportProgress,
  joinedRows,
  outcomeOf,
  type StoredHour,
  timesOf,
  withoutTimesOf,
} from '../../records/imports.ts';
import type { Retention } from '../../port.ts';
import { insertBatch } from './append.ts';
import { batchOf, type Dependencies } from './backfill.ts';
import { keepHours, keptHours, noteStored } from '../records/imports.ts';
import { readRawBlock } from '../blocks/raw-blocks.ts';
import { retentionCutoffs } from '../blocks/retention-floors.ts';
import { hourTable, readRollups } from '../blocks/rollup-blocks.ts';
import { sealGraceMillis, type SealedHour, writeHours } from '../blocks/sealing.ts';

export interface ImportRequest {
  readonly id: number;
  readonly targetId: TargetId;
  /** All of the target. */
  readonly batch: ResultBatch;
  readonly progress: ImportProgress;
  readonly now: EpochMillis;
  readonly retention: Retention;
}

/** What happens to the rows of an hour. */
type Way =
  /** Results that are not sealed yet: they are stored like newly probed ones. */
  | { readonly to: 'tail'; readonly fresh: Series }
  /** `whole`: what the hour's block contains from now on. */
  | { readonly to: 'block'; readonly fresh: Series; readonly whole: Series }
  | { readonly to: 'nothing'; readonly fresh: Series; readonly refused: Series };

/** One transaction: results, rollups, what they are undone by, and the import's progress. */
export function importResults(dependencies: Dependencies, request: ImportRequest): ImportOutcome {
  const { database, tail } = dependencies;
  const { id, targetId, batch, progress, now, retention } = request;
  if (!dependencies.isKnownTarget(targetId)) throw targetNotFound(targetId);
  const key = { targetId, vantage: mainVantage };
  const cutoffs = retentionCutoffs(now, retention);
  const oldest = retention.hourDays === 0 ? 0 : floorTo(now - retention.hourDays * dayMillis, hourMillis);
  const unsealed: ResultBatch[] = [];
  const outcome = database.transaction(() => {
    const stored: StoredHour[] = [];
    const blocks: SealedHour[] = [];
    const tooOld: EpochMillis[] = [];
    const rawDeleted: EpochMillis[] = [];
    for (const { hourAt, series } of splitByHour(batch)) {
      const rows = sortSeries(series);
      if (hourAt < oldest) {
        tooOld.push(...timesOf(rows));
        continue;
      }
      const way = wayOf(dependencies, key, { hourAt, rows, now });
      if (way.to === 'nothing') rawDeleted.push(...timesOf(way.refused));
      if (way.fresh.length === 0) continue;
      stored.push({ hourAt, rows: way.fresh, isRaw: hourAt >= cutoffs.raw });
      if (way.to === 'tail') unsealed.push(batchOf(targetId, way.fresh));
      if (way.to === 'block') blocks.push({ hourAt, rows: way.whole });
    }
    // Older ones as well: retention deletes them within seconds.
    writeHours(dependencies, key, blocks);
    for (const each of unsealed) insertBatch(database, each, key.vantage, id);
    keepHours(database, { id, targetId }, stored);
    const done = outcomeOf(batch.length, stored, { tooOld, rawDeleted });
    noteStored(database, id, progress, done);
    return done;
  });
  for (const each of unsealed) tail.add(each, key.vantage);
  return outcome;
}

function wayOf(
  { database, tail, history }: Dependencies,
  key: SeriesKey,
  hour: { readonly hourAt: EpochMillis; readonly rows: Series; readonly now: EpochMillis },
): Way {
  const { hourAt, rows, now } = hour;
  const isOpen = hourAt >= floorTo(now - sealGraceMillis, hourMillis);
  if (isOpen || tail.hourOf(key, hourAt) !== undefined) {
    return { to: 'tail', fresh: withoutTimesOf(rows, history.hourRows(key, hourAt)) };
  }
  const block = readRawBlock(database, key, hourAt);
  if (block !== undefined) {
    return { to: 'block', fresh: withoutTimesOf(rows, block), whole: joinedRows([block, rows]) };
  }
  const [rollup] = readRollups(database, hourTable, key, { from: hourAt, to: hourAt + hourMillis });
  if (rollup === undefined) return { to: 'block', fresh: rows, whole: rows };
  const kept = joinedRows([emptySeries, ...keptHours(database, { ...key, hourAt }).map((each) => each.rows)]);
  const fresh = withoutTimesOf(rows, kept);
  // Other results have been rolled up with those of imports: there is no way to tell which.
  const hasOthers = rollup.sent + rollup.notSent !== kept.length;
  if (hasOthers) return { to: 'nothing', fresh: emptySeries, refused: fresh };
  return { to: 'block', fresh, whole: joinedRows([kept, rows]) };
}
