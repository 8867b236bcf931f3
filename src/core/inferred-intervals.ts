/** On each side: enough that some missing or doubled rows among them do not matter. */
const neighbours = 4;
/** A longer step than this many times the usual one is a gap: nobody was probing. */
const gapFactor = 1.5;
/** The longest that a target can be probed at. */
const longestMillis = 3_600_000;

/**
 * The stretch for which each result speaks, by the spacing of those around it: the time until the next one, or, where a
 * gap follows, the median step nearby. `times`: ascending, in milliseconds; rows of one time count as one. `fallback`:
 * where there is no step at all.
 */
export function inferIntervals(times: ArrayLike<number>, fallback: number): Uint32Array<ArrayBuffer> {
  const steps = Array.from({ length: times.length }, (_, index) => (times[index + 1] ?? 0) - (times[index] ?? 0));
  steps.pop();
  const intervals = new Uint32Array(times.length);
  for (let index = 0; index < times.length; index++) {
    const nearby = steps.slice(Math.max(0, index - neighbours), index + neighbours + 1).filter((step) => step > 0);
    const usual = Math.min(median(nearby) ?? fallback, longestMillis);
    const step = steps[index] ?? 0;
    intervals[index] = step > 0 && step <= usual * gapFactor ? Math.min(step, longestMillis) : Math.max(1, usual);
  }
  return intervals;
}

/** The lower one of two: a gap more than a step must not make a step of it. */
function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
