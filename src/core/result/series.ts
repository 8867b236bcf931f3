import type { EpochMillis } from '../ids.ts';
import type { ResultBatch } from './probe-result.ts';

/** Results of one target from one vantage point: the columns of a `ResultBatch` without the target. */
export type Series = Omit<ResultBatch, 'targetIds'>;

export function createSeries(capacity: number, length = capacity): Series {
  return {
    length,
    sentAtMillis: new Float64Array(capacity),
    outcomes: new Uint8Array(capacity),
    rttMicros: new Uint32Array(capacity),
    details: new Uint16Array(capacity),
    intervalMillis: new Uint32Array(capacity),
  };
}

export const emptySeries: Series = createSeries(0);

/** Copies one row of columns into other columns. */
export function copyRow(from: Series, fromIndex: number, to: Series, toIndex: number): void {
  to.sentAtMillis[toIndex] = from.sentAtMillis[fromIndex] ?? 0;
  to.outcomes[toIndex] = from.outcomes[fromIndex] ?? 0;
  to.rttMicros[toIndex] = from.rttMicros[fromIndex] ?? 0;
  to.details[toIndex] = from.details[fromIndex] ?? 0;
  to.intervalMillis[toIndex] = from.intervalMillis[fromIndex] ?? 0;
}

/** A view of some rows, not a copy. */
export function sliceSeries(series: Series, start: number, end: number): Series {
  return {
    length: end - start,
    sentAtMillis: series.sentAtMillis.subarray(start, end),
    outcomes: series.outcomes.subarray(start, end),
    rttMicros: series.rttMicros.subarray(start, end),
    details: series.details.subarray(start, end),
    intervalMillis: series.intervalMillis.subarray(start, end),
  };
}

/** The first row sent at or after a time, in a series in time order. */
export function lowerBound(series: Series, time: EpochMillis): number {
  let low = 0;
  let high = series.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((series.sentAtMillis[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The rows with from <= sentAt < to of a series in time order; a view. */
export function rowsBetween(series: Series, from: EpochMillis, to: EpochMillis): Series {
  const start = lowerBound(series, from);
  return sliceSeries(series, start, Math.max(start, lowerBound(series, to)));
}

export function concatSeries(parts: readonly Series[]): Series {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = createSeries(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    const used = sliceSeries(part, 0, part.length);
    whole.sentAtMillis.set(used.sentAtMillis, at);
    whole.outcomes.set(used.outcomes, at);
    whole.rttMicros.set(used.rttMicros, at);
    whole.details.set(used.details, at);
    whole.intervalMillis.set(used.intervalMillis, at);
    at += part.length;
  }
  return whole;
}

/** In time order, one row per time; of several, the first in the input is kept. */
export function sortSeries(series: Series): Series {
  if (isStrictlyAscending(series)) return series;
  const { sentAtMillis } = series;
  const order = Array.from({ length: series.length }, (_, index) => index);
  // The sort is stable, so the first of several rows for one time stays first.
  order.sort((a, b) => (sentAtMillis[a] ?? 0) - (sentAtMillis[b] ?? 0));
  const sorted = createSeries(series.length);
  let length = 0;
  for (const index of order) {
    if (length > 0 && sorted.sentAtMillis[length - 1] === sentAtMillis[index]) continue;
    copyRow(series, index, sorted, length++);
  }
  return sliceSeries(sorted, 0, length);
}

function isStrictlyAscending({ sentAtMillis, length }: Series): boolean {
  for (let index = 1; index < length; index++) {
    if ((sentAtMillis[index] ?? 0) <= (sentAtMillis[index - 1] ?? 0)) return false;
  }
  return true;
}
