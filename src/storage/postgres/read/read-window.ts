import {
  coarsestOf,
  planWindow,
  type WindowPart,
  type WindowQuery,
  type WindowSummary,
  widenToRetained,
} from '../../../core/history/window.ts';
import type { Rollup } from '../../../core/history/rollup.ts';
import type { Series } from '../../../core/result/series.ts';
import { dayMillis } from '../../../core/history/time-buckets.ts';
import { createWindowBuilder } from '../../../core/history/window-builder.ts';
import type { Dependencies } from '../dependencies.ts';
import { coveredFromBefore, daysAndHoursOf, rollupsOf } from '../rollups/history.ts';
import { readRows } from '../rollups/results.ts';

export async function readWindow(dependencies: Dependencies, asked: WindowQuery): Promise<WindowSummary> {
  const { state } = dependencies;
  const retained = { raw: state.floorOf('raw'), minute: state.floorOf('1m') };
  const query = widenToRetained(asked, retained);
  const parts = planWindow(query, retained);
  const isExact = parts.every(({ resolution }) => resolution === 'raw');
  const [covered, ...contents] = await Promise.all([
    isExact ? coveredFromBefore(dependencies, query, query) : 0,
    ...parts.map((part) => contentOf(dependencies, query, part)),
  ]);
  const builder = createWindowBuilder(query, isExact);
  for (const { rows, rollups } of contents) {
    if (rows !== undefined) builder.addRows(rows);
    else builder.addRollups(rollups);
  }
  return builder.finish(coarsestOf(parts), covered);
}

interface Content {
  readonly rows: Series | undefined;
  readonly rollups: readonly Rollup[];
}

async function contentOf(
  dependencies: Dependencies,
  { targetId, vantage, bucketMillis }: WindowQuery,
  { resolution, from, to }: WindowPart,
): Promise<Content> {
  if (resolution === 'raw') {
    const rows = await readRows(dependencies.connections, { targetId, vantage }, { from, to });
    return { rows, rollups: [] };
  }
  if (resolution === '1h' && bucketMillis % dayMillis === 0) {
    const rollups = await daysAndHoursOf(dependencies, { targetId, vantage }, { from, to });
    return { rows: undefined, rollups };
  }
  const step = resolution === '1m' ? 'minute' : 'hour';
  const rollups = (await rollupsOf(dependencies, step, [targetId], { from, to, vantage })).get(targetId);
  return { rows: undefined, rollups: rollups ?? [] };
}
