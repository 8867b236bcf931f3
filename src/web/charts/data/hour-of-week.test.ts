import assert from 'node:assert/strict';
import { test } from 'vitest';
import { weekCells } from './hour-of-week.ts';
import { type TimelineRow, timelineOfRows } from './timeline.ts';

const hour = 3_600_000;
function row(text: string, avg: number | null, loss = 0): TimelineRow {
  const figures = { min: avg, max: avg, p10: avg, p50: avg, p90: avg, sampleCount: 100, notSentCount: 0 };
  return { at: Date.parse(text), lengthMillis: hour, avg, loss, coveredMillis: hour, ...figures };
}
const cellOf = (rows: readonly TimelineRow[], zone: string, weekday: number, hourOfDay: number) =>
  weekCells(timelineOfRows(rows), zone)[weekday * 24 + hourOfDay];

test('hours are placed by the clock of the zone, on both sides of a clock change', () => {
  // Sundays in Paris: 29 March 2026 is the day of the change; 09:00 there is 08:00Z before it and 07:00Z after it.
  const rows = [row('2026-03-22T08:00:00Z', 10), row('2026-03-29T07:00:00Z', 20), row('2026-04-05T07:00:00Z', 30)];
  assert.equal(cellOf(rows, 'Europe/Paris', 6, 9)?.avg, 20);
  assert.equal(weekCells(timelineOfRows(rows), 'Europe/Paris').filter(({ avg }) => avg !== null).length, 1);
});

test('a mean weighs every reply equally, and losses count among the sent probes', () => {
  const rows = [
    row('2026-06-01T12:00:00Z', 10, 0.5),
    row('2026-06-08T12:00:00Z', 40),
    row('2026-06-15T12:00:00Z', null, 1),
  ];
  const cell = cellOf(rows, 'UTC', 0, 12);
  assert.deepEqual([cell?.avg, cell?.max, cell?.loss, cell?.sampleCount], [30, 40, 0.5, 300]);
});

test('an hour without data has no number', () => {
  assert.deepEqual(cellOf([], 'UTC', 3, 4), { weekday: 3, hour: 4, sampleCount: 0, avg: null, max: null, loss: null });
});
