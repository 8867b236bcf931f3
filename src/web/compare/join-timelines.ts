import type uPlot from 'uplot';
import { endOf, type Timeline, valueAt } from '../charts/data/timeline.ts';

/**
 * The medians of several timelines at all their moments together. A line continues across the moments of the others (`undefined`)
 * and breaks where its own next bucket is missing (null).
 */
export function joinTimelines(timelines: readonly Timeline[]): uPlot.AlignedData {
  const columns = timelines.map(medians);
  const times = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort((a, b) => a - b);
  return [times, ...columns.map((column) => times.map((time) => column.get(time)))] as uPlot.AlignedData;
}

function medians(timeline: Timeline): ReadonlyMap<number, number | null> {
  const values = new Map<number, number | null>();
  let end = Number.NaN;
  for (const [index, at] of timeline.at.entries()) {
    const lengthMillis = valueAt(timeline.lengthMillis, index);
    const median = valueAt(timeline.p50, index);
    if (at - end > Math.max(1, lengthMillis / 2)) values.set((at + end) / 2000, null);
    values.set((at + lengthMillis / 2) / 1000, Number.isNaN(median) ? null : median);
    end = endOf(timeline, index);
  }
  return values;
}
