import type { EpochMillis, SeriesKey, TargetId } from '../../../core/ids.ts';
import {
  createBatch,
  outcomeCodes,
  readRow,
  type ResultBatch,
  type ResultRow,
} from '../../../core/result/probe-result.ts';
import { emptySeries, rowsBetween, type Series, sliceSeries } from '../../../core/result/series.ts';
import { hourMillis } from '../../../core/history/time-buckets.ts';
import type { History } from '../blocks/history.ts';

const pageRows = 10_000;
const pageHours = 48;

/** The newest results that were sent, oldest first. */
export function readLatestResults(
  history: History,
  key: SeriesKey,
  { limit, before = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly before: EpochMillis | undefined },
): readonly ResultRow[] {
  const { targetId: id } = key;
  const newestFirst: ResultRow[] = [];
  const recent = history.unsealedEnd(key, before)?.newestRows() ?? emptySeries;
  takeSent(id, rowsBetween(recent, 0, before), limit, newestFirst);
  // Rows before the recent ones: from the recent rows' hour backwards.
  const recentFrom = Math.min(recent.sentAtMillis[0] ?? before, before);
  let hourAt = history.rawHourBefore(key, before);
  while (hourAt !== undefined && newestFirst.length < limit) {
    const rows = rowsBetween(history.hourRows(key, hourAt), hourAt, Math.min(hourAt + hourMillis, recentFrom));
    takeSent(id, rows, limit, newestFirst);
    hourAt = history.rawHourBefore(key, hourAt);
  }
  return newestFirst.toReversed();
}

function takeSent(targetId: TargetId, rows: Series, limit: number, into: ResultRow[]): void {
  for (let index = rows.length - 1; index >= 0 && into.length < limit; index--) {
    if (rows.outcomes[index] !== outcomeCodes['not-sent']) into.push({ ...readRow(batchOf(targetId, rows, index), 0) });
  }
}

/** One page of a stream: results and where the next page begins; `undefined` at the end. */
export interface ResultPage {
  readonly batch: ResultBatch;
  readonly nextFrom: EpochMillis | undefined;
}

export function readResultPage(history: History, key: SeriesKey, from: EpochMillis, to: EpochMillis): ResultPage {
  const hours = history.rawHours(key, from, to, pageHours);
  const pieces: Series[] = [];
  let length = 0;
  let nextFrom: EpochMillis | undefined;
  for (const hourAt of hours) {
    const rows = rowsBetween(history.hourRows(key, hourAt), from, to);
    const fits = Math.min(rows.length, pageRows - length);
    pieces.push(sliceSeries(rows, 0, fits));
    length += fits;
    if (fits < rows.length) nextFrom = rows.sentAtMillis[fits];
    else if (length >= pageRows / 2) nextFrom = hourAt + hourMillis;
    if (nextFrom !== undefined) break;
  }
  const last = hours.at(-1);
  if (nextFrom === undefined && hours.length === pageHours && last !== undefined) nextFrom = last + hourMillis;
  return {
    batch: joinPieces(key.targetId, pieces, length),
    nextFrom: nextFrom !== undefined && nextFrom < to ? nextFrom : undefined,
  };
}

function joinPieces(id: TargetId, pieces: readonly Series[], length: number): ResultBatch {
  const batch = createBatch(length);
  batch.targetIds.fill(id);
  let at = 0;
  for (const piece of pieces) {
    batch.sentAtMillis.set(piece.sentAtMillis, at);
    batch.outcomes.set(piece.outcomes, at);
    batch.rttMicros.set(piece.rttMicros, at);
    batch.details.set(piece.details, at);
    batch.intervalMillis.set(piece.intervalMillis, at);
    at += piece.length;
  }
  return batch;
}

function batchOf(id: TargetId, rows: Series, index: number): ResultBatch {
  return { ...sliceSeries(rows, index, index + 1), targetIds: Uint32Array.of(id) };
}
