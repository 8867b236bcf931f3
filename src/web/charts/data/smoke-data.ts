import type uPlot from 'uplot';
import { endOf, type Timeline, valueAt } from './timeline.ts';

/** In the order of the chart's series: maximum, minimum, p90, p10, median. */
export function smokeData(timeline: Timeline): uPlot.AlignedData {
  const { at: starts, lengthMillis, max, min, p90, p10, p50 } = timeline;
  const times: number[] = [];
  const series = [max, min, p90, p10, p50].map((column) => ({ column, values: [] as (number | null)[] }));
  let end = Number.NaN;
  for (let index = 0; index < timeline.length; index++) {
    const at = valueAt(starts, index);
    const length = valueAt(lengthMillis, index);
    // A hole breaks the line: nothing is drawn where nothing was measured.
    const isAfterHole = at - end > Math.max(length / 2, 1);
    if (isAfterHole) times.push((at + end) / 2000);
    times.push((at + length / 2) / 1000);
    for (const { column, values } of series) {
      if (isAfterHole) values.push(null);
      const value = valueAt(column, index);
      values.push(Number.isNaN(value) ? null : value);
    }
    end = endOf(timeline, index);
  }
  return [times, ...series.map(({ values }) => values)] as uPlot.AlignedData;
}

/** Points without a line, because their neighbours have no value. */
export function lonelyPoints(values: readonly (number | null | undefined)[]): number[] {
  const lonely: number[] = [];
  for (const [index, value] of values.entries()) {
    const hasNeighbour = (values[index - 1] ?? null) !== null || (values[index + 1] ?? null) !== null;
    if ((value ?? null) !== null && !hasNeighbour) lonely.push(index);
  }
  return lonely;
}
