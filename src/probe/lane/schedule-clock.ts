// A smaller step is ignored: planned times then stay whole milliseconds apart.
const stepMillis = 1000;

export type ClockStep =
  | { readonly kind: 'forward'; readonly byMillis: number }
  /** Planned times continue from the old time, because times that were assigned must not be used again. */
  | { readonly kind: 'backward'; readonly byMillis: number };

/**
 * The clock of the schedule: the monotonic clock plus an anchor that makes it wall time. It never goes back. `anchorMillis`
 * survives a restart of the thread by being passed to the next one as `lowestAnchorMillis`.
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

  /** Follows a wall clock that was set forward; reports once that one was set back. */
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
