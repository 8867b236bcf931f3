/** On each side: enough that a few missing or doubled rows among them do not matter. */
const neighbours = 4;
/** A step longer than this many times the usual one is a gap: nobody was probing. */
const gapFactor = 1.5;
/** The longest interval of a target. */
const longestMillis = 3_600_000;

/**
 * How long each result is valid for, by the spacing of those around it: the time until the next one or, before a gap, the median
 * step nearby. `times`: ascending, in milliseconds; rows with the same time count as one. `fallback`: if there is no step at all.
 */
export function inferIntervals(times: ArrayLike<number>, fallback: number): Uint32Array<ArrayBuffer> {
  const intervals = new Uint32Array(times.length);
  const stepAt = (index: number): number => (times[index + 1] ?? 0) - (times[index] ?? 0);
  const last = times.length - 2;
  // One for all rows, because there are millions of them.
  const nearby = new Float64Array(2 * neighbours + 1);
  for (let index = 0; index < times.length; index++) {
    let count = 0;
    for (let other = Math.max(0, index - neighbours); other <= Math.min(last, index + neighbours); other++) {
      const step = stepAt(other);
      if (step > 0) insert(nearby, count++, step);
    }
    // The lower one of two: a gap must not turn a step into a longer one.
    const median = count === 0 ? fallback : (nearby[(count - 1) >> 1] ?? fallback);
    const usual = Math.min(median, longestMillis);
    const step = index > last ? 0 : stepAt(index);
    intervals[index] = step > 0 && step <= usual * gapFactor ? Math.min(step, longestMillis) : Math.max(1, usual);
  }
  return intervals;
}

/** Inserts into the first `count` values, which are ascending and stay so. */
function insert(values: Float64Array, count: number, value: number): void {
  let at = count;
  for (; at > 0 && (values[at - 1] ?? 0) > value; at--) values[at] = values[at - 1] ?? 0;
  values[at] = value;
}
