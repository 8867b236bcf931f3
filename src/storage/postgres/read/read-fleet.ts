import { summarizeFleetRow } from '../../../core/history/fleet-row.ts';
import type { TargetId } from '../../../core/ids.ts';
import { outcomeCodes } from '../../../core/result/probe-result.ts';
import { type Rollup, rollupSeries } from '../../../core/history/rollup.ts';
import { type FleetRow, fleetResolution } from '../../../core/history/window.ts';
import { floorTo, minuteMillis } from '../../../core/history/time-buckets.ts';
import { createSerialQueue } from '../../../core/serial-queue.ts';
import type { FleetQuery, Storage } from '../../port.ts';
import type { Dependencies } from '../dependencies.ts';
import { rollupsOf } from '../rollups/history.ts';
import type { Queries } from '../connection/connection.ts';
import { readLastOfEach, readRows } from '../rollups/results.ts';
import { readRollups } from '../rollups/rollups.ts';
import { everyTarget } from '../rollups/state.ts';

/** Targets read by one statement, which bounds the size of its answer. */
const idsAtOnce = 250;

/** One row per target, from rollups: a rollup belongs to the window and spark bucket in which it starts. */
export function createReadFleet(dependencies: Dependencies): Storage['readFleet'] {
  const { state } = dependencies;
  const loading = createSerialQueue();

  /** Loads every missing target, not only the requested ones: each load has to wait for a gap between two commits. */
  async function load(query: FleetQuery): Promise<void> {
    const { ids, vantage } = query;
    const recent = dependencies.recent.of(vantage);
    await loading(async () => {
      const isOutdated = recent.isProvisional && state.dirtyHoursOf(everyTarget).size === 0;
      const areThere = ids.every((id) => recent.has(id));
      if (areThere && !isOutdated) return;
      const all = new Set([...ids, ...state.known, ...recent.followed()]);
      const missing = isOutdated ? [...all] : [...all].filter((id) => !recent.has(id));
      try {
        await loadRecent(dependencies, missing, query);
      } catch (error) {
        // While the database is unavailable, the last hour is shown as far as it is known.
        if (!ids.every((id) => recent.has(id))) throw error;
      }
    });
  }

  return async (query) => {
    const { ids, from, to } = query;
    const recent = dependencies.recent.of(query.vantage);
    if (recent.covers(query) && fleetResolution(to - from) === '1m') {
      await load(query);
      const rows = recent.read(ids, query);
      if (rows !== undefined) return rows;
    }
    const parts = [];
    for (const part of chunksOf(ids)) parts.push(...(await readStored(dependencies, part, query)));
    return parts;
  };
}

function* chunksOf(ids: readonly TargetId[]): Generator<readonly TargetId[]> {
  for (let start = 0; start < ids.length; start += idsAtOnce) yield ids.slice(start, start + idsAtOnce);
}

/** Reads what was stored up to a moment between two commits, and follows what comes after it. */
async function loadRecent(
  { connections, state, inTurn, ...dependencies }: Dependencies,
  ids: readonly TargetId[],
  { vantage, from, to }: FleetQuery,
): Promise<void> {
  const recent = dependencies.recent.of(vantage);
  const { promise: isBegun, resolve, reject } = Promise.withResolvers<void>();
  const isProvisional = state.dirtyHoursOf(everyTarget).size > 0;
  let isFollowed = false;
  const read = async (queries: Queries): Promise<void> => {
    isFollowed = true;
    recent.follow(ids, isProvisional);
    resolve();
    for (const part of chunksOf(ids)) {
      const stretch = { from: floorTo(from, minuteMillis), to, vantage };
      // Reading the results of a whole fleet instead would take longer than rolling them up.
      const rollups = isProvisional
        ? await readRollups(queries, 'minute', part, stretch)
        : await rollupsOf({ connections: queries, state }, 'minute', part, stretch);
      const last = await readLastOfEach(queries, part, stretch);
      for (const id of part) recent.addStored(id, rollups.get(id) ?? [], last.get(id));
    }
  };
  let reading: Promise<void> | undefined;
  await inTurn(() => {
    reading = connections.snapshot(read);
    reading.catch((error: unknown) => {
      if (isFollowed) recent.forget(ids);
      reject(error);
    });
    return isBegun;
  });
  await reading;
}

async function readStored(
  dependencies: Dependencies,
  ids: readonly TargetId[],
  query: FleetQuery,
): Promise<readonly FleetRow[]> {
  const [rollups, last] = await Promise.all([
    rollupsFor(dependencies, ids, query),
    readLastOfEach(dependencies.connections, ids, query),
  ]);
  return ids.map((targetId) => {
    const newest = last.get(targetId);
    const isReply = newest?.outcome === outcomeCodes.reply;
    return {
      targetId,
      ...summarizeFleetRow(rollups.get(targetId) ?? [], query),
      lastSentAt: newest?.sentAt,
      lastRttMicros: isReply ? newest.rttMicros : undefined,
      lastReplyTtl: isReply ? newest.detail : undefined,
    };
  });
}

async function rollupsFor(
  dependencies: Dependencies,
  ids: readonly TargetId[],
  { vantage, from, to }: FleetQuery,
): Promise<ReadonlyMap<TargetId, readonly Rollup[]>> {
  const resolution = fleetResolution(to - from);
  const reading = { from, to, vantage };
  if (resolution === '1h') return rollupsOf(dependencies, 'hour', ids, reading);
  if (resolution === '1m') return rollupsOf(dependencies, 'minute', ids, reading);
  const { connections } = dependencies;
  const rows = ids.map((id) => readRows(connections, { targetId: id, vantage }, { from, to }));
  const seconds = (await Promise.all(rows)).map((series) => rollupSeries(series, 1000));
  return new Map(ids.map((id, index) => [id, seconds[index] ?? []]));
}
