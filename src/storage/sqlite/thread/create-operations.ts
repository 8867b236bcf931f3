import { statSync } from 'node:fs';
import { eventOf } from '../../../core/event/event.ts';
import type { TargetId } from '../../../core/ids.ts';
import { withTraceId } from '../../../core/path/path-change.ts';
import type { NewTarget, Target } from '../../../core/target/target.ts';
import * as accounts from '../records/accounts.ts';
import { createAgedResults } from '../blocks/aged-results.ts';
import { append } from '../write/append.ts';
import { backfill } from '../write/backfill.ts';
import type { Database } from '../file/database.ts';
import { insertEvents, listEvents } from '../records/events.ts';
import { importResults } from '../write/import-results.ts';
import * as imports from '../records/imports.ts';
import { listOutages, listOutagesAfter, putOutages, replaceImportedOutages } from '../records/outages.ts';
import { listStates } from '../records/target-states.ts';
import { createHistory } from '../blocks/history.ts';
import { maintain } from '../write/maintain.ts';
import type { FileHealth, Operations } from './operations.ts';
import { createFleetReader } from '../read/read-fleet.ts';
import { readLatestResults, readResultPage } from '../read/read-results.ts';
import { readWindow } from '../read/read-window.ts';
import { createScrub } from '../checks/scrub.ts';
import type { StoredDamage } from '../../port.ts';
import { readRetentionFloors } from '../blocks/retention-floors.ts';
import { rebuildTail } from '../blocks/sealing.ts';
import { Tail } from '../blocks/tail.ts';
import * as targets from '../records/targets.ts';
import * as transfer from '../write/transfer.ts';
import * as traces from '../records/traces.ts';
import { undoSomeOfImport } from '../write/undo-import.ts';

/** Everything that the storage thread can do with an open database, and what it does between requests. */
export interface StorageThread {
  readonly operations: Operations;
  /** Damage that a request has found. */
  readonly noteDamage: (damage: StoredDamage) => void;
  /** What the request that was just answered has left to do; to be called before the next one. */
  afterReply(): void;
  /** Work that may wait until there are no requests. `isAfterCommit`: the recorder's next commit is a second away. */
  whenIdle(isAfterCommit: boolean): void;
}

