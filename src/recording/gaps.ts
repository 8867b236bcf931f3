import { type NewEvent, seenEvent } from '../core/event/event.ts';
import type { EpochMillis, TargetId, VantageId } from '../core/ids.ts';
import type { ResultBatch } from '../core/result/probe-result.ts';

interface Gap {
  results: number;
  from: EpochMillis;
  to: EpochMillis;
}

/** Results that had to be discarded, until they are reported: one event per target and stretch, not one per result. */
export interface Gaps {
  readonly isOpen: boolean;
  add(batch: ResultBatch): void;
  /** The events of the stretch that ends here. */
  close(): readonly NewEvent[];
}

export function createGaps(vantage: VantageId, now: () => EpochMillis): Gaps {
  const gaps = new Map<TargetId, Gap>();
  return {
    get isOpen() {
      return gaps.size > 0;
    },
    add(batch) {
      for (let index = 0; index < batch.length; index++) {
        const id = batch.targetIds[index] as TargetId;
        const sentAt = batch.sentAtMillis[index] ?? 0;
        const gap = gaps.get(id);
        if (gap === undefined) {
          gaps.set(id, { results: 1, from: sentAt, to: sentAt });
        } else {
          gap.results++;
          if (sentAt < gap.from) gap.from = sentAt;
          if (sentAt > gap.to) gap.to = sentAt;
        }
      }
    },
    close() {
      const createdAt = now();
      const events = [...gaps].map(([targetId, gap]) => seenEvent({ targetId, vantage }, 'gap', gap, createdAt));
      gaps.clear();
      return events;
    },
  };
}
