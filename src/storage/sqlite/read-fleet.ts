import type { EpochMillis, TargetId } from '../../core/ids.ts';
import { hopsFromReplyTtl } from '../../core/path.ts';
import { outcomeCodes } from '../../core/probe-result.ts';
import { RollupAccumulator, rollupSeries } from '../../core/rollup.ts';
import type { Rollup } from '../../core/rollup.ts';
import { emptySeries, rowsBetween, type Series } from '../../core/series.ts';
import { hourMillis, minuteMillis } from '../../core/time-buckets.ts';
import type { FleetRow } from '../../core/window.ts';
import { sketchPercentiles, summaryOf } from '../../core/window-builder.ts';
import type { History } from './history.ts';
import type { FleetQuery } from './operations.ts';
import { ownSeries, type SeriesKey } from './series-key.ts';
import type { Tail } from './tail.ts';

// Below it minutes would leave too much of the window's edges out.
const rawFleetMax = 10 * minuteMillis;
const hoursFleetMin = 36 * hourMillis;

/** One row for each target, from rollups: a rollup belongs to the window and spark bucket in which it starts. */
export function readFleet(history: History, tail: Tail, query: FleetQuery): readonly FleetRow[] {
  const scratch = { total: new RollupAccumulator(), bucket: new RollupAccumulator() };
  return query.ids.map((id) => readFleetRow(history, tail, { ...query, id }, scratch));
}

interface RowQuery {
  readonly id: TargetId;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  readonly sparkBuckets: number;
}

interface Scratch {
  readonly total: RollupAccumulator;
  readonly bucket: RollupAccumulator;
}

function readFleetRow(history: History, tail: Tail, query: RowQuery, { total, bucket }: Scratch): FleetRow {
  const { id, from, to, sparkBuckets } = query;
  const key = ownSeries(id);
  const sparkRttMicros = Array.from<number | undefined>({ length: sparkBuckets });
  const sparkLossRatio = Array.from<number | undefined>({ length: sparkBuckets });
  const sparkMillis = (to - from) / sparkBuckets;
  total.clear();
  let spark = -1;
  const closeSpark = (): void => {
    if (spark >= 0 && bucket.sent > 0) {
      sparkRttMicros[spark] = bucket.sketch.percentiles([0.5], bucket.rttMinMicros, bucket.rttMaxMicros)[0];
      sparkLossRatio[spark] = bucket.lost / bucket.sent;
    }
    total.addAccumulator(bucket);
    bucket.clear();
  };
  bucket.clear();
  for (const rollup of rollupsFor(history, key, query)) {
    const index = Math.min(sparkBuckets - 1, Math.max(0, Math.floor((rollup.startAt - from) / sparkMillis)));
    if (index !== spark) closeSpark();
    spark = index;
    bucket.add(rollup);
  }
  closeSpark();
  return {
    targetId: id,
    summary: summaryOf(total, sketchPercentiles(total)),
    jitterMicros: total.replies < 2 ? undefined : total.jitterMicros,
    ...lastOf(history, tail, key, query),
    sparkRttMicros,
    sparkLossRatio,
  };
}

function rollupsFor(history: History, key: SeriesKey, { from, to }: RowQuery): Iterable<Rollup> {
  if (to - from > hoursFleetMin) return history.hourRollups(key, from, to);
  if (to - from > rawFleetMax) return history.minuteRollups(key, from, to);
  return [...history.rows(key, from, to)].flatMap((rows) => rollupSeries(rows, 1000));
}

function lastOf(
  history: History,
  tail: Tail,
  key: SeriesKey,
  { from, to }: RowQuery,
): Pick<FleetRow, 'lastSentAt' | 'lastRttMicros' | 'lastHops'> {
  const rows = newestRows(history, tail, key, { from, to });
  let last = rows.length - 1;
  while (last >= 0 && rows.outcomes[last] === outcomeCodes['not-sent']) last--;
  if (last < 0) return { lastSentAt: undefined, lastRttMicros: undefined, lastHops: undefined };
  const isReply = rows.outcomes[last] === outcomeCodes.reply;
  return {
    lastSentAt: rows.sentAtMillis[last],
    lastRttMicros: isReply ? rows.rttMicros[last] : undefined,
    lastHops: isReply ? hopsFromReplyTtl(rows.details[last]) : undefined,
  };
}

/** Some rows of the window that hold its last one. */
function newestRows(history: History, tail: Tail, key: SeriesKey, window: Pick<RowQuery, 'from' | 'to'>): Series {
  const { from, to } = window;
  const hour = tail.hoursOf(key).findLast(({ hourAt }) => hourAt < to);
  if (hour !== undefined) {
    // The end of a window is nearly always now or a few seconds ago.
    const recent = rowsBetween(hour.newestRows(), from, to);
    if (recent.length > 0) return recent;
  }
  const hourAt = history.rawHourBefore(key, to);
  if (hourAt === undefined || hourAt + hourMillis <= from) return emptySeries;
  return rowsBetween(history.hourRows(key, hourAt), from, to);
}
