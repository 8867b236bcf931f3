import type { TargetId } from '../ids.ts';
import { type ResultBatch, createBatch } from './probe-result.ts';
import { copyRow } from './series.ts';

export const emptyBatch: ResultBatch = createBatch(0);

/** One batch of the rows of many, in order, without those of unwanted targets. */
export function batchOf(
  batches: readonly ResultBatch[],
  isWanted: (id: TargetId) => boolean = () => true,
): ResultBatch {
  const capacity = batches.reduce((sum, batch) => sum + batch.length, 0);
  const all = createBatch(capacity);
  let length = 0;
  for (const batch of batches) {
    for (let index = 0; index < batch.length; index++) {
      if (!isWanted(batch.targetIds[index] as TargetId)) continue;
      copyResult(batch, index, all, length++);
    }
  }
  return { ...all, length };
}

/** One batch of some rows of another. */
export function pickRows(batch: ResultBatch, indexes: readonly number[]): ResultBatch {
  const rows = createBatch(indexes.length);
  indexes.forEach((from, to) => copyResult(batch, from, rows, to));
  return rows;
}

export function copyResult(from: ResultBatch, fromIndex: number, to: ResultBatch, toIndex: number): void {
  to.targetIds[toIndex] = from.targetIds[fromIndex] ?? 0;
  copyRow(from, fromIndex, to, toIndex);
}
