import type { EpochMillis, SeriesKey, TargetId } from '../../core/ids.ts';
import { Problem, messageOf } from '../../core/problem.ts';
import { createBatch, readRow, type ResultBatch, type ResultRow } from '../../core/result/probe-result.ts';
import { withTraceId } from '../../core/path/path-change.ts';
import { createSerialQueue } from '../../core/serial-queue.ts';
import { type Series } from '../../core/result/series.ts';
import type { Imports, Storage, StorageHealth, StorageOptions } from '../port.ts';
import { createAccounts } from './records/accounts.ts';
import { createAppend } from './write/append.ts';
import type { Dependencies } from './dependencies.ts';
import { backfill } from './write/backfill.ts';
import { type Connections, openConnections, type Queries } from './connection/connection.ts';
import { insertEvents, listEvents } from './records/events.ts';
import { inspectServer } from './schema/flavour.ts';
import { createMaintain, rolledUpUntil } from './write/maintain.ts';
import { hasSchema, migrate } from './schema/migrations.ts';
import { importResults } from './write/import-results.ts';
import * as imports from './records/imports.ts';
import { listOutages, putOutages, replaceImportedOutages } from './records/outages.ts';
import { openPlainTables } from './tables/plain-tables.ts';
import { createReadFleet } from './read/read-fleet.ts';
import { RecentVantages } from './rollups/recent-vantages.ts';
import { readNewestSent, readRows } from './rollups/results.ts';
import { readWindow } from './read/read-window.ts';
import { loadState } from './rollups/state.ts';
import { listStates } from './records/target-states.ts';
import { createTargetList } from './records/target-list.ts';
import { createTargetOperations } from './records/target-operations.ts';
import { listTargets } from './records/targets.ts';
import { createTimescaleTables } from './tables/timescale-tables.ts';
import { createTransfer } from './write/transfer.ts';
import * as traces from './records/traces.ts';
import { undoSomeOfImport } from './write/undo-import.ts';
import { directAddressIn } from './connection/postgres-url.ts';
import { checkDirectWay, inspectWay } from './connection/way-to-server.ts';
import { holdWriterLock, type WriterLock } from './connection/writer-lock.ts';

/** Measured on a day of 300 targets at one probe a second; `bench/store.ts` prints them. */
const diskCosts = {
  postgresql: { result: 73, minute: 161, hour: 300 },
  timescaledb: { result: 2.3, minute: 24.6, hour: 166 },
};

/** Probes usually time out after a second. */
const usualSettleMillis = 30_000;

