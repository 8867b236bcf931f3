import type { EpochMillis } from '../../core/ids.ts';
import type { Connections } from './connection/connection.ts';
import type { TargetList } from './records/target-list.ts';
import type { RecentVantages } from './rollups/recent-vantages.ts';
import type { State } from './rollups/state.ts';
import type { RollupTables } from './tables/rollup-tables.ts';

/** What an open database is worked on with; each part takes those that it uses. */
export interface Dependencies {
  readonly connections: Connections;
  readonly state: State;
  readonly tables: RollupTables;
  readonly now: () => EpochMillis;
  /** A minute is rolled up so long after its end: nearly all of its results are there then. */
  readonly settleMillis: number;
  readonly recent: RecentVantages;
  readonly targetList: TargetList;
  /** Commits, one after the other, and what must see none of them half way. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}
