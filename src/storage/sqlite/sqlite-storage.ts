import { messageOf } from '../../core/problem.ts';
import type { EpochMillis, SeriesKey, TargetId } from '../../core/ids.ts';
import type { ResultBatch } from '../../core/result/probe-result.ts';
import { rowsBetween, type Series } from '../../core/result/series.ts';
import { hourMillis } from '../../core/history/time-buckets.ts';
import type { Storage, StorageOptions } from '../port.ts';
import type { ImportedHour } from './thread/operations.ts';
import type { ResultPage } from './read/read-results.ts';
import { openBackup, removeLeftCopies } from './thread/backup.ts';
import { packRollups, unpackRollups } from './write/transfer.ts';
import { openWorkerLink, type WorkerLink } from './thread/worker-link.ts';

/** Measured on a day of 300 targets at one probe a second; `bench/store.ts` prints them. */
const diskCosts = { result: 1.6, minute: 19, hour: 80 };

/** Opens (and creates or migrates) the database in a thread of its own; the calling thread never waits for a disk. */
export async function openSqliteStorage(path: string, options: StorageOptions): Promise<Storage> {
  const link = await openWorkerLink(path, options.onNotice);
  await removeLeftCopies(path);
  return createSqliteStorage(path, link, options);
}

export function createSqliteStorage(path: string, link: WorkerLink, { now, retention }: StorageOptions): Storage {
  return {
    listTargets: () => link.call('listTargets', [], true),
    listDeletedTargets: () => link.call('listDeletedTargets', [], true),
    findTarget: (id) => link.call('findTarget', [id], true),
    addTargets: (targets, createdAt, message) => link.call('addTargets', [targets, createdAt, message], false),
    changeTarget: (id, change, events) => link.call('changeTarget', [id, change, events], false),
    changeTargets: (edits) => link.call('changeTargets', [edits], false),
    deleteTarget: (id, deletedAt, events) => link.call('deleteTarget', [id, deletedAt, events], false),
    purgeTarget: (id) => link.call('purgeTarget', [id], false),
    append: (...commits) =>
      link.call(
        'append',
        commits.map((commit) => ({ ...commit, results: trimmed(commit.results) })),
        true,
      ),
    backfill: (batch, backfillOptions) =>
      link.call('backfill', [trimmed(batch), backfillOptions, now(), retention], true),
    imports: {
      add: (added) => link.call('addImport', [added], false),
      store: (id, targetId, batch, progress) =>
        link.call('importResults', [{ id, targetId, batch: trimmed(batch), progress, now: now(), retention }], false),
      change: (id, change) => link.call('changeImport', [id, change], true),
      find: (id) => link.call('findImport', [id], true),
      list: (filter) => link.call('listImports', [filter], true),
      listOpen: () => link.call('listOpenImports', [], true),
      undoSome: (id) => link.call('undoSomeOfImport', [id], false),
      stream: (id, from, to) => streamImported(link, id, { from, to }),
      replaceOutages: (key, stretch, outages) => link.call('replaceImportedOutages', [key, stretch, outages], true),
    },
    readLatestResults: (key, limit, before) => link.call('readLatestResults', [key, limit, before], true),
    streamResults: (key, from, to) => streamPages(link, key, { from, to }),
    readWindow: (query) => link.call('readWindow', [query], true),
    readFleet: (query) => link.call('readFleet', [query], true),
    addEvents: (events) => link.call('addEvents', [events], false),
    listEvents: (id, limit, filter) => link.call('listEvents', [id, limit, filter], true),
    listOutages: (id, filter) => link.call('listOutages', [id, filter], true),
    addOutages: (outages) => link.call('putOutages', [outages], true),
    listStates: () => link.call('listStates', [], true),
    addTrace: (trace, events) => link.call('addTrace', [trace, events], false),
    listTraces: (key, limit, beforeId) => link.call('listTraces', [key, limit, beforeId], true),
    listLongTraces: () => link.call('listLongTraces', [], true),
    findTrace: (id, traceId) => link.call('findTrace', [id, traceId], true),
    listUsers: () => link.call('listUsers', [], true),
    findUser: (username) => link.call('findUser', [username], true),
    saveUser: (user) => link.call('saveUser', [user], true),
    deleteUser: (username) => link.call('deleteUser', [username], false),
    listApiTokens: () => link.call('listApiTokens', [], true),
    addApiToken: (token) => link.call('addApiToken', [token], false),
    noteApiTokenUse: (id, at) => link.call('noteApiTokenUse', [id, at], true),
    deleteApiToken: (id) => link.call('deleteApiToken', [id], false),
    addAuditEntries: (entries) => link.call('addAuditEntries', [entries], false),
    listAuditEntries: (limit, filter) => link.call('listAuditEntries', [limit, filter], true),
    maintain: (at, maintenanceRetention) => link.call('maintain', [at, maintenanceRetention], true),
    transfer: {
      listVantages: () => link.call('listVantages', [], true),
      readInventory: () => link.call('readInventory', [], true),
      writeInventory: (inventory) => link.call('writeInventory', [inventory], true),
      readEvents: (afterId, limit) => link.call('readEventPage', [afterId, limit], true),
      writeEvents: (events) => link.call('writeEvents', [events], true),
      readOutages: (after, limit) => link.call('listOutagesAfter', [after, limit], true),
      writeOutages: (outages) => link.call('putOutages', [outages], true),
      readImports: (afterId, limit) => link.call('listImportsAfter', [afterId, limit], true),
      writeImports: (imports) => link.call('putImports', [imports], true),
      readImportHours: (after, limit) => link.call('readPackedHours', [after, limit], true),
      writeImportHours: (hours) => link.call('putPackedHours', [hours], true),
      readTraces: (afterId, limit) => link.call('readTracePage', [afterId, limit], true),
      writeTraces: (traces) => link.call('writeTraces', [traces], true),
      readAuditEntries: (afterId, limit) => link.call('readAuditPage', [afterId, limit], true),
      writeAuditEntries: (entries) => link.call('putAuditEntries', [entries], true),
      readRollups: async (page) => unpackRollups(await link.call('readRollupPage', [page], true)),
      writeRollups: (key, resolution, rollups) =>
        link.call('writeRollupPage', [key, resolution, packRollups(rollups)], true),
    },
    backup: () => openBackup(path),
    health: async () => {
      const known = { engine: 'sqlite', diskCosts } as const;
      try {
        const file = await link.call('health', [], true);
        const message = `SQLite at ${path}`;
        return { ...known, isWritable: true, message, ...file, rolledUpUntil: undefined, restarts: link.restarts };
      } catch (error) {
        const message = messageOf(error);
        const unknown = { sizeBytes: 0, schemaVersion: 0, unsealedResults: 0, rolledUpUntil: undefined, damages: [] };
        return { ...known, isWritable: false, message, ...unknown, restarts: link.restarts };
      }
    },
    [Symbol.asyncDispose]: () => link.close(),
  };
}

