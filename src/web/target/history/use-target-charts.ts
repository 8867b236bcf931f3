import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { LiveStateShape } from '../../../contract/fleet.ts';
import { type Insights, showInsights } from '../../../contract/history/insights.ts';
import { listOutages, type OutageReport } from '../../../contract/history/outages.ts';
import type { TargetShape } from '../../../contract/targets/targets.ts';
import { api } from '../../api.ts';
import { serverClock, serverNow } from '../../clock/clock.ts';
import { live } from '../../live/live.ts';
import { createLiveResults } from '../../charts/data/live-results.ts';
import type { OpenStretch } from '../../charts/data/timeline.ts';
import { createTimeAxis, longestRange, type TimeAxis } from '../../charts/axis/time-axis.ts';
import { presetOf, searchOf, type Selection, selectionOf } from './range.ts';
import { useSearchValues } from './use-search-values.ts';
import { createTargetSource, type TargetSource, type TargetTimes } from './target-source.ts';

const dayMillis = 86_400_000;

/** The axis of a screen: starts with what the address says and keeps the address up to date. */
export function useTimeAxis(): TimeAxis {
  const [search, setSearch] = useSearchValues();
  const [axis] = useState(() => createTimeAxis(selectionOf(search, serverNow())));
  const { range, from, to } = search;
  /** What the address says, or is about to: what came from it is not written back as another step. */
  const written = useRef<string>(undefined);

  useEffect(() => {
    // The address was changed from outside: by the back button or a link.
    const said = searchOf({ view: axis.view, isLive: axis.isLive });
    if (range === undefined && from === undefined && axis.isLive && presetOf(axis) === '1h') return;
    if (said['range'] === range && said['from'] === from && said['to'] === to) return;
    const { view, isLive } = selectionOf({ range, from, to }, axis.bounds.to);
    axis.set(view, isLive);
    written.current = JSON.stringify(searchOf(axis));
  }, [axis, range, from, to]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    written.current ??= JSON.stringify(searchOf(axis));
    const write = (): void => {
      const next = searchOf(axis);
      const text = JSON.stringify(next);
      if (text === written.current) return;
      written.current = text;
      // Back undoes a zoom.
      setSearch(next, true);
    };
    const end = axis.subscribe(() => {
      clearTimeout(timer);
      timer = setTimeout(write, 300);
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [axis, setSearch]);
  return axis;
}

/** Lets time pass: the end of the axis follows the clock, no more often than a pixel would show. */
export function useClock(axis: TimeAxis, firstAt: number | undefined): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tick = (): void => {
      const to = serverNow();
      const from = Math.min(firstAt ?? to - longestRange, to - 15 * 60_000);
      axis.setBounds({ from, to });
      const { view } = axis;
      const wait = Math.min(slowestPace, Math.max(500, (view.to - view.from) / 3600));
      timer = setTimeout(tick, wait);
    };
    tick();
    return () => clearTimeout(timer);
  }, [axis, firstAt]);
}

