declare const brand: unique symbol;

/** A positive whole number that the storage assigned to a target; never reused for another address. */
export type TargetId = number & { readonly [brand]: 'TargetId' };

/** Milliseconds since 1970-01-01T00:00:00Z, whole. */
export type EpochMillis = number;

/** A place that probes are sent from, by the number that the storage assigned to it. */
export type VantageId = number;

/** `main`: where the server itself is. */
export const mainVantage: VantageId = 0;

/** One target as seen from one vantage point. */
export interface SeriesKey {
  readonly targetId: TargetId;
  readonly vantage: VantageId;
}

/** The only way from external text or numbers to a `TargetId`; `undefined` for all but whole numbers from 1 to 2^31 - 1. */
export function parseTargetId(value: string | number): TargetId | undefined {
  const id = typeof value === 'number' ? value : /^[1-9]\d{0,9}$/.test(value) ? Number(value) : Number.NaN;
  return Number.isInteger(id) && id >= 1 && id <= 2_147_483_647 ? (id as TargetId) : undefined;
}
