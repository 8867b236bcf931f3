import assert from 'node:assert/strict';
import { test } from 'vitest';
import { createOutageFinder } from './history-outages.ts';
import { outcomeCodes } from '../result/probe-result.ts';
import { createSeries, type Series } from '../result/series.ts';

const start = Date.UTC(2026, 0, 1);
const minute = 60_000;

/** A row each minute: `.` a reply, `x` a loss, a space none. */
function minutes(pattern: string): Series {
  const signs = pattern.split('').flatMap((sign, at) => (sign === ' ' ? [] : [{ sign, at }]));
  const series = createSeries(signs.length);
  signs.forEach(({ sign, at }, index) => {
    series.sentAtMillis[index] = start + at * minute;
    series.outcomes[index] = sign === '.' ? outcomeCodes.reply : outcomeCodes.timeout;
    series.intervalMillis[index] = minute;
  });
  return series;
}

/** From which minute to which, how many lost, and by what it ended. */
function outagesIn(pattern: string): unknown[] {
  const finder = createOutageFinder();
  finder.add(minutes(pattern));
  return finder
    .finish()
    .map(({ from, to = 0, lostProbes, endedBy }) => [
      (from - start) / minute,
      (to - start) / minute,
      lostProbes,
      endedBy,
    ]);
}

test('five losses in a row are an outage that ends with the next reply', () => {
  assert.deepEqual(outagesIn('..xxxx.xxxxx..xxxxxxx.'), [
    [7, 12, 5, 'recovery'],
    [14, 21, 7, 'recovery'],
  ]);
});

test('an outage that the history does not end ends with it', () => {
  assert.deepEqual(outagesIn('.xxxxxx'), [[1, 7, 6, undefined]]);
});

test('time without results is not an outage, and no run of losses continues across it', () => {
  assert.deepEqual(outagesIn(`.xxxxx${' '.repeat(30)}xxxx.`), [[1, 6, 5, undefined]]);
  assert.deepEqual(outagesIn(`.xxxxx${' '.repeat(5)}xx.`), [[1, 13, 7, 'recovery']]);
});
