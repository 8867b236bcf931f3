import type { FastifyInstance } from 'fastify';
import { listOutages, type OutageEntry, type StretchEntry } from '../../contract/history/outages.ts';
import { type EpochMillis, mainVantage } from '../../core/ids.ts';
import type { Outage } from '../../core/outage/outage.ts';
import { overlapping, readStretches, type Stretch, stretchEventTypes } from '../../core/outage/outage-log.ts';
import { Problem } from '../../core/problem.ts';
import type { Target } from '../../core/target/target.ts';
import type { Monitor } from '../../monitor/monitor.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { findWithHistory } from '../requests/find-target.ts';
import { serve } from '../requests/route.ts';
import { instantOf } from '../translate.ts';

const entriesMax = 10_000;
const importsMax = 1000;

export function serveOutages(
  app: FastifyInstance,
  { monitor, storage, now }: Pick<ApiDependencies, 'monitor' | 'storage' | 'now'>,
): void {
  serve(app, listOutages, async ({ params, query }) => {
    const target = await findWithHistory(storage, params.id);
    const to = query.end === undefined ? now() : Date.parse(query.end);
    const from = query.start === undefined ? Math.min(await beginOf(monitor, target), to) : Date.parse(query.start);
    if (from > to) {
      const message = 'must be later than start.';
      throw new Problem('invalid-input', `end ${message}`, { faults: [{ field: 'end', message }] });
    }
    const before = query.before === undefined ? undefined : Date.parse(query.before);
    const found = await storage.listOutages(target.id, {
      vantage: mainVantage,
      from,
      to,
      limit: query.limit + 1,
      before,
    });
    // A pause within the window may have begun long before it: the log is read from its newest entry backwards.
    const entries = await storage.listEvents(target.id, entriesMax, { types: stretchEventTypes });
    const log = readStretches(entries.toReversed());
    const open = monitor.states.stateOf(target.id)?.outage.lostProbes;
    return {
      target_id: target.id,
      window_start: instantOf(from),
      window_end: instantOf(to),
      complete_from: entries.length < entriesMax ? null : instantOf(entries.at(-1)?.createdAt ?? from),
      outages: found.slice(0, query.limit).map((outage) => outageEntry(outage, now(), open)),
      has_more: found.length > query.limit,
      pauses: overlapping(log.pauses, { from, to }).map(stretchEntry),
      gaps: overlapping(log.gaps, { from, to }).map(stretchEntry),
    };
  });
}

/** Imported history may be older than the target. */
async function beginOf({ imports }: Pick<Monitor, 'imports'>, { id, createdAt }: Target): Promise<EpochMillis> {
  const imported = await imports.list({ targetId: id, limit: importsMax });
  return Math.min(createdAt, ...imported.flatMap(({ from, state }) => (state === 'undone' ? [] : (from ?? []))));
}

/** `openLosses`: of an ongoing outage, if known. */
function outageEntry(outage: Outage, now: EpochMillis, openLosses: number | undefined): OutageEntry {
  const seconds = ((outage.to ?? now) - outage.from) / 1000;
  return {
    ...stretchEntry(outage),
    duration_seconds: Math.max(0, seconds),
    ended_by: outage.endedBy ?? null,
    lost_probes: (outage.to === undefined ? openLosses : outage.lostProbes) ?? null,
  };
}

function stretchEntry({ from, to }: Stretch): StretchEntry {
  return { start: instantOf(from), end: to === undefined ? null : instantOf(to) };
}
