import type { TargetEvent } from '../../core/event/event.ts';
import type { EpochMillis, SeriesKey, VantageId } from '../../core/ids.ts';
import type { StoredTrace } from '../../core/path/path.ts';
import type { Rollup } from '../../core/history/rollup.ts';
import type { Target } from '../../core/target/target.ts';
import type { Resolution } from '../../core/history/window.ts';
import type { Import, PackedHour, PackedHourPlace } from '../records/imports.ts';
import type { OutagePlace, StateRow, StoredOutage } from '../records/outages.ts';
import type { ApiToken, AuditEntry, User } from '../records/account.ts';

/** Everything but the results, rollups and events. */
export interface Inventory {
  /** Deleted ones too, by id. */
  readonly targets: readonly Target[];
  readonly users: readonly User[];
  readonly apiTokens: readonly ApiToken[];
  readonly states: readonly StateRow[];
  /** Below these times a resolution's data have been deleted. */
  readonly floors: Readonly<Record<Resolution, EpochMillis>>;
  /** The last commit of each writer. */
  readonly sources: readonly { readonly source: string; readonly sequence: number }[];
  /** The highest id that a target ever had: ids are never reused. */
  readonly lastTargetId: number;
}

export interface RollupPage {
  readonly key: SeriesKey;
  readonly resolution: '1m' | '1h';
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  /** At least 2. */
  readonly limit: number;
}

/** Reading and writing everything as it is, to move to another database. Writing again changes nothing. */
export interface Transfer {
  /** The vantage points from which anything was seen, ascending. */
  listVantages(): Promise<readonly VantageId[]>;
  readInventory(): Promise<Inventory>;
  /** Adds what is missing and overwrites what exists under the same id; floors and sequences never decrease. */
  writeInventory(inventory: Inventory): Promise<void>;
  /** Of all targets, by id from the one after `afterId`. */
  readEvents(afterId: number, limit: number): Promise<readonly TargetEvent[]>;
  /** Under their ids; existing ones are left alone. */
  writeEvents(events: readonly TargetEvent[]): Promise<void>;
  /** Of all targets, from the one after a position on. */
  readOutages(after: OutagePlace, limit: number): Promise<readonly StoredOutage[]>;
  /** Those that begin at the same time as an existing one are left alone. */
  writeOutages(outages: readonly StoredOutage[]): Promise<void>;
  /** As for events. */
  readImports(afterId: number, limit: number): Promise<readonly Import[]>;
  writeImports(imports: readonly Import[]): Promise<void>;
  /** What imports are undone by, from the one after a position on. */
  readImportHours(after: PackedHourPlace, limit: number): Promise<readonly PackedHour[]>;
  /** Existing ones are left alone. */
  writeImportHours(hours: readonly PackedHour[]): Promise<void>;
  /** As for events. */
  readTraces(afterId: number, limit: number): Promise<readonly StoredTrace[]>;
  writeTraces(traces: readonly StoredTrace[]): Promise<void>;
  /** As for events. */
  readAuditEntries(afterId: number, limit: number): Promise<readonly AuditEntry[]>;
  writeAuditEntries(entries: readonly AuditEntry[]): Promise<void>;
  /** The first rollups of a stretch, ascending, at most `limit`; none when there are no more. */
  readRollups(page: RollupPage): Promise<readonly Rollup[]>;
  /** For times below the raw floor: whole hours, which replace the previous contents of the same hours. */
  writeRollups(key: SeriesKey, resolution: '1m' | '1h', rollups: readonly Rollup[]): Promise<void>;
}
