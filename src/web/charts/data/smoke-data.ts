import type uPlot from 'uplot';
import { type TimelineRow, endOf } from './timeline.ts';

/** In the order of the chart's series: greatest, least, p90, p10, median. */
export function smokeData(rows: readonly TimelineRow[]): uPlot.AlignedData {
  const times: number[] = [];
  const columns: (number | null)[][] = [[], [], [], [], []];
  const push = (at: number, row: TimelineRow | undefined): void => {
    times.push(at / 1000);
    const { max = null, min = null, p90 = null, p10 = null, p50 = null } = row ?? {};
    for (const [index, value] of [max, min, p90, p10, p50].entries()) columns[index]?.push(value);
  };
  let end = Number.NaN;
  for (const row of rows) {
    // A hole breaks the line: nothing is drawn where nothing was measured.
    if (row.at - end > Math.max(row.lengthMillis / 2, 1)) push((row.at + end) / 2, undefined);
    push(row.at + row.lengthMillis / 2, row);
    end = endOf(row);
  }
  return [times, ...columns] as uPlot.AlignedData;
}

/** Points that no line reaches, as their neighbours have no value. */
export function lonelyPoints(values: readonly (number | null | undefined)[]): number[] {
  const lonely: number[] = [];
  for (const [index, value] of values.entries()) {
    const hasNeighbour = (values[index - 1] ?? null) !== null || (values[index + 1] ?? null) !== null;
    if ((value ?? null) !== null && !hasNeighbour) lonely.push(index);
  }
  return lonely;
}
