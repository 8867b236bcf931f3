/**
 * The server's clock, as far as its answers tell: an answer's `Date` header is the second in which the server made it, at some
 * time between request and answer. Each answer bounds how far this browser's clock is off; together they bound it to a few
 * milliseconds. All times in epoch milliseconds.
 */
export interface ServerClock {
  /** What the server's clock shows now. */
  now(): number;
  /** What it shows at most: nothing later has happened there yet. */
  nowAtMost(): number;
  /** How far this browser's clock is ahead of the server's; 0 if the answers do not contradict it. */
  readonly aheadMillis: number;
  /** `date`: the answer's header; `askedAt`, `answeredAt`: by this browser's clock. */
  learn(date: string | null, askedAt: number, answeredAt: number): void;
  readonly subscribe: (listener: () => void) => () => void;
}

/** The header omits the milliseconds, and a busy server may write it a little late. */
const headerMillis = 1100;

export function createServerClock(browserNow: () => number): ServerClock {
  const listeners = new Set<() => void>();
  let least = Number.NEGATIVE_INFINITY;
  let most = Number.POSITIVE_INFINITY;
  /** Server minus browser. */
  let offset = 0;
  return {
    now: () => browserNow() + offset,
    nowAtMost: () => browserNow() + (most === Number.POSITIVE_INFINITY ? 0 : most),
    get aheadMillis() {
      return offset === 0 ? 0 : -offset;
    },
    learn(date, askedAt, answeredAt) {
      const second = Date.parse(date ?? '');
      // A clock that was set between the two makes the answer useless.
      if (Number.isNaN(second) || answeredAt < askedAt) return;
      const [low, high] = [second - answeredAt, second + headerMillis - askedAt];
      // An answer that contradicts earlier ones: one of the clocks has been set.
      const isContradiction = low > most || high < least;
      [least, most] = isContradiction ? [low, high] : [Math.max(least, low), Math.min(most, high)];
      const next = least <= 0 && most >= 0 ? 0 : (least + most) / 2;
      if (next === offset) return;
      offset = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
