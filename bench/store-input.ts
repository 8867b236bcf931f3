import type { TargetId } from '../src/core/ids.ts';
import { createBatch, outcomeCodes, type ResultBatch } from '../src/core/result/probe-result.ts';
import { createSyntheticHistory } from '../src/core/synthetic/synthetic.ts';

/** 2026-05-05 00:00 UTC: in the middle of a month, as most hours are. */
export const startAt = Date.UTC(2026, 4, 5);
const plan = { seed: 7, lossRatio: 0.002 };

export function historyOf(
  index: number,
  targetId: TargetId,
  intervalMillis = 1000,
): ReturnType<typeof createSyntheticHistory> {
  return createSyntheticHistory({ ...plan, index, targetId, intervalMillis });
}

/** Results of many targets at 1 Hz, made beforehand, so that only storing is measured. */
export interface Seconds {
  /** All targets' results of one second, each at its own planned time, in that order. */
  second(index: number): ResultBatch;
}

export function makeSeconds(ids: readonly TargetId[], seconds: number, fromMillis = startAt): Seconds {
  const count = ids.length;
  // Columns second by second, as they are read.
  const rtts = new Uint32Array(count * seconds);
  const details = new Uint8Array(count * seconds);
  ids.forEach((id, column) => {
    const results = historyOf(column, id).results(fromMillis, fromMillis + seconds * 1000);
    for (let row = 0; row < seconds; row++) {
      const isReply = results.outcomes[row] === outcomeCodes.reply;
      rtts[row * count + column] = isReply ? (results.rttMicros[row] ?? 0) : 0;
      details[row * count + column] = results.details[row] ?? 0;
    }
  });
  return {
    second: (index) => {
      const batch = createBatch(count);
      batch.intervalMillis.fill(1000);
      batch.targetIds.set(ids);
      const [from, at] = [(index % seconds) * count, fromMillis + index * 1000];
      batch.rttMicros.set(rtts.subarray(from, from + count));
      batch.details.set(details.subarray(from, from + count));
      for (let row = 0; row < count; row++) {
        batch.sentAtMillis[row] = at + Math.floor((row * 1000) / count);
        if (batch.rttMicros[row] === 0) batch.outcomes[row] = outcomeCodes.timeout;
      }
      return batch;
    },
  };
}
