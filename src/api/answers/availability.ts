import type { EpochMillis, TargetId, VantageId } from '../../core/ids.ts';
import { dayMillis } from '../../core/history/time-buckets.ts';
import type { WindowSummary } from '../../core/history/window.ts';
import type { Storage, StoredOutage } from '../../storage/storage.ts';

/** The observed time is read for this many outages, the longest; the shorter ones count in full. */
const measuredMax = 50;
const outagesMax = 10_000;

/**
 * Time outside outages ÷ time observed, in percent; null when nothing was observed. Unobserved time within an outage (a restart
 * of this server, for example) counts neither way.
 */
export async function availabilityPercent(
  storage: Pick<Storage, 'listOutages' | 'readWindow'>,
  { targetId, vantage }: { readonly targetId: TargetId; readonly vantage: VantageId },
  { from, to, coverageRatio }: Pick<WindowSummary, 'from' | 'to' | 'coverageRatio'>,
  now: EpochMillis,
): Promise<number | null> {
  const observedMillis = coverageRatio * (to - from);
  if (observedMillis <= 0) return null;
  const outages = await storage.listOutages(targetId, { vantage, from, to, limit: outagesMax });
  const clip = (outage: StoredOutage): { readonly from: EpochMillis; readonly to: EpochMillis } => ({
    from: Math.max(from, outage.from),
    to: Math.min(to, outage.to ?? now),
  });
  const stretches = outages.map(clip).filter((stretch) => stretch.to > stretch.from);
  const longestFirst = stretches.toSorted((a, b) => b.to - b.from - (a.to - a.from));
  let downMillis = 0;
  for (const [index, stretch] of longestFirst.entries()) {
    const length = stretch.to - stretch.from;
    const isMeasured = index < measuredMax;
    const covered = isMeasured
      ? (await storage.readWindow({ targetId, vantage, ...stretch, bucketMillis: dayMillis })).coverageRatio
      : 1;
    downMillis += covered * length;
  }
  return (100 * Math.max(0, observedMillis - downMillis)) / observedMillis;
}
