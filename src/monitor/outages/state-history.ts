import { joinSparks } from '../../core/history/fleet-row.ts';
import type { EpochMillis, VantageId } from '../../core/ids.ts';
import { lossWindowMinutes } from '../../core/outage/loss-window.ts';
import { dayMillis, minuteMillis } from '../../core/history/time-buckets.ts';
import type { Storage } from '../../storage/storage.ts';
import type { TargetStates } from './target-states.ts';

interface Remembering<Calls extends keyof Storage> {
  readonly storage: Pick<Storage, Calls>;
  readonly states: TargetStates;
  readonly vantage: VantageId;
  readonly now: EpochMillis;
}

/** Initialises the states with the losses of the hour before the start, minute by minute. */
export async function rememberLastHour({
  storage,
  states,
  vantage,
  now,
}: Remembering<'listTargets' | 'readFleet'>): Promise<void> {
  const ids = (await storage.listTargets()).filter(({ isActive }) => isActive).map(({ id }) => id);
  const from = now - lossWindowMinutes * minuteMillis;
  const query = { ids, vantage, from, to: now, sparkBuckets: lossWindowMinutes };
  for (const { targetId, summary, sparks } of await storage.readFleet(query)) {
    const { lossRatio } = joinSparks(sparks);
    // The losses of each minute are known only as a share: the probes of the hour are distributed evenly over its minutes.
    const minutes = lossRatio.filter((ratio) => ratio !== undefined).length;
    const sent = Math.round(summary.sampleCount / Math.max(1, minutes));
    for (const [index, ratio] of lossRatio.entries()) {
      if (ratio === undefined) continue;
      states.remember(targetId, from + index * minuteMillis, { sent, lost: Math.round(ratio * sent) });
    }
  }
}

/** Counts the losses of each outage that was open at the start, so that its end can say how many there were. */
export async function rememberOpenOutages({
  storage,
  states,
  vantage,
  now,
}: Remembering<'listTargets' | 'readWindow'>): Promise<void> {
  for (const { id, isActive } of await storage.listTargets()) {
    const outage = states.stateOf(id)?.outage;
    if (!isActive || outage?.phase !== 'down' || outage.since === undefined || outage.since >= now) continue;
    const window = { targetId: id, vantage, from: outage.since, to: now, bucketMillis: dayMillis };
    const { lossCount } = await storage.readWindow(window);
    states.rememberLosses(id, outage.since, lossCount);
  }
}
