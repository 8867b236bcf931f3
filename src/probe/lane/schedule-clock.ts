// A step smaller than this is left alone: slots then stay whole milliseconds apart.
const stepMillis = 1000;

export type ClockStep =
  | { readonly kind: 'forward'; readonly byMillis: number }
  /** Slots go on from the old time, because times given out already must not be used again. */
  | { readonly kind: 'backward'; readonly byMillis: number };

/**
 * The clock of the schedule: the monotonic clock plus an anchor that makes it wall time. It never goes back.
 * `anchorMillis` survives a restart of the thread by being handed to the next one as `lowestAnchorMillis`.
 */
export class ScheduleClock {
  #anchorMillis: number;
  #noticedMillis = 0;

  constructor(wallMillis: number, monotonicMillis: number, lowestAnchorMillis: number) {
    this.#anchorMillis = Math.max(wallMillis - monotonicMillis, lowestAnchorMillis);
  }

  get anchorMillis(): number {
    return this.#anchorMillis;
  }

  /** Epoch milliseconds, with fraction. */
  at(monotonicMillis: number): number {
    return this.#anchorMillis + monotonicMillis;
  }

  /** Follows a wall clock that was set forward; says once that one was set back. */
  observe(wallMillis: number, monotonicMillis: number): ClockStep | undefined {
    const aheadMillis = wallMillis - monotonicMillis - this.#anchorMillis;
    if (aheadMillis > stepMillis) {
      this.#anchorMillis += aheadMillis;
      this.#noticedMillis = 0;
      return { kind: 'forward', byMillis: aheadMillis };
    }
    if (aheadMillis < this.#noticedMillis - stepMillis) {
      this.#noticedMillis = aheadMillis;
      return { kind: 'backward', byMillis: -aheadMillis };
    }
    if (aheadMillis > -stepMillis) this.#noticedMillis = 0;
    return undefined;
  }
}
