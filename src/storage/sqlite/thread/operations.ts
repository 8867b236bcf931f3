import type { NewEvent, TargetEvent } from '../../../core/event/event.ts';
import type { EpochMillis, SeriesKey, TargetId, VantageId } from '../../../core/ids.ts';
import type { NewTrace, StoredTrace } from '../../../core/path/path.ts';
import type { ResultBatch, ResultRow } from '../../../core/result/probe-result.ts';
import type { NewTarget, Target, TargetChange } from '../../../core/target/target.ts';
import type { FleetRow, WindowQuery, WindowSummary } from '../../../core/history/window.ts';
import type {
  BackfillOptions,
  BackfillOutcome,
  Commit,
  EventFilter,
  FleetQuery,
  MaintenanceOutcome,
  Retention,
  StoredDamage,
  TargetEdit,
} from '../../port.ts';
import type { Outage } from '../../../core/outage/outage.ts';
import type { Series } from '../../../core/result/series.ts';
import type {
  Import,
  ImportChange,
  ImportFilter,
  ImportOutcome,
  NewImport,
  PackedHour,
  PackedHourPlace,
} from '../../records/imports.ts';
import type { ImportRequest } from '../write/import-results.ts';
import type { OutageFilter, OutagePlace, StateRow, StoredOutage } from '../../records/outages.ts';
import type { ApiToken, AuditEntry, AuditFilter, NewApiToken, NewAuditEntry, User } from '../../records/account.ts';
import type { Inventory, RollupPage } from '../../move/transfer.ts';
import type { ResultPage } from '../read/read-results.ts';

export interface ImportedHour {
  readonly hourAt: EpochMillis;
  readonly rows: Series;
}

interface Stretch {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

export interface FileHealth {
  readonly sizeBytes: number;
  readonly schemaVersion: number;
  readonly unsealedResults: number;
  readonly damages: readonly StoredDamage[];
}

/** What the storage thread can be asked; each request is completed before the next begins. */
export interface Operations {
  listTargets(): readonly Target[];
  listDeletedTargets(): readonly Target[];
  findTarget(id: TargetId): Target | undefined;
  addTargets(targets: readonly NewTarget[], createdAt: EpochMillis, eventMessage: string): readonly Target[];
  changeTarget(id: TargetId, change: TargetChange, events: readonly NewEvent[]): Target | undefined;
  changeTargets(edits: readonly TargetEdit[]): readonly Target[];
  deleteTarget(id: TargetId, deletedAt: EpochMillis, events: readonly NewEvent[]): boolean;
  purgeTarget(id: TargetId): boolean;
  /** All of them in one transaction. */
  append(...commits: Commit[]): void;
  backfill(batch: ResultBatch, options: BackfillOptions, now: EpochMillis, retention: Retention): BackfillOutcome;
  addImport(added: NewImport): Import;
  importResults(request: ImportRequest): ImportOutcome;
  changeImport(id: number, change: ImportChange): Import | undefined;
  findImport(id: number): Import | undefined;
  listImports(filter: ImportFilter): readonly Import[];
  listOpenImports(): readonly Import[];
  listImportsAfter(afterId: number, limit: number): readonly Import[];
  putImports(imports: readonly Import[]): void;
  readPackedHours(after: PackedHourPlace, limit: number): readonly PackedHour[];
  putPackedHours(hours: readonly PackedHour[]): void;
  undoSomeOfImport(id: number): boolean;
  readImportedHour(id: TargetId, from: EpochMillis, to: EpochMillis): ImportedHour | undefined;
  replaceImportedOutages(key: SeriesKey, stretch: Stretch, outages: readonly Outage[]): void;
  readLatestResults(key: SeriesKey, limit: number, before: EpochMillis | undefined): readonly ResultRow[];
  readResultPage(key: SeriesKey, from: EpochMillis, to: EpochMillis): ResultPage;
  readWindow(query: WindowQuery): WindowSummary;
  readFleet(query: FleetQuery): readonly FleetRow[];
  addEvents(events: readonly NewEvent[]): void;
  listEvents(id: TargetId, limit: number, filter: EventFilter | undefined): readonly TargetEvent[];
  listOutages(id: TargetId, filter: OutageFilter): readonly StoredOutage[];
  listOutagesAfter(after: OutagePlace, limit: number): readonly StoredOutage[];
  putOutages(outages: readonly StoredOutage[]): void;
  listStates(): readonly StateRow[];
  addTrace(trace: NewTrace, events: readonly NewEvent[]): StoredTrace | undefined;
  listTraces(key: SeriesKey, limit: number, beforeId: number | undefined): readonly StoredTrace[];
  listLongTraces(): readonly StoredTrace[];
  findTrace(id: TargetId, traceId: number): StoredTrace | undefined;
  listUsers(): readonly User[];
  findUser(username: string): User | undefined;
  saveUser(user: Omit<User, 'id'>): void;
  deleteUser(username: string): boolean;
  listApiTokens(): readonly ApiToken[];
  addApiToken(token: NewApiToken): ApiToken | undefined;
  noteApiTokenUse(id: number, at: EpochMillis): void;
  deleteApiToken(id: number): boolean;
  addAuditEntries(entries: readonly NewAuditEntry[]): void;
  listAuditEntries(limit: number, filter: AuditFilter | undefined): readonly AuditEntry[];
  maintain(now: EpochMillis, retention: Retention): MaintenanceOutcome;
  listVantages(): readonly VantageId[];
  readInventory(): Inventory;
  writeInventory(inventory: Inventory): void;
  readEventPage(afterId: number, limit: number): readonly TargetEvent[];
  writeEvents(events: readonly TargetEvent[]): void;
  readTracePage(afterId: number, limit: number): readonly StoredTrace[];
  writeTraces(traces: readonly StoredTrace[]): void;
  readAuditPage(afterId: number, limit: number): readonly AuditEntry[];
  putAuditEntries(entries: readonly AuditEntry[]): void;
  /** A block of the rollup codec. */
  readRollupPage(page: RollupPage): Uint8Array;
  writeRollupPage(key: SeriesKey, resolution: '1m' | '1h', packed: Uint8Array): void;
  health(): FileHealth;
  close(): void;
}

export type OperationName = keyof Operations;
