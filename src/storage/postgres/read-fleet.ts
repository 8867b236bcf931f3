import { summarizeFleetRow } from '../../core/fleet-row.ts';
import { type EpochMillis, type TargetId, thisServer } from '../../core/ids.ts';
import { hopsFromReplyTtl } from '../../core/path.ts';
import { outcomeCodes } from '../../core/probe-result.ts';
import { type Rollup, rollupSeries } from '../../core/rollup.ts';
import { type FleetRow, fleetResolution } from '../../core/window.ts';
import type { Dependencies } from './append.ts';
import { rollupsOf } from './history.ts';
import { readLastOfEach, readRows } from './results.ts';

export interface FleetQuery {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  readonly sparkBuckets: number;
}

/** One row for each target, from rollups: a rollup belongs to the window and spark bucket in which it starts. */
export async function readFleet(
  dependencies: Dependencies,
  ids: readonly TargetId[],
  query: FleetQuery,
): Promise<readonly FleetRow[]> {
  const [rollups, last] = await Promise.all([
    rollupsFor(dependencies, ids, query),
    readLastOfEach(dependencies.connections, ids, { ...query, vantage: thisServer }),
  ]);
  return ids.map((targetId) => {
    const newest = last.get(targetId);
    const isReply = newest?.outcome === outcomeCodes.reply;
    return {
      targetId,
      ...summarizeFleetRow(rollups.get(targetId) ?? [], query),
      lastSentAt: newest?.sentAt,
      lastRttMicros: isReply ? newest.rttMicros : undefined,
      lastHops: isReply ? hopsFromReplyTtl(newest.detail) : undefined,
    };
  });
}

async function rollupsFor(
  dependencies: Dependencies,
  ids: readonly TargetId[],
  { from, to }: FleetQuery,
): Promise<ReadonlyMap<TargetId, readonly Rollup[]>> {
  const resolution = fleetResolution(to - from);
  const reading = { from, to, vantage: thisServer };
  if (resolution === '1h') return rollupsOf(dependencies, 'hour', ids, reading);
  if (resolution === '1m') return rollupsOf(dependencies, 'minute', ids, reading);
  const { connections } = dependencies;
  const rows = ids.map((id) => readRows(connections, { targetId: id, vantage: thisServer }, { from, to }));
  const seconds = (await Promise.all(rows)).map((series) => rollupSeries(series, 1000));
  return new Map(ids.map((id, index) => [id, seconds[index] ?? []]));
}
