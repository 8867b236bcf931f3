import type { EpochMillis, TargetId } from '../../core/ids.ts';
import type { ResultBatch } from '../../core/result/probe-result.ts';
import { copyRow, createSeries, type Series } from '../../core/result/series.ts';
import { floorTo, hourMillis } from '../../core/history/time-buckets.ts';

export interface TargetHour {
  readonly targetId: TargetId;
  readonly hourAt: EpochMillis;
  /** In the order of the batch. */
  readonly series: Series;
}

/** The rows of a batch by target and UTC hour, ordered by target, then hour. */
export function splitByHour(batch: ResultBatch): readonly TargetHour[] {
  const rowsOf = new Map<TargetId, Map<EpochMillis, number[]>>();
  for (let index = 0; index < batch.length; index++) {
    const targetId = batch.targetIds[index] as TargetId;
    const hourAt = floorTo(batch.sentAtMillis[index] ?? 0, hourMillis);
    const hours = getOrPut(rowsOf, targetId, () => new Map<EpochMillis, number[]>());
    getOrPut(hours, hourAt, () => []).push(index);
  }
  return [...rowsOf]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([targetId, hours]) =>
      [...hours]
        .toSorted(([a], [b]) => a - b)
        .map(([hourAt, rows]) => ({ targetId, hourAt, series: pick(batch, rows) })),
    );
}

function getOrPut<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}

function pick(batch: ResultBatch, rows: readonly number[]): Series {
  const series = createSeries(rows.length);
  rows.forEach((row, index) => copyRow(batch, row, series, index));
  return series;
}
