import type { LiveResults } from './live-results.ts';
import { type Step, steps, stepFor, type TileKey, tileRange, tilesOf, type TimeRange } from '../axis/time-steps.ts';
import { beginningWithin, emptyTimeline, joined, type Timeline, timelineOfRows, within } from './timeline.ts';

export interface TileAnswer {
  readonly timeline: Timeline;
  /** Up to here its buckets are final, in the server's time; later ones may still grow. */
  readonly completeUntil: number;
}

export type LoadTile = (step: Step, range: TimeRange, signal: AbortSignal) => Promise<TileAnswer>;

interface Tile extends TileAnswer {
  readonly key: TileKey;
  readonly loadedAt: number;
  readonly usedAt: number;
}

/** What can be drawn now, and its status. */
export interface Drawing {
  readonly timeline: Timeline;
  /** The bucket length that this view needs. */
  readonly step: Step;
  /** Parts of the view are drawn from coarser or finer buckets, or not at all, while a request is in progress. */
  readonly isLoading: boolean;
  readonly failure: Error | undefined;
}

export interface TileStore extends Disposable {
  /** What is known of a view, best first; requests what is missing and cancels what is no longer needed. */
  draw(view: TimeRange, width: number): Drawing;
  /** Called for every tile that arrived or failed. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Requests again what may have grown meanwhile; what is known stays until the answer. */
  refresh(): void;
  /** Retries what failed. */
  retry(): void;
}

export interface TileStoreOptions {
  readonly load: LoadTile;
  readonly now: () => number;
  readonly live?: LiveResults;
  /** Current seconds between two probes. */
  readonly intervalSeconds?: () => number;
}

const tilesMax = 96;
/** A view that was left this long ago can be requested again by the time anyone returns to it. */
const unusedMillis = 300_000;
const neighbours = 1;

export function createTileStore({ load, now, live, intervalSeconds }: TileStoreOptions): TileStore {
  const tiles = new Map<string, Tile>();
  const loading = new Map<string, { readonly abort: AbortController; readonly key: TileKey }>();
  const failures = new Map<string, Error>();
  const listeners = new Set<() => void>();

  const nameOf = ({ step, index }: TileKey): string => `${step}:${index}`;
  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  /** The last tile grows: it is requested again once per bucket, or every ten seconds if live results fill it. */
  function isStale({ key, completeUntil, loadedAt }: Tile): boolean {
    if (completeUntil >= tileRange(key).to) return false;
    return now() - loadedAt >= Math.max(10_000, key.step * 1000);
  }

  async function start(key: TileKey): Promise<void> {
    const name = nameOf(key);
    if (loading.has(name) || failures.has(name)) return;
    const range = tileRange(key);
    if (range.from >= now()) return;
    const abort = new AbortController();
    loading.set(name, { abort, key });
    try {
      const answer = await load(key.step, { from: range.from, to: Math.min(range.to, now()) }, abort.signal);
      tiles.set(name, { ...answer, key, loadedAt: now(), usedAt: now() });
      forgetOldest();
    } catch (error) {
      if (!abort.signal.aborted) failures.set(name, error instanceof Error ? error : new Error(String(error)));
    } finally {
      if (loading.get(name)?.abort === abort) loading.delete(name);
    }
    if (!abort.signal.aborted) tell();
  }

  function forgetOldest(): void {
    const oldest = [...tiles].toSorted(([, a], [, b]) => a.usedAt - b.usedAt);
    const tooMany = tiles.size - tilesMax;
    for (const [index, [name, { usedAt }]] of oldest.entries()) {
      if (index < tooMany || usedAt < now() - unusedMillis) tiles.delete(name);
    }
  }

  function cancelUnwanted(wanted: ReadonlySet<string>): void {
    for (const [name, { abort }] of loading) {
      if (wanted.has(name)) continue;
      abort.abort();
      loading.delete(name);
    }
  }

  /** What replaces a missing tile: the tiles of the nearest other step that have any of it. */
  function substitute(step: Step, range: TimeRange): Timeline {
    const at = steps.indexOf(step);
    const others = steps.filter((other) => other !== step);
    const nearestFirst = others.toSorted((a, b) => Math.abs(steps.indexOf(a) - at) - Math.abs(steps.indexOf(b) - at));
    for (const other of nearestFirst) {
      const known = [...tiles.values()].filter(({ key }) => {
        const tile = tileRange(key);
        return key.step === other && tile.from < range.to && tile.to > range.from;
      });
      const inOrder = known.toSorted((a, b) => a.key.index - b.key.index);
      const found = joined(inOrder.map(({ timeline }) => within(timeline, range)));
      if (found.length > 0) return found;
    }
    return emptyTimeline;
  }

  return {
    draw(view, width) {
      const step = stepFor(view, width, intervalSeconds?.());
      const keys = tilesOf(step, view);
      const [first, last] = [keys[0], keys.at(-1)];
      const around = [first, last].flatMap((key, side) =>
        key === undefined ? [] : [{ step, index: key.index + (side === 0 ? -neighbours : neighbours) }],
      );
      cancelUnwanted(new Set([...keys, ...around].map(nameOf)));
      let parts: Timeline[] = [];
      let isLoading = false;
      let failure: Error | undefined;
      for (const key of keys) {
        const name = nameOf(key);
        const range = tileRange(key);
        const tile = tiles.get(name);
        if (tile === undefined || isStale(tile)) void start(key);
        failure ??= failures.get(name);
        if (tile === undefined) isLoading ||= range.from < now() && !failures.has(name);
        else tiles.set(name, { ...tile, usedAt: now() });
        const wanted = { from: Math.max(range.from, view.from), to: Math.min(range.to, view.to) };
        const found = tile === undefined ? substitute(step, wanted) : within(tile.timeline, wanted);
        parts.push(found);
        if (tile !== undefined && tile.completeUntil < range.to) parts = [withLive(joined(parts), tile, view.to)];
      }
      // Neighbours after what is in view, for a later pan.
      if (!isLoading) for (const key of around) if (!tiles.has(nameOf(key))) void start(key);
      return { timeline: joined(parts), step, isLoading, failure };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    refresh() {
      for (const [name, tile] of tiles) {
        if (tile.completeUntil < tileRange(tile.key).to) tiles.set(name, { ...tile, loadedAt: 0 });
      }
      failures.clear();
      tell();
    },
    retry() {
      failures.clear();
      tell();
    },
    [Symbol.dispose]() {
      for (const { abort } of loading.values()) abort.abort();
      listeners.clear();
    },
  };

  /** From where a tile is no longer final, the live results are newer, if they go back that far. */
  function withLive(known: Timeline, tile: Tile, to: number): Timeline {
    if (live === undefined) return known;
    const bucketMillis = tile.key.step * 1000;
    // If only coarser buckets are kept, the live ones do not continue them.
    if (known.length > 0 && known.lengthMillis.at(-1) !== bucketMillis) return known;
    const firstLive = Math.max(Math.ceil(live.since / bucketMillis) * bucketMillis, tile.completeUntil);
    const liveRows = live.rows(firstLive, bucketMillis).filter(({ at }) => at < to);
    const before = beginningWithin(known, { from: Number.NEGATIVE_INFINITY, to: firstLive });
    return joined([before, timelineOfRows(liveRows)]);
  }
}
