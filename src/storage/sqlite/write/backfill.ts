import type { EpochMillis, SeriesKey, TargetId } from '../../../core/ids.ts';
import { targetNotFound } from '../../../core/problem.ts';
import { createBatch, type ResultBatch } from '../../../core/result/probe-result.ts';
import { concatSeries, copyRow, createSeries, type Series, sortSeries } from '../../../core/result/series.ts';
import { floorTo, hourMillis } from '../../../core/history/time-buckets.ts';
import { withoutTimesOf } from '../../records/imports.ts';
import type { BackfillOptions, BackfillOutcome, Retention } from '../../port.ts';
import type { AgedResults } from '../blocks/aged-results.ts';
import { insertBatch } from './append.ts';
import { splitByHour, type TargetHour } from '../../series/batch-split.ts';
import type { Database } from '../file/database.ts';
import type { History } from '../blocks/history.ts';
import { rawHoursBetween, readRawBlock } from '../blocks/raw-blocks.ts';
import { raiseRetentionFloor, retentionCutoffs } from '../blocks/retention-floors.ts';
import { hourTable, readRollups } from '../blocks/rollup-blocks.ts';
import { sealGraceMillis, type SealedHour, writeHours } from '../blocks/sealing.ts';
import type { Tail } from '../blocks/tail.ts';

export interface Dependencies {
  readonly database: Database;
  readonly tail: Tail;
  readonly history: History;
  readonly aged: AgedResults;
  readonly isKnownTarget: (id: TargetId) => boolean;
}

export interface BackfillRequest {
  readonly batch: ResultBatch;
  readonly options: BackfillOptions;
  readonly now: EpochMillis;
  readonly retention: Retention;
}

/** What happens to the rows of one target. */
interface TargetShare {
  readonly sealed: readonly SealedHour[];
  /** Rows of hours that are not over, or that the tail has rows of: they are stored like newly probed ones. */
  readonly unsealed: readonly Series[];
  readonly stored: number;
}

/** One transaction: results, rollups, and what stays unsealed. */
export function backfill(dependencies: Dependencies, request: BackfillRequest): BackfillOutcome {
  const { database, tail } = dependencies;
  const { batch, options, now, retention } = request;
  const { vantage } = options;
  const cutoffs = retentionCutoffs(now, retention);
  const hoursOf = Map.groupBy(splitByHour(batch), ({ targetId }) => targetId);
  for (const id of hoursOf.keys()) if (!dependencies.isKnownTarget(id)) throw targetNotFound(id);
  const outcome = database.transaction(() => {
    let stored = 0;
    const unsealed: ResultBatch[] = [];
    for (const [targetId, hours] of hoursOf) {
      const share = shareOf(dependencies, { targetId, vantage }, hours, now);
      stored += share.stored;
      unsealed.push(...share.unsealed.map((series) => batchOf(targetId, series)));
      writeHours(dependencies, { targetId, vantage }, share.sealed, options.isRawDroppedWhenAged ? cutoffs : undefined);
    }
    if (options.isRawDroppedWhenAged) {
      raiseRetentionFloor(database, 'raw', cutoffs.raw);
      raiseRetentionFloor(database, '1m', cutoffs['1m']);
    }
    for (const each of unsealed) insertBatch(database, each, vantage);
    return { stored, unsealed };
  });
  for (const each of outcome.unsealed) tail.add(each, vantage);
  return { stored: outcome.stored, duplicates: batch.length - outcome.stored };
}

function shareOf(
  { database, tail, history }: Dependencies,
  key: SeriesKey,
  hours: readonly TargetHour[],
  now: EpochMillis,
): TargetShare {
  const from = hours[0]?.hourAt ?? 0;
  const to = (hours.at(-1)?.hourAt ?? 0) + hourMillis;
  const withRaw = new Set(rawHoursBetween(database, key, { from, to, limit: 2 ** 31 }));
  const withRollup = new Set(readRollups(database, hourTable, key, { from, to }).map(({ startAt }) => startAt));
  const openFrom = floorTo(now - sealGraceMillis, hourMillis);
  const sealed: SealedHour[] = [];
  const unsealed: Series[] = [];
  let stored = 0;
  for (const { hourAt, series } of hours) {
    // The rollups may already count these hours' results, and there is no way to tell which.
    if (withRollup.has(hourAt) && !withRaw.has(hourAt)) continue;
    const rows = sortSeries(series);
    if (hourAt >= openFrom || tail.hourOf(key, hourAt) !== undefined) {
      const fresh = withoutTimesOf(rows, history.hourRows(key, hourAt));
      if (fresh.length > 0) unsealed.push(fresh);
      stored += fresh.length;
    } else if (withRaw.has(hourAt)) {
      const before = readRawBlock(database, key, hourAt) ?? createSeries(0);
      const merged = sortSeries(concatSeries([before, rows]));
      if (merged.length > before.length) sealed.push({ hourAt, rows: merged });
      stored += merged.length - before.length;
    } else {
      sealed.push({ hourAt, rows });
      stored += rows.length;
    }
  }
  return { sealed, unsealed, stored };
}

export function batchOf(targetId: TargetId, series: Series): ResultBatch {
  const batch = createBatch(series.length);
  batch.targetIds.fill(targetId);
  for (let index = 0; index < series.length; index++) copyRow(series, index, batch, index);
  return batch;
}
