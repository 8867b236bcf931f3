import {
  coarsestOf,
  planWindow,
  type WindowQuery,
  type WindowSummary,
  widenToRetained,
} from '../../../core/history/window.ts';
import { createWindowBuilder } from '../../../core/history/window-builder.ts';
import { outcomeCodes } from '../../../core/result/probe-result.ts';
import { hourMillis } from '../../../core/history/time-buckets.ts';
import type { History } from '../blocks/history.ts';
import type { RetentionFloors } from '../blocks/retention-floors.ts';

export function readWindow(history: History, floors: RetentionFloors, asked: WindowQuery): WindowSummary {
  const retained = { raw: floors.raw, minute: floors['1m'] };
  const query = widenToRetained(asked, retained);
  const parts = planWindow(query, retained);
  const isExact = parts.every(({ resolution }) => resolution === 'raw');
  const builder = createWindowBuilder(query, isExact);
  for (const { resolution, from, to } of parts) {
    if (resolution === '1h') builder.addRollups(history.hourRollups(query, from, to, query.bucketMillis));
    else if (resolution === '1m') builder.addRollups(history.minuteRollups(query, from, to));
    else for (const rows of history.rows(query, from, to)) builder.addRows(rows);
  }
  return builder.finish(coarsestOf(parts), isExact ? coveredFromBefore(history, query) : 0);
}

/** The part of the window that the last result before it covers: a target may be probed once an hour. */
function coveredFromBefore(history: History, query: WindowQuery): number {
  const { from, to } = query;
  const [firstRows] = history.rows(query, from, Math.min(to, from + hourMillis)).take(1);
  const until = Math.min(to, firstRows?.sentAtMillis[0] ?? to);
  // Not worth reading an hour for less than a second at the edge.
  if (until - from <= 1000) return 0;
  for (const rows of [...history.rows(query, from - hourMillis, from)].toReversed()) {
    const last = rows.length - 1;
    if (last < 0) continue;
    if (rows.outcomes[last] === outcomeCodes['not-sent']) return 0;
    const spokenFor = (rows.sentAtMillis[last] ?? 0) + (rows.intervalMillis[last] ?? 0);
    return Math.max(0, Math.min(spokenFor, until) - from);
  }
  return 0;
}