/** Opens PostgreSQL, with or without TimescaleDB, and brings its schema up to date. */
export async function openPostgresStorage(address: string, options: StorageOptions): Promise<Storage> {
  const { now, onNotice } = options;
  await using stack = new AsyncDisposableStack();
  let lock: WriterLock | undefined;
  const guard = (queries: Queries): Promise<void> => lock?.guard(queries) ?? Promise.resolve();
  const directAddress = options.directUrl === undefined ? undefined : directAddressIn(options.directUrl);
  const way = await inspectWay(address);
  await checkDirectWay(way, address, directAddress);
  const direct =
    directAddress === undefined ? undefined : stack.use(openConnections(directAddress, { onNotice, guard }));
  const isPooled = !way.takesSettings || way.isShared;
  const connections = stack.use(openConnections(address, { onNotice, isPooled, direct, guard }));
  const server = await inspectServer(connections, options.flavour ?? 'auto');
  if (options.isExisting === true && !(await hasSchema(connections))) {
    throw new Problem(
      'storage-unavailable',
      `The database ${connections.place} has not been initialised by PingMeDaddy.`,
    );
  }
  const { flavour, version } = await migrate(direct ?? connections, server.flavour);
  const { place } = connections;
  const { onSuperseded = onNotice } = options;
  const held = (lock = stack.use(
    await holdWriterLock({ address: directAddress ?? address, place, onNotice, onSuperseded }),
  ));
  if (server.whyPlain !== undefined) onNotice(server.whyPlain);
  const tables = flavour === 'plain' ? await openPlainTables(connections) : createTimescaleTables(connections);
  await tables.scheduleJobs();
  const state = await loadState(connections);
  const { settleMillis = usualSettleMillis } = options;
  const dependencies: Dependencies = {
    connections,
    state,
    tables,
    now,
    settleMillis,
    recent: new RecentVantages(),
    targetList: createTargetList(() => listTargets(connections)),
    inTurn: createSerialQueue(),
  };
  const parts = stack.move();
  const engine = flavour === 'plain' ? 'postgresql' : 'timescaledb';
  const engineText = `${flavour === 'plain' ? 'PostgreSQL' : 'TimescaleDB on PostgreSQL'} ${server.version}`;
  const unused = server.isTimescaleUnused ? ' with plain tables (its TimescaleDB is not used)' : '';
  const description = `${engineText}${unused}, ${connections.place}`;
  return {
    ...createTargetOperations(dependencies),
    append: createAppend(dependencies),
    backfill: (batch, backfillOptions) => backfill(dependencies, batch, backfillOptions, options.retention),
    imports: importOperations(dependencies, options),
    readLatestResults: async (key, limit, before = Number.MAX_SAFE_INTEGER) =>
      rowsOf(key.targetId, await readNewestSent(connections, key, { from: 0, to: before, limit })),
    streamResults: (key, from, to) => streamResults(connections, key, { from, to }),
    readWindow: (query) => readWindow(dependencies, query),
    readFleet: createReadFleet(dependencies),
    addEvents: (events) => connections.transaction((_client, queries) => insertEvents(queries, events)),
    listEvents: (id, limit, filter) => listEvents(connections, id, limit, filter),
    listOutages: (id, filter) => listOutages(connections, id, filter),
    addOutages: (outages) => connections.transaction((_client, queries) => putOutages(queries, outages)),
    listStates: () => listStates(connections),
    addTrace: (trace, events) =>
      connections.transaction(async (_client, queries) => {
        const stored = await traces.insertTrace(queries, trace);
        await insertEvents(queries, withTraceId(events, stored?.id));
        return stored;
      }),
    listTraces: (key, limit, beforeId) => traces.listTraces(connections, key, { limit, beforeId }),
    listLongTraces: () => traces.listLongTraces(connections),
    findTrace: (id, traceId) => traces.findTrace(connections, id, traceId),
    ...createAccounts(connections),
    transfer: createTransfer(dependencies),
    maintain: createMaintain(dependencies),
    health: () => healthOf(dependencies, held, { engine, description, schemaVersion: version }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function importOperations(dependencies: Dependencies, { retention }: Pick<StorageOptions, 'retention'>): Imports {
  const { connections } = dependencies;
  // Two of them must not both take the same results for new.
  const inTurn = createSerialQueue();
  return {
    add: (added) => connections.transaction((_client, queries) => imports.addImport(queries, added)),
    store: (id, targetId, batch, progress) =>
      inTurn(() => importResults(dependencies, { id, targetId, batch, progress, retention })),
    change: (id, change) => connections.transaction((_client, queries) => imports.changeImport(queries, id, change)),
    find: (id) => imports.findImport(connections, id),
    list: (filter) => imports.listImports(connections, filter),
    listOpen: () => imports.listOpenImports(connections),
    undoSome: (id) => inTurn(() => undoSomeOfImport(dependencies, id)),
    stream: (id, from, to) => imports.streamKeptRows(connections, id, { from, to }),
    replaceOutages: (key, stretch, outages) =>
      connections.transaction((_client, queries) => replaceImportedOutages(queries, key, stretch, outages)),
  };
}

function batchOf(targetId: TargetId, series: Series): ResultBatch {
  return { ...series, targetIds: createBatch(series.length).targetIds.fill(targetId) };
}

function rowsOf(id: TargetId, series: Series): readonly ResultRow[] {
  const batch = batchOf(id, series);
  return Array.from({ length: batch.length }, (_, index) => readRow(batch, index));
}

const pageRows = 10_000;

async function* streamResults(
  connections: Connections,
  key: SeriesKey,
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
): AsyncGenerator<ResultBatch> {
  for (let next = from; next < to;) {
    const page = await readRows(connections, key, { from: next, to, limit: pageRows });
    if (page.length > 0) yield batchOf(key.targetId, page);
    if (page.length < pageRows) return;
    next = (page.sentAtMillis[page.length - 1] ?? to) + 1;
  }
}

async function healthOf(
  dependencies: Dependencies,
  lock: WriterLock,
  known: { readonly engine: keyof typeof diskCosts; readonly description: string; readonly schemaVersion: number },
): Promise<StorageHealth> {
  const { engine, description, schemaVersion } = known;
  const { connections, state, tables, now } = dependencies;
  const unknown = {
    ...{
      engine,
      diskCosts: diskCosts[engine],
      schemaVersion,
      sizeBytes: 0,
      unsealedResults: 0,
      restarts: 0,
      damages: [],
    },
    rolledUpUntil: rolledUpUntil(dependencies, now()),
  };
  try {
    const [row] = await connections.all(
      'select pg_database_size(current_database())::float8 as size, pg_is_in_recovery() as is_replica',
    );
    const failure = await tables.failure();
    const isReplica = row?.['is_replica'] === true;
    const refusal = lock.problem() ?? (isReplica ? `${description} is a read-only replica.` : undefined);
    const isWritable = refusal === undefined;
    const message = refusal ?? failure ?? description;
    return {
      ...unknown,
      isWritable,
      message,
      sizeBytes: Number(row?.['size']),
      unsealedResults: state.dirtyHours().size,
    };
  } catch (error) {
    const message = messageOf(error);
    return { ...unknown, isWritable: false, message };
  }
}
