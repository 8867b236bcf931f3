/**
 * Packets that our own kernel dropped because a receive buffer was full. As many probes sent before them are excused when they
 * time out: their replies may be among the dropped packets, which is not the network's loss.
 */
export class LocalDrops {
  #total = 0;
  #credit = 0;
  #seenMonotonic = Number.NEGATIVE_INFINITY;

  /** `total` only grows; returns how many of them are new. */
  observe(total: number, monotonicMillis: number): number {
    const more = total - this.#total;
    if (more <= 0) return 0;
    this.#total = total;
    this.#credit += more;
    this.#seenMonotonic = monotonicMillis;
    return more;
  }

  /** Whether a probe that timed out is excused; uses up one drop. */
  excuses(sentMonotonic: number): boolean {
    if (this.#credit === 0 || sentMonotonic > this.#seenMonotonic) return false;
    this.#credit--;
    return true;
  }

  /** To be called when no probe is in flight: later ones cannot have lost their replies to these drops. */
  forget(): void {
    this.#credit = 0;
  }
}
