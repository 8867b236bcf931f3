const daySeconds = 86_400;

/** What an engine needs on disk, in bytes: for a raw result, and for a rollup of a minute and of an hour. */
export interface DiskCosts {
  readonly result: number;
  readonly minute: number;
  readonly hour: number;
}

export interface DiskForecast {
  /** Results per day. */
  readonly resultsPerDay: number;
  /** What raw results, minutes and hours will occupy once each has reached its retention; `undefined` if kept for ever. */
  readonly rawBytes: number | undefined;
  readonly minuteBytes: number | undefined;
  readonly hourBytes: number | undefined;
  /** The growth per year of what is kept for ever. */
  readonly growthBytesPerYear: number;
}

/** What the currently probed targets will occupy at their present rates. 0 days: for ever. */
export function forecastDisk(
  intervalsMillis: readonly number[],
  retention: { readonly rawDays: number; readonly minuteDays: number; readonly hourDays: number },
  bytes: DiskCosts,
): DiskForecast {
  const resultsPerDay = intervalsMillis.reduce((sum, millis) => sum + (daySeconds * 1000) / millis, 0);
  const perDay = {
    raw: resultsPerDay * bytes.result,
    // A target that is probed once an hour has no more minutes than results.
    minute: intervalsMillis.reduce((sum, millis) => sum + Math.min(1440, 86_400_000 / millis), 0) * bytes.minute,
    hour: intervalsMillis.length * 24 * bytes.hour,
  };
  const settled = (daily: number, days: number): number | undefined => (days === 0 ? undefined : daily * days);
  const endless = [
    [perDay.raw, retention.rawDays],
    [perDay.minute, retention.minuteDays],
    [perDay.hour, retention.hourDays],
  ] as const;
  return {
    resultsPerDay,
    rawBytes: settled(perDay.raw, retention.rawDays),
    minuteBytes: settled(perDay.minute, retention.minuteDays),
    hourBytes: settled(perDay.hour, retention.hourDays),
    growthBytesPerYear: endless.reduce((sum, [daily, days]) => sum + (days === 0 ? daily * 365 : 0), 0),
  };
}
