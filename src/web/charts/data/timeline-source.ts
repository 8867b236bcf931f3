import { useSyncExternalStore } from 'react';
import type { LossMark } from './loss-marks.ts';
import type { TimeRange } from '../axis/time-steps.ts';
import type { Absence, Timeline } from './timeline.ts';

export interface SourceStatus {
  /** Increases with everything that changes a drawing. */
  readonly version: number;
  readonly isLoading: boolean;
  readonly failure: Error | undefined;
  /** Length of the buckets that were drawn last, in seconds; `undefined` before any arrived. */
  readonly bucketSeconds: number | undefined;
}

/** Where a chart takes its data from; must answer within a frame. */
export interface TimelineSource {
  timeline(view: TimeRange, width: number): Timeline;
  absences(timeline: Timeline, view: TimeRange): readonly Absence[];
  /** How the losses of each bucket are drawn. */
  lossMarks(timeline: Timeline): readonly LossMark[];
  /** The same object until something changes. */
  readonly status: SourceStatus;
  retry(): void;
  readonly subscribe: (listener: () => void) => () => void;
}

export function useSourceStatus(source: TimelineSource): SourceStatus {
  return useSyncExternalStore(source.subscribe, () => source.status);
}
