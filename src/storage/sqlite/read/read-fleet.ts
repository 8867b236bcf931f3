import { fleetGridKey, type FleetRowStart, startFleetRow, summarizeFleetRow } from '../../../core/history/fleet-row.ts';
import type { SeriesKey } from '../../../core/ids.ts';
import { outcomeCodes } from '../../../core/result/probe-result.ts';
import { type Rollup, rollupSeries } from '../../../core/history/rollup.ts';
import { emptySeries, rowsBetween, type Series } from '../../../core/result/series.ts';
import { hourMillis } from '../../../core/history/time-buckets.ts';
import { type FleetRow, fleetResolution } from '../../../core/history/window.ts';
import type { FleetQuery } from '../../port.ts';
import type { History } from '../blocks/history.ts';
import type { LastSent } from '../blocks/tail-hour.ts';
import { keyNumber } from '../blocks/series-key.ts';

/** Cached for this many targets, with the minutes that they are from. A larger fleet is summed anew each time. */
const startsMax = 512;
/** A longer window would need hours in turn, of which only one at a time is cached. */
const partsMaxMillis = 2 * hourMillis;

/** The sums of a window's settled minutes: the same from one request of the fleet to the next. */
interface KnownStart {
  readonly grid: string;
  readonly settled: readonly (readonly Rollup[])[];
  readonly start: FleetRowStart;
}

/** Returns one row per target, from rollups: each belongs to the window and spark bucket in which it starts. */
export function createFleetReader(history: History): (query: FleetQuery) => readonly FleetRow[] {
  const starts = new Map<number, KnownStart>();

  const summarize = (key: SeriesKey, query: FleetQuery): ReturnType<typeof summarizeFleetRow> => {
    const { from, to } = query;
    const grid = fleetGridKey(query);
    if (grid === undefined || fleetResolution(to - from) !== '1m' || to - from > partsMaxMillis) {
      return summarizeFleetRow(rollupsFor(history, key, query), query);
    }
    const { settled, newest } = history.minuteParts(key, from, to);
    const isWithin = ({ startAt }: Rollup): boolean => startAt >= from && startAt < to;
    if ((settled.at(-1)?.at(-1)?.startAt ?? 0) >= to) {
      return summarizeFleetRow([...settled.flat(), ...newest].filter(isWithin), query);
    }
    let known = starts.get(keyNumber(key));
    if (known?.grid !== grid || !isSame(known.settled, settled)) {
      known = { grid, settled, start: startFleetRow(settled.flat().filter(isWithin), query) };
      if (starts.size >= startsMax) starts.clear();
      starts.set(keyNumber(key), known);
    }
    return summarizeFleetRow(newest.filter(isWithin), query, known.start);
  };

  return (query) =>
    query.ids.map((targetId) => {
      const key = { targetId, vantage: query.vantage };
      return { targetId, ...summarize(key, query), ...lastOf(history, key, query) };
    });
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((each, index) => each === others[index]);
}

type Last = Pick<FleetRow, 'lastSentAt' | 'lastRttMicros' | 'lastReplyTtl'>;
type Stretch = Pick<FleetQuery, 'from' | 'to'>;

function rollupsFor(history: History, key: SeriesKey, { from, to }: Stretch): Iterable<Rollup> {
  const resolution = fleetResolution(to - from);
  if (resolution === '1h') return history.hourRollups(key, from, to);
  if (resolution === '1m') return history.minuteRollups(key, from, to);
  return [...history.rows(key, from, to)].flatMap((rows) => rollupSeries(rows, 1000));
}

function lastOf(history: History, key: SeriesKey, { from, to }: Stretch): Last {
  // The end of a window is nearly always now or a few seconds ago.
  const newest = history.unsealedEnd(key, to)?.lastSent(from, to);
  if (newest !== undefined) return lastFrom(newest);
  const rows = newestRows(history, key, { from, to });
  let last = rows.length - 1;
  while (last >= 0 && rows.outcomes[last] === outcomeCodes['not-sent']) last--;
  if (last < 0) return { lastSentAt: undefined, lastRttMicros: undefined, lastReplyTtl: undefined };
  return lastFrom({
    sentAt: rows.sentAtMillis[last] ?? 0,
    rttMicros: rows.rttMicros[last] ?? 0,
    outcome: rows.outcomes[last] ?? 0,
    detail: rows.details[last] ?? 0,
  });
}

function lastFrom({ sentAt, rttMicros, outcome, detail }: LastSent): Last {
  const isReply = outcome === outcomeCodes.reply;
  return {
    lastSentAt: sentAt,
    lastRttMicros: isReply ? rttMicros : undefined,
    lastReplyTtl: isReply ? detail : undefined,
  };
}

/** Some rows of the window, including its last one. */
function newestRows(history: History, key: SeriesKey, { from, to }: Stretch): Series {
  const hourAt = history.rawHourBefore(key, to);
  if (hourAt === undefined || hourAt + hourMillis <= from) return emptySeries;
  return rowsBetween(history.hourRows(key, hourAt), from, to);
}
