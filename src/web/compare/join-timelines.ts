import type uPlot from 'uplot';
import { type TimelineRow, endOf } from '../charts/data/timeline.ts';

/**
 * The medians of several timelines over their moments together. A line goes on over the moments of the others
 * (`undefined`) and breaks where its own next bucket is missing (null).
 */
export function joinTimelines(timelines: readonly (readonly TimelineRow[])[]): uPlot.AlignedData {
  const columns = timelines.map(medians);
  const times = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort((a, b) => a - b);
  return [times, ...columns.map((column) => times.map((time) => column.get(time)))] as uPlot.AlignedData;
}

function medians(rows: readonly TimelineRow[]): ReadonlyMap<number, number | null> {
  const values = new Map<number, number | null>();
  let end = Number.NaN;
  for (const row of rows) {
    if (row.at - end > Math.max(1, row.lengthMillis / 2)) values.set((row.at + end) / 2000, null);
    values.set((row.at + row.lengthMillis / 2) / 1000, row.p50);
    end = endOf(row);
  }
  return values;
}
