import type { FleetTarget, LiveResult, LiveStateShape } from '../../../contract/fleet.ts';
import type { TargetState } from '../../../core/outage/target-state.ts';
import { type Spark, createSpark } from './spark.ts';

/** One target as it is now: what the server said, updated by its live results and states. */
export interface FleetEntry {
  readonly target: FleetTarget;
  readonly state: TargetState;
  readonly reason: FleetTarget['reason'];
  /** Epoch milliseconds; `undefined` if unknown. */
  readonly since: number | undefined;
  readonly lastAt: number | undefined;
  /** `undefined` if the last probe was lost. */
  readonly lastMillis: number | undefined;
  readonly hops: number | undefined;
  readonly spark: Spark;
}

interface Entry {
  target: FleetTarget;
  state: TargetState;
  reason: FleetTarget['reason'];
  since: number | undefined;
  lastAt: number | undefined;
  lastMillis: number | undefined;
  hops: number | undefined;
  spark: Spark;
  version: number;
  readonly listeners: Set<() => void>;
}

export interface FleetStore {
  load(targets: readonly FleetTarget[], time: string): void;
  take(results: readonly LiveResult[]): void;
  takeStates(states: readonly LiveStateShape[]): void;
  entry(id: number): FleetEntry | undefined;
  /** Increases with each change of a target. */
  versionOf(id: number): number;
  subscribe(id: number, listener: () => void): () => void;
  /** Increases when a target changes its state, is added or is removed: order and counts are then out of date. */
  readonly stateVersion: number;
  subscribeToStates(listener: () => void): () => void;
}

// A wall display shows hundreds of rows: redrawing all of them at once would block everything else. A new answer of the server
// redraws every figure of a row, a result only a few.
const rowsAtOnce = { answer: 20, results: 60 };
const pauseMillis = 50;

export function createFleetStore(): FleetStore {
  const entries = new Map<number, Entry>();
  const stateListeners = new Set<() => void>();
  /** What the stream said last of each target: an answer that was made before does not include it. */
  const heard = new Map<number, LiveStateShape>();
  let stateVersion = 0;

  function announceStates(): void {
    stateVersion++;
    for (const listener of stateListeners) listener();
  }

  function tell(ids: readonly number[], atOnce: number): void {
    for (const id of ids.slice(0, atOnce)) for (const listener of entries.get(id)?.listeners ?? []) listener();
    if (ids.length > atOnce) setTimeout(() => tell(ids.slice(atOnce), atOnce), pauseMillis);
  }

  return {
    load(targets, time) {
      const now = Date.parse(time);
      const present = new Set(targets.map(({ id }) => id));
      for (const id of entries.keys()) if (!present.has(id)) entries.delete(id);
      for (const target of targets) {
        const known = entries.get(target.id);
        const fresh = entryFrom(target, now, known?.listeners ?? new Set());
        fresh.version = (known?.version ?? 0) + 1;
        // The stream may be a moment ahead of the data for this answer.
        if (known?.lastAt !== undefined && known.lastAt > (fresh.lastAt ?? 0)) {
          [fresh.lastAt, fresh.lastMillis, fresh.hops] = [known.lastAt, known.lastMillis, known.hops];
        }
        const last = heard.get(target.id);
        if (last !== undefined && Date.parse(last.time) > now) setState(fresh, last);
        else heard.delete(target.id);
        entries.set(target.id, fresh);
      }
      announceStates();
      // After the screen itself has been drawn.
      setTimeout(() => tell([...entries.keys()], rowsAtOnce.answer));
    },
    take(results) {
      const touched = new Set<number>();
      for (const { target_id: id, time, latency_ms: latency, hops } of results) {
        const entry = entries.get(id);
        if (entry === undefined) continue;
        const at = Date.parse(time);
        touched.add(id);
        entry.version++;
        entry.spark.add(at, latency ?? undefined);
        if (entry.lastAt === undefined || at >= entry.lastAt) {
          [entry.lastAt, entry.lastMillis] = [at, latency ?? undefined];
          entry.hops = hops ?? entry.hops;
        }
      }
      tell([...touched], rowsAtOnce.results);
    },
    takeStates(states) {
      const touched: number[] = [];
      for (const shape of states) {
        const { target_id: id } = shape;
        heard.set(id, shape);
        const entry = entries.get(id);
        if (entry === undefined) continue;
        touched.push(id);
        entry.version++;
        setState(entry, shape);
      }
      tell(touched, rowsAtOnce.results);
      if (touched.length > 0) announceStates();
    },
    entry: (id) => entries.get(id),
    versionOf: (id) => entries.get(id)?.version ?? 0,
    subscribe(id, listener) {
      const listeners = entries.get(id)?.listeners;
      listeners?.add(listener);
      return () => listeners?.delete(listener);
    },
    get stateVersion() {
      return stateVersion;
    },
    subscribeToStates(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
  };
}

function entryFrom(target: FleetTarget, now: number, listeners: Set<() => void>): Entry {
  return {
    ...{ target, state: target.state, reason: target.reason, since: timeOf(target.state_since), listeners, version: 0 },
    lastAt: target.last_time === null ? undefined : Date.parse(target.last_time),
    lastMillis: target.last_latency_ms ?? undefined,
    hops: target.last_hops ?? undefined,
    spark: createSpark(target.spark_latency_ms, target.spark_loss_rate, {
      end: now,
      intervalMillis: target.frequency * 1000,
    }),
  };
}

function setState(entry: Entry, { state, state_since: since, reason }: LiveStateShape): void {
  [entry.state, entry.since, entry.reason] = [state, timeOf(since), reason];
}

function timeOf(instant: string | null): number | undefined {
  return instant === null ? undefined : Date.parse(instant);
}
