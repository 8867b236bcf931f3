import type { EpochMillis } from '../../core/ids.ts';
import type { Connections } from './connection/connection.ts';
import type { TargetList } from './records/target-list.ts';
import type { RecentVantages } from './rollups/recent-vantages.ts';
import type { State } from './rollups/state.ts';
import type { RollupTables } from './tables/rollup-tables.ts';

/** What the parts of an open database work with; each takes those that it uses. */
export interface Dependencies {
  readonly connections: Connections;
  readonly state: State;
  readonly tables: RollupTables;
  readonly now: () => EpochMillis;
  /** A minute is rolled up this long after its end: nearly all of its results have arrived then. */
  readonly settleMillis: number;
  readonly recent: RecentVantages;
  readonly targetList: TargetList;
  /** Serialises commits and whatever must not see a commit halfway. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}