/** Only the rows in use are sent to the thread; the caller keeps its columns, so the request can be repeated. */
function trimmed(batch: ResultBatch): ResultBatch {
  const { length } = batch;
  return {
    length,
    targetIds: batch.targetIds.slice(0, length),
    sentAtMillis: batch.sentAtMillis.slice(0, length),
    outcomes: batch.outcomes.slice(0, length),
    rttMicros: batch.rttMicros.slice(0, length),
    details: batch.details.slice(0, length),
    intervalMillis: batch.intervalMillis.slice(0, length),
  };
}

async function* streamImported(
  link: WorkerLink,
  id: TargetId,
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
): AsyncGenerator<Series> {
  for (let nextFrom = from; nextFrom < to;) {
    const hour: ImportedHour | undefined = await link.call('readImportedHour', [id, nextFrom, to], true);
    if (hour === undefined) return;
    yield rowsBetween(hour.rows, from, to);
    nextFrom = hour.hourAt + hourMillis;
  }
}

async function* streamPages(
  link: WorkerLink,
  key: SeriesKey,
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
): AsyncGenerator<ResultBatch> {
  let nextFrom: EpochMillis | undefined = from;
  while (nextFrom !== undefined && nextFrom < to) {
    const page: ResultPage = await link.call('readResultPage', [key, nextFrom, to], true);
    if (page.batch.length > 0) yield page.batch;
    nextFrom = page.nextFrom;
  }
}
