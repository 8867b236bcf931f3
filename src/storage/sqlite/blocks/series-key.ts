import type { SeriesKey } from '../../../core/ids.ts';

/** A number for each key, for maps: small, and thus fast, for those of the first vantage point. */
export function keyNumber({ targetId, vantage }: SeriesKey): number {
  return vantage * 2 ** 31 + targetId;
}
