import type { Client } from '../../../contract/client.ts';
import { showInsights } from '../../../contract/history/insights.ts';
import type { LiveResults } from '../../charts/data/live-results.ts';
import { createTileStore, type LoadTile } from '../../charts/data/tile-store.ts';
import { lossMarks } from '../../charts/data/loss-marks.ts';
import type { TimeRange } from '../../charts/axis/time-steps.ts';
import {
  absencesIn,
  beginningWithin,
  emptyTimeline,
  type OpenStretch,
  shifted,
  timelineOf,
} from '../../charts/data/timeline.ts';
import type { SourceStatus, TimelineSource } from '../../charts/data/timeline-source.ts';

/** What is known of a target besides its timeline. */
export interface TargetTimes {
  readonly pauses: readonly OpenStretch[];
  readonly gaps: readonly OpenStretch[];
  /** The time of the first result; `undefined` while unknown. */
  readonly firstAt: number | undefined;
  readonly outages: readonly OpenStretch[];
  /** Between two probes. */
  readonly intervalMillis: number;
  /** How long a result may take to arrive: the interval and the timeout. */
  readonly toleranceMillis: number;
}

export interface TargetSourceOptions {
  readonly client: Client;
  readonly targetId: number;
  readonly now: () => number;
  readonly times: () => TargetTimes;
  readonly live?: LiveResults;
  /** Shows data from this long ago at the present time: last week beneath this week. */
  readonly shiftMillis?: number;
}

export interface TargetSource extends TimelineSource, Disposable {
  /** Live results or the target's times have changed. */
  touch(): void;
  /** Results may have come without notice: the end of the timeline is requested again. */
  refresh(): void;
}

const shortestAsked = 60_000;

export function createTargetSource(options: TargetSourceOptions): TargetSource {
  const { client, targetId, now, times, live, shiftMillis = 0 } = options;
  const load: LoadTile = async (step, { from, to }, signal) => {
    // An answer includes of its last result only what that covers within the window: one probe later than the tile.
    const beyond = to + Math.max(step * 1000, times().intervalMillis);
    const window = {
      start: new Date(from).toISOString(),
      end: new Date(Math.max(beyond, from + shortestAsked)).toISOString(),
    };
    const query = { ...window, bucket_seconds: step, columns: 'true' as const };
    const answer = await client.call(showInsights, { params: { id: targetId }, query, signal });
    const { timeline_columns: columns, bucket_seconds: bucketSeconds } = answer;
    const bucketMillis = bucketSeconds * 1000;
    const timeline = columns === undefined ? emptyTimeline : timelineOf(columns, bucketSeconds);
    // If only coarser buckets are kept, one may begin before the tile: it belongs to the tile that it begins in.
    const own = beginningWithin(timeline, { from, to });
    const completeUntil = to >= now() - 2000 ? Math.floor(now() / bucketMillis) * bucketMillis : to;
    return { timeline: own, completeUntil };
  };
  const intervalSeconds = (): number => times().intervalMillis / 1000;
  const store = createTileStore({ load, now, intervalSeconds, ...(live === undefined ? {} : { live }) });
  const listeners = new Set<() => void>();
  let status: SourceStatus = { version: 0, isLoading: true, failure: undefined, bucketSeconds: undefined };
  let isTelling = false;

  function change(next: Partial<SourceStatus>): void {
    status = { ...status, ...next, version: status.version + 1 };
    if (isTelling) return;
    isTelling = true;
    // After the drawing that discovered it: a listener may draw again.
    queueMicrotask(() => {
      isTelling = false;
      for (const listener of listeners) listener();
    });
  }
  store.subscribe(() => change({}));

  return {
    timeline(view, width) {
      const asked = { from: view.from - shiftMillis, to: view.to - shiftMillis };
      const { timeline, isLoading, failure } = store.draw(asked, width);
      const [firstMillis] = timeline.lengthMillis;
      const bucketSeconds = firstMillis === undefined ? status.bucketSeconds : firstMillis / 1000;
      const isNew =
        isLoading !== status.isLoading || failure !== status.failure || bucketSeconds !== status.bucketSeconds;
      if (isNew) change({ isLoading, failure, bucketSeconds });
      return shifted(timeline, shiftMillis);
    },
    absences(timeline, view) {
      const { pauses, gaps, firstAt, toleranceMillis } = times();
      // While requests are in progress, missing data may still come.
      if (status.isLoading || status.failure !== undefined || firstAt === undefined) return [];
      const known: TimeRange = { from: Math.max(view.from, firstAt), to: Math.min(view.to, now() - toleranceMillis) };
      return known.from >= known.to ? [] : absencesIn(timeline, { pauses, gaps, known });
    },
    lossMarks: (timeline) =>
      lossMarks(
        timeline,
        shiftMillis === 0
          ? times().outages
          : times().outages.map(({ from, to }) => ({
              from: from + shiftMillis,
              to: to === undefined ? undefined : to + shiftMillis,
            })),
      ),
    get status() {
      return status;
    },
    retry: () => store.retry(),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    touch: () => change({}),
    refresh: () => store.refresh(),
    [Symbol.dispose]: () => {
      store[Symbol.dispose]();
      listeners.clear();
    },
  };
}
