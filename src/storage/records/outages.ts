import type { EpochMillis, TargetId, VantageId } from '../../core/ids.ts';
import type { StoredState } from '../../core/outage/live-state.ts';
import type { Outage } from '../../core/outage/outage.ts';

export interface StoredOutage extends Outage {
  readonly targetId: TargetId;
  readonly vantage: VantageId;
  /** Found in imported history; absent if it was observed live. */
  readonly isImported?: true;
}

/** Outages that overlap from <= time < to, newest first. */
export interface OutageFilter {
  readonly vantage: VantageId;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  readonly limit: number;
  /** Only those that began before: the start of the last one leads to the next page. */
  readonly before?: EpochMillis | undefined;
}

/** A target's state as its results left it at one vantage point, or a command left it everywhere. */
export interface StateRow extends StoredState {
  readonly targetId: TargetId;
  /** Null: at all of them, until they have seen something since. */
  readonly vantage: VantageId | null;
}

/** A position in the order of all outages: by target, vantage point and start. */
export type OutagePlace = Pick<StoredOutage, 'targetId' | 'vantage' | 'from'>;
