import { joinSparks } from '../../core/history/fleet-row.ts';
import type { EpochMillis } from '../../core/ids.ts';
import { lossWindowMinutes } from '../../core/outage/loss-window.ts';
import { dayMillis, minuteMillis } from '../../core/history/time-buckets.ts';
import type { Storage } from '../../storage/storage.ts';
import type { TargetStates } from './target-states.ts';

/** Gives the states the losses of the hour before the start, minute by minute. */
export async function rememberLastHour(
  storage: Pick<Storage, 'listTargets' | 'readFleet'>,
  states: TargetStates,
  now: EpochMillis,
): Promise<void> {
  const ids = (await storage.listTargets()).filter(({ isActive }) => isActive).map(({ id }) => id);
  const from = now - lossWindowMinutes * minuteMillis;
  for (const { targetId, summary, sparks } of await storage.readFleet(ids, from, now, lossWindowMinutes)) {
    const { lossRatio } = joinSparks(sparks);
    // How many were lost in each minute is known as a share only: the probes of the hour are spread evenly over its minutes.
    const minutes = lossRatio.filter((ratio) => ratio !== undefined).length;
    const sent = Math.round(summary.sampleCount / Math.max(1, minutes));
    for (const [index, ratio] of lossRatio.entries()) {
      if (ratio === undefined) continue;
      states.remember(targetId, from + index * minuteMillis, { sent, lost: Math.round(ratio * sent) });
    }
  }
}

/** Counts the losses of each outage that was open at the start, so that its end can say how many there were. */
export async function rememberOpenOutages(
  storage: Pick<Storage, 'listTargets' | 'readWindow'>,
  states: TargetStates,
  now: EpochMillis,
): Promise<void> {
  for (const { id, isActive } of await storage.listTargets()) {
    const outage = states.stateOf(id)?.outage;
    if (!isActive || outage?.phase !== 'down' || outage.since === undefined || outage.since >= now) continue;
    const window = { targetId: id, vantage: 0, from: outage.since, to: now, bucketMillis: dayMillis };
    const { lossCount } = await storage.readWindow(window);
    states.rememberLosses(id, outage.since, lossCount);
  }
}
