import type { TargetId } from './ids.ts';
import { type ResultBatch, createBatch } from './probe-result.ts';

export const emptyBatch: ResultBatch = createBatch(0);

/** One batch of the rows of many, in their order, without those of targets that are not wanted. */
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
      copyRow(batch, index, all, length++);
    }
  }
  return { ...all, length };
}

export function copyRow(from: ResultBatch, fromIndex: number, to: ResultBatch, toIndex: number): void {
  to.targetIds[toIndex] = from.targetIds[fromIndex] ?? 0;
  to.sentAtMillis[toIndex] = from.sentAtMillis[fromIndex] ?? 0;
  to.outcomes[toIndex] = from.outcomes[fromIndex] ?? 0;
  to.rttMicros[toIndex] = from.rttMicros[fromIndex] ?? 0;
  to.details[toIndex] = from.details[fromIndex] ?? 0;
  to.intervalMillis[toIndex] = from.intervalMillis[fromIndex] ?? 0;
}
