import { zoneOffset } from '../axis/time-ticks.ts';
import { type Timeline, valueAt } from './timeline.ts';

/** All hours of one weekday and hour of the day, together. */
export interface WeekCell {
  /** 0 is Monday. */
  readonly weekday: number;
  readonly hour: number;
  readonly sampleCount: number;
  /** Mean of all replies; null if there was none. */
  readonly avg: number | null;
  readonly max: number | null;
  readonly loss: number | null;
}

const [hourMillis, dayMillis] = [3_600_000, 86_400_000];

/**
 * Hourly buckets by weekday and hour on the user's clock: seven days of 24 cells. Counts, means and extremes add up exactly
 * (percentiles would not). In a zone that is not whole hours off UTC, a bucket counts for the hour it begins in.
 */
export function weekCells(timeline: Timeline, timeZone: string): readonly WeekCell[] {
  const sums = Array.from({ length: 168 }, () => ({
    sent: 0,
    replies: 0,
    sum: 0,
    lost: 0,
    max: Number.NEGATIVE_INFINITY,
  }));
  let offsetUntil = Number.NEGATIVE_INFINITY;
  let offset = 0;
  for (const [index, at] of timeline.at.entries()) {
    if (at >= offsetUntil) {
      // Clocks change on whole hours: one lookup per hour on a day with a change, one per day otherwise.
      offset = zoneOffset(at, timeZone);
      const isSteady = zoneOffset(at + dayMillis, timeZone) === offset;
      offsetUntil = at + (isSteady ? dayMillis : hourMillis);
    }
    const local = at + offset;
    const weekday = (Math.floor(local / dayMillis) + 3) % 7;
    const cell = sums[weekday * 24 + Math.floor((local % dayMillis) / hourMillis)];
    if (cell === undefined) continue;
    const [sampleCount, loss] = [valueAt(timeline.sampleCount, index), valueAt(timeline.loss, index)];
    const lost = Number.isNaN(loss) ? 0 : Math.round(sampleCount * loss);
    cell.sent += sampleCount;
    cell.lost += lost;
    const avg = valueAt(timeline.avg, index);
    if (Number.isNaN(avg)) continue;
    cell.replies += sampleCount - lost;
    cell.sum += avg * (sampleCount - lost);
    cell.max = Math.max(cell.max, valueAt(timeline.max, index));
  }
  return sums.map(({ sent, replies, sum, lost, max }, index) => ({
    weekday: Math.floor(index / 24),
    hour: index % 24,
    sampleCount: sent,
    avg: replies === 0 ? null : sum / replies,
    max: replies === 0 ? null : max,
    loss: sent === 0 ? null : lost / sent,
  }));
}
