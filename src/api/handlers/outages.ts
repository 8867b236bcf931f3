import type { FastifyInstance } from 'fastify';
import { listOutages, type OutageEntry, type StretchEntry } from '../../contract/outages.ts';
import type { EpochMillis } from '../../core/ids.ts';
import { type Outage, overlapping, readStatusLog, statusEventTypes, type Stretch } from '../../core/outage-log.ts';
import { Problem } from '../../core/problem.ts';
import type { ApiDependencies } from '../api.ts';
import { findWithHistory } from '../find-target.ts';
import { serve } from '../route.ts';
import { instantOf } from '../translate.ts';

const entriesMax = 10_000;

export function serveOutages(app: FastifyInstance, { monitor, storage, now }: ApiDependencies): void {
  serve(app, listOutages, async ({ params, query }) => {
    const target = await findWithHistory(storage, params.id);
    const to = query.end === undefined ? now() : Date.parse(query.end);
    const from = query.start === undefined ? Math.min(target.createdAt, to) : Date.parse(query.start);
    if (from > to) {
      const message = 'must be later than start.';
      throw new Problem('invalid-input', `end ${message}`, { faults: [{ field: 'end', message }] });
    }
    // An outage of the window may have begun long before it: the log is read from its newest entry backwards.
    const entries = await storage.listEvents(target.id, entriesMax, { types: statusEventTypes });
    const isDownNow = target.isActive && monitor.outages.stateOf(target.id).phase === 'down';
    const log = readStatusLog(entries.toReversed(), isDownNow);
    return {
      target_id: target.id,
      window_start: instantOf(from),
      window_end: instantOf(to),
      complete_from: entries.length < entriesMax ? null : instantOf(entries.at(-1)?.createdAt ?? from),
      outages: overlapping(log.outages, { from, to })
        .map((outage) => outageEntry(outage, now()))
        .toReversed(),
      pauses: overlapping(log.pauses, { from, to }).map(stretchEntry),
      gaps: overlapping(log.gaps, { from, to }).map(stretchEntry),
    };
  });
}

function outageEntry(outage: Outage, now: EpochMillis): OutageEntry {
  const seconds = ((outage.to ?? now) - outage.from) / 1000;
  return { ...stretchEntry(outage), duration_seconds: Math.max(0, seconds), ended_by: outage.endedBy ?? null };
}

function stretchEntry({ from, to }: Stretch): StretchEntry {
  return { start: instantOf(from), end: to === undefined ? null : instantOf(to) };
}
