import type { EventType, NewEvent, TargetEvent } from '../../core/event/event.ts';
import type { EpochMillis, SeriesKey, TargetId } from '../../core/ids.ts';
import type { NewTrace, StoredTrace } from '../../core/path/path.ts';
import type { NewTarget, Target, TargetChange } from '../../core/target/target.ts';
import type { Accounts } from './account.ts';
import type { OutageFilter, StateRow, StoredOutage } from './outages.ts';

export interface TargetEdit {
  readonly id: TargetId;
  readonly change: TargetChange;
  readonly events: readonly NewEvent[];
}

/** Which events of a target are wanted. */
export interface EventFilter {
  readonly types?: readonly EventType[];
  /** Only events with a lower id. */
  readonly beforeId?: number;
}

/** Everything that is a row of its own: targets, events, outages, traces, accounts. */
export interface RecordStorage extends Accounts {
  // targets: each change and its events are one commit
  listTargets(): Promise<readonly Target[]>;
  /** Most recently deleted first. */
  listDeletedTargets(): Promise<readonly Target[]>;
  /** Deleted ones too; `undefined` for an id that never existed or has been purged. */
  findTarget(id: TargetId): Promise<Target | undefined>;
  /**
   * Adds targets; one whose key (`targetKey`) belongs to a deleted target restores that one (same id, history, new settings).
   * Throws a Problem `target-exists` when a key is in use; then nothing is added. `eventFor` texts become `start` events.
   */
  addTargets(targets: readonly NewTarget[], createdAt: EpochMillis, eventMessage: string): Promise<readonly Target[]>;
  /**
   * `undefined` if there is no such target, or it is deleted and the change does not include `deletedAt`. Throws a Problem
   * `target-exists` when it would become what another one is.
   */
  changeTarget(id: TargetId, change: TargetChange, events: readonly NewEvent[]): Promise<Target | undefined>;
  /** Many changes as one commit; targets for which `changeTarget` returns `undefined` are left out. */
  changeTargets(edits: readonly TargetEdit[]): Promise<readonly Target[]>;
  deleteTarget(id: TargetId, deletedAt: EpochMillis, events: readonly NewEvent[]): Promise<boolean>;
  /** Erases a target with its results, rollups and events, for good. */
  purgeTarget(id: TargetId): Promise<boolean>;

  // events
  addEvents(events: readonly NewEvent[]): Promise<void>;
  /** Newest first. */
  listEvents(id: TargetId, limit: number, filter?: EventFilter): Promise<readonly TargetEvent[]>;

  // outages and states: events and commits write them
  listOutages(id: TargetId, filter: OutageFilter): Promise<readonly StoredOutage[]>;
  /** From history that came in another way, such as an import; one that begins at the same time stays as it is. */
  addOutages(outages: readonly StoredOutage[]): Promise<void>;
  /** The last state of each target that has one. */
  listStates(): Promise<readonly StateRow[]>;

  // traces
  /** One commit together with its events; `undefined` if the target was purged meanwhile. */
  addTrace(trace: NewTrace, events: readonly NewEvent[]): Promise<StoredTrace | undefined>;
  /** Newest first; `beforeId`: only traces with a lower id. */
  listTraces(key: SeriesKey, limit: number, beforeId?: number): Promise<readonly StoredTrace[]>;
  /** The latest trace of each target, if it has more hops than `plainPathHops`. */
  listLongTraces(): Promise<readonly StoredTrace[]>;
  findTrace(id: TargetId, traceId: number): Promise<StoredTrace | undefined>;
}