/** The selection once it is stable: data for it is requested once, not for each frame of a gesture. */
export function useRestingSelection(axis: TimeAxis): Selection {
  const [resting, setResting] = useState<Selection>(() => ({ view: axis.view, isLive: axis.isLive }));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = { view: axis.view, isLive: axis.isLive };
    let changedAt = 0;
    const end = axis.subscribe(() => {
      const next = { view: axis.view, isLive: axis.isLive };
      if (next.view === last.view && next.isLive === last.isLive) return;
      const isPassing = next.isLive && last.isLive && next.view.to - next.view.from === last.view.to - last.view.from;
      last = next;
      // While it only follows the clock, the figures follow in visible steps.
      const step = isPassing ? Math.max(2000, livePace(next.view.to - next.view.from)) : 0;
      const wait = isPassing ? Math.max(0, step - (serverNow() - changedAt)) : 220;
      clearTimeout(timer);
      timer = setTimeout(() => {
        changedAt = serverNow();
        setResting(last);
      }, wait);
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [axis]);
  return resting;
}

/** The time of a target's first result: the charts are empty before it. */
export function useFirstResult(target: TargetShape): number | undefined {
  const { data } = useQuery({
    queryKey: ['first-result', target.id],
    staleTime: Infinity,
    queryFn: async ({ signal }) => (await findFirst(target, signal)) ?? Date.parse(target.created_at),
  });
  return data;
}

async function findFirst(target: TargetShape, signal: AbortSignal): Promise<number | undefined> {
  const firstOf = async (from: number, to: number, bucketSeconds: number): Promise<number | undefined> => {
    const window = { start: new Date(from).toISOString(), end: new Date(to).toISOString() };
    const query = { ...window, bucket_seconds: bucketSeconds, columns: 'true' as const };
    const { timeline_columns: columns } = await api.call(showInsights, { params: { id: target.id }, query, signal });
    const [first] = columns?.bucket ?? [];
    return first === undefined ? undefined : first * 1000;
  };
  const now = serverNow();
  const day = await firstOf(now - longestRange, now, 86_400);
  if (day === undefined) return undefined;
  const minute = await firstOf(day, Math.min(now, day + dayMillis), 60);
  if (minute === undefined) return day;
  // The part of its minute before it is not an absence.
  return (await firstOf(minute, minute + 60_000, 1)) ?? minute;
}

/** All stored outages, pauses and gaps of a target. */
export const statusLogQuery = (targetId: number) =>
  queryOptions({
    queryKey: ['outages', targetId],
    queryFn: ({ signal }) =>
      api.call(listOutages, { params: { id: targetId }, query: { start: '1970-01-01T00:00:00Z' }, signal }),
  });

export function useStatusLog(targetId: number): UseQueryResult<OutageReport> {
  return useQuery(statusLogQuery(targetId));
}

const slowestPace = 5000;

/** How often data that follows the clock is requested: every second at a quarter of an hour, every two at an hour. */
function livePace(rangeMillis: number): number {
  return rangeMillis > dayMillis ? 2 * slowestPace : Math.min(slowestPace, Math.max(1000, rangeMillis / 1800));
}

/** Figures of a selection, with the distribution of the round trips. */
export function useFigures(targetId: number, { view, isLive }: Selection): UseQueryResult<Insights> {
  const length = view.to - view.from;
  return useQuery<Insights>({
    // While it follows the clock, it is one query that is repeated: a slow answer is waited for.
    queryKey: ['figures', targetId, ...(isLive ? ['live', length] : [view.from, view.to])],
    gcTime: 30_000,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (isLive ? (state.status === 'error' ? slowestPace : livePace(length)) : false),
    queryFn: ({ signal }) => {
      const to = isLive ? serverNow() : view.to;
      const window = { start: new Date(to - length).toISOString(), end: new Date(to).toISOString() };
      const query = { ...window, bucket_seconds: 86_400, columns: 'true' as const, histogram: 'true' as const };
      return api.call(showInsights, { params: { id: targetId }, query, signal });
    },
  });
}

export interface TargetSources {
  readonly main: TargetSource;
  readonly overview: TargetSource;
}

export interface TargetListener {
  readonly onChange: () => void;
  readonly onState: (state: LiveStateShape) => void;
}

/** The timeline of a target for the large chart and for the overview, updated by the stream. */
export function useTargetSources(
  target: TargetShape,
  { log, firstAt }: { readonly log: OutageReport | undefined; readonly firstAt: number | undefined },
  { onChange, onState }: TargetListener,
): TargetSources {
  const latest = useRef({ target, log, firstAt, onChange, onState });
  const sources = useMemo(() => {
    const recent = createLiveResults(Number.POSITIVE_INFINITY, () => latest.current.target.frequency * 1000);
    const times = (): TargetTimes => timesOf(latest.current);
    const shared = { client: api, targetId: target.id, now: serverNow, times };
    return { recent, main: createTargetSource({ ...shared, live: recent }), overview: createTargetSource(shared) };
  }, [target.id]);

  useEffect(() => {
    latest.current = { target, log, firstAt, onChange, onState };
    sources.main.touch();
    sources.overview.touch();
  }, [sources, target, log, firstAt, onChange, onState]);

  useEffect(
    () =>
      live.listen({
        targets: [target.id],
        onResults: (results) => {
          const own = results.filter((result) => result.target_id === target.id);
          if (own.length === 0) return;
          sources.recent.add(own.map(({ time, latency_ms: latencyMs }) => ({ at: Date.parse(time), latencyMs })));
          sources.main.touch();
        },
        onEvent: (event) => {
          if (event.target_id !== target.id) return;
          latest.current.onChange();
        },
        onStates: (states) => {
          for (const state of states) if (state.target_id === target.id) latest.current.onState(state);
        },
        onOpened: () => {
          sources.recent.restart(serverClock.nowAtMost());
          sources.main.refresh();
          latest.current.onChange();
        },
      }),
    [sources, target.id],
  );
  return sources;
}

interface TimesParts {
  readonly target: TargetShape;
  readonly log: OutageReport | undefined;
  readonly firstAt: number | undefined;
}

const commitMillis = 3000;

/** Stretches of the API, in epoch milliseconds. */
export function stretchesOf(
  entries: readonly { readonly start: string; readonly end: string | null }[] | undefined,
): readonly OpenStretch[] {
  return (entries ?? []).map(({ start, end }) => ({
    from: Date.parse(start),
    to: end === null ? undefined : Date.parse(end),
  }));
}

function timesOf({ target, log, firstAt }: TimesParts): TargetTimes {
  return {
    pauses: stretchesOf(log?.pauses),
    gaps: stretchesOf(log?.gaps),
    outages: stretchesOf(log?.outages),
    intervalMillis: target.frequency * 1000,
    firstAt: log === undefined ? undefined : firstAt,
    // A result arrives after its interval, its timeout and the next commit. Where nothing is probed nothing is missing.
    toleranceMillis: target.is_synthetic ? Number.POSITIVE_INFINITY : target.frequency * 1000 + commitMillis,
  };
}
