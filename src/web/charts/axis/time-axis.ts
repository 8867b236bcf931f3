import type { TimeRange } from './time-steps.ts';

export const shortestRange = 60_000;
/** Five years with their leap days: the longest window that the server answers. */
export const longestRange = 1827 * 86_400_000;

/** What is in view, shared by all charts of a screen. Times are epoch milliseconds. */
export interface TimeAxis {
  readonly view: TimeRange;
  /** The view's end follows the clock. */
  readonly isLive: boolean;
  /** Where the reader points, in all charts at once. */
  readonly cursor: number | undefined;
  readonly bounds: TimeRange;
  set(view: TimeRange, isLive?: boolean): void;
  pan(millis: number): void;
  /** `factor` below 1 zooms in; what is at `at` stays where it is. */
  zoom(factor: number, at?: number): void;
  point(at: number | undefined): void;
  /** The available range; the view moves with its end while it is live. */
  setBounds(bounds: TimeRange): void;
  readonly subscribe: (listener: () => void) => () => void;
}

/** The nearest range that can be shown: within the allowed lengths, and inside the bounds if it fits. */
export function clampRange({ from, to }: TimeRange, bounds: TimeRange): TimeRange {
  const length = Math.min(Math.max(to - from, shortestRange), longestRange);
  const middle = (from + to) / 2;
  const start = to - from === length ? from : middle - length / 2;
  if (length >= bounds.to - bounds.from) return { from: bounds.to - length, to: bounds.to };
  const moved = Math.min(Math.max(start, bounds.from), bounds.to - length);
  return { from: moved, to: moved + length };
}

export function zoomRange({ from, to }: TimeRange, factor: number, at = (from + to) / 2): TimeRange {
  const length = Math.min(Math.max((to - from) * factor, shortestRange), longestRange);
  const share = (at - from) / (to - from);
  return { from: at - share * length, to: at + (1 - share) * length };
}

export function createTimeAxis(initial: { readonly view: TimeRange; readonly isLive: boolean }): TimeAxis {
  let { view, isLive } = initial;
  let cursor: number | undefined;
  let bounds: TimeRange = { from: view.to - longestRange, to: view.to };
  const listeners = new Set<() => void>();

  function change(next: TimeRange, live: boolean): void {
    const clamped = clampRange(next, bounds);
    if (clamped.from === view.from && clamped.to === view.to && live === isLive) return;
    view = clamped;
    isLive = live;
    tell();
  }
  function tell(): void {
    for (const listener of listeners) listener();
  }
  /** A view that is moved to the end of time follows it. */
  const reachesEnd = (range: TimeRange): boolean => range.to >= bounds.to;

  return {
    get view() {
      return view;
    },
    get isLive() {
      return isLive;
    },
    get cursor() {
      return cursor;
    },
    get bounds() {
      return bounds;
    },
    set: (next, live = false) => change(next, live),
    pan: (millis) => {
      const next = { from: view.from + millis, to: view.to + millis };
      change(next, reachesEnd(next));
    },
    zoom: (factor, at) => {
      const next = zoomRange(view, factor, isLive && at === undefined ? view.to : at);
      change(next, reachesEnd(next));
    },
    point: (at) => {
      if (at === cursor) return;
      cursor = at;
      tell();
    },
    setBounds: (next) => {
      bounds = next;
      const length = view.to - view.from;
      if (isLive) change({ from: next.to - length, to: next.to }, true);
      else change(view, false);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