export function createStorageThread(database: Database): StorageThread {
  const tail = new Tail();
  const known = new Set(targets.targetIds(database));
  rebuildTail({ database, tail }, known);
  const aged = createAgedResults(database);
  const history = createHistory(database, tail, aged);
  const isKnownTarget = (id: TargetId): boolean => known.has(id);
  const leftOver: (() => void)[] = [];
  const afterReply = (work: () => void): void => {
    leftOver.push(work);
  };
  const scrub = createScrub(database);
  const dependencies = { database, scrub, tail, history, aged, isKnownTarget, afterReply };

  const addTargets: Operations['addTargets'] = (added, createdAt, message) => {
    const inserted = database.transaction(() => {
      const stored = added.map((target: NewTarget): Target => targets.insertTarget(database, target, createdAt));
      insertEvents(
        database,
        stored.map(({ id }) => eventOf(id, 'start', {}, createdAt, message)),
      );
      return stored;
    });
    for (const { id } of inserted) known.add(id);
    return inserted;
  };

  const purgeTarget: Operations['purgeTarget'] = (id) => {
    const isErased = database.transaction(() => {
      for (const table of ['raw_blocks', 'minute_rollup_blocks', 'hour_rollup_blocks', 'import_hours']) {
        database.run(`delete from ${table} where target_id = ?`, id);
      }
      return targets.eraseTarget(database, id);
    });
    // Its rows in the append table go with their batches; until then they are skipped, because its id is unknown.
    known.delete(id);
    tail.removeTarget(id);
    return isErased;
  };

  const operations: Operations = {
    listTargets: () => targets.listTargets(database),
    listDeletedTargets: () => targets.listDeletedTargets(database),
    findTarget: (id) => targets.findTarget(database, id),
    addTargets,
    changeTarget: (id, change, events) =>
      database.transaction(() => {
        const target = targets.updateTarget(database, id, change);
        if (target !== undefined) insertEvents(database, events);
        return target;
      }),
    changeTargets: (edits) =>
      database.transaction(() =>
        edits.flatMap(({ id, change, events }) => {
          const target = targets.updateTarget(database, id, change);
          if (target === undefined) return [];
          insertEvents(database, events);
          return [target];
        }),
      ),
    deleteTarget: (id, deletedAt, events) =>
      database.transaction(() => {
        const isDeleted = targets.markDeleted(database, id, deletedAt);
        if (isDeleted) insertEvents(database, events);
        return isDeleted;
      }),
    purgeTarget,
    append: (...commits) => {
      append(dependencies, commits);
    },
    backfill: (batch, options, now, retention) => backfill(dependencies, { batch, options, now, retention }),
    addImport: (added) => database.transaction(() => imports.addImport(database, added)),
    importResults: (request) => importResults(dependencies, request),
    changeImport: (id, change) => database.transaction(() => imports.changeImport(database, id, change)),
    findImport: (id) => imports.findImport(database, id),
    listImports: (filter) => imports.listImports(database, filter),
    listOpenImports: () => imports.listOpenImports(database),
    listImportsAfter: (afterId, limit) => imports.listImportsAfter(database, afterId, limit),
    putImports: (moved) => {
      database.transaction(() => {
        for (const each of moved) imports.putImport(database, each);
      });
    },
    readPackedHours: (after, limit) => imports.readPackedHours(database, after, limit),
    putPackedHours: (hours) => {
      database.transaction(() => {
        imports.putPackedHours(database, hours);
      });
    },
    undoSomeOfImport: (id) => undoSomeOfImport(dependencies, id),
    readImportedHour: (id, from, to) => imports.readKeptRows(database, id, { from, to }),
    replaceImportedOutages: (key, stretch, outages) => {
      database.transaction(() => {
        replaceImportedOutages(database, key, stretch, outages);
      });
    },
    readLatestResults: (key, limit, before) => readLatestResults(history, key, { limit, before }),
    readResultPage: (key, from, to) => readResultPage(history, key, from, to),
    readWindow: (query) => readWindow(history, readRetentionFloors(database), query),
    readFleet: createFleetReader(history),
    addEvents: (events) => {
      database.transaction(() => {
        insertEvents(database, events);
      });
    },
    listEvents: (id, limit, filter) => listEvents(database, id, limit, filter),
    listOutages: (id, filter) => listOutages(database, id, filter),
    listOutagesAfter: (after, limit) => listOutagesAfter(database, after, limit),
    putOutages: (outages) => {
      database.transaction(() => {
        putOutages(database, outages);
      });
    },
    listStates: () => listStates(database),
    addTrace: (trace, events) =>
      database.transaction(() => {
        const stored = traces.insertTrace(database, trace);
        insertEvents(database, withTraceId(events, stored?.id));
        return stored;
      }),
    listTraces: (key, limit, beforeId) => traces.listTraces(database, key, { limit, beforeId }),
    listLongTraces: () => traces.listLongTraces(database),
    findTrace: (id, traceId) => traces.findTrace(database, id, traceId),
    listUsers: () => accounts.listUsers(database),
    findUser: (username) => accounts.findUser(database, username),
    saveUser: (user) => {
      accounts.saveUser(database, user);
    },
    deleteUser: (username) => accounts.deleteUser(database, username),
    listApiTokens: () => accounts.listApiTokens(database),
    addApiToken: (token) => accounts.addApiToken(database, token),
    noteApiTokenUse: (id, at) => {
      accounts.noteApiTokenUse(database, id, at);
    },
    deleteApiToken: (id) => accounts.deleteApiToken(database, id),
    addAuditEntries: (entries) => {
      database.transaction(() => {
        accounts.addAuditEntries(database, entries);
      });
    },
    listAuditEntries: (limit, filter) => accounts.listAuditEntries(database, limit, filter),
    maintain: (now, retention) => maintain(dependencies, now, retention),
    listVantages: () => transfer.listVantages(database),
    readInventory: () => transfer.readInventory(database),
    writeInventory: (inventory) => {
      transfer.writeInventory(database, inventory);
      for (const { id } of inventory.targets) known.add(id);
    },
    readEventPage: (afterId, limit) => transfer.readEventPage(database, afterId, limit),
    writeEvents: (events) => {
      transfer.writeEvents(database, events);
    },
    readTracePage: (afterId, limit) => traces.listTracesAfter(database, afterId, limit),
    writeTraces: (moved) => {
      database.transaction(() => {
        for (const trace of moved) traces.putTrace(database, trace);
      });
    },
    readAuditPage: (afterId, limit) => accounts.readAuditPage(database, afterId, limit),
    putAuditEntries: (entries) => {
      database.transaction(() => {
        accounts.putAuditEntries(database, entries);
      });
    },
    readRollupPage: (page) => transfer.readRollupPage(history, page),
    writeRollupPage: (key, resolution, packed) => {
      transfer.writeRollupPage(dependencies, key, resolution, packed);
    },
    health: () => ({ ...fileHealth(database, tail), damages: scrub.damages() }),
    close: () => {
      database.close();
    },
  };
  return {
    operations,
    noteDamage: (damage) => scrub.note(damage),
    afterReply: () => {
      for (const work of leftOver.splice(0)) work();
    },
    whenIdle: (isAfterCommit) => {
      tail.packSome();
      database.checkpointIfDue(isAfterCommit);
    },
  };
}

function fileHealth(database: Database, tail: Tail): Omit<FileHealth, 'damages'> {
  const sizes = ['', '-wal', '-shm'].map((suffix) => statSync(`${database.path}${suffix}`, { throwIfNoEntry: false }));
  const version = database.get('select max(version) as version from schema_migrations')?.['version'];
  return {
    sizeBytes: sizes.reduce((sum, stats) => sum + (stats?.size ?? 0), 0),
    schemaVersion: Number(version ?? 0),
    unsealedResults: tail.count,
  };
}
