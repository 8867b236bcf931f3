import { type TargetId, thisServer, type VantageId } from '../../../core/ids.ts';

/** One target seen from one vantage. */
export interface SeriesKey {
  readonly targetId: TargetId;
  readonly vantage: VantageId;
}

/** A number for each key, for maps: small (and so quick) for this server's own results. */
export function keyNumber({ targetId, vantage }: SeriesKey): number {
  return vantage * 2 ** 31 + targetId;
}

export function ownSeries(targetId: TargetId): SeriesKey {
  return { targetId, vantage: thisServer };
}
