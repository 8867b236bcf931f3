/** A fixed number of places, assigned in order of request. */
export interface ConcurrencyLimit {
  /**
   * Returns a function that releases the place; `undefined` if none became free in time, too many wait, or the signal was
   * aborted.
   */
  take(timeoutMillis: number, signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function createConcurrencyLimit(count: number, waitingMax: number): ConcurrencyLimit {
  let free = count;
  const waiting: (() => void)[] = [];

  function release(): void {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }
  /** Released once, however often its holder calls it. */
  function releaseOnce(): () => void {
    let isHeld = true;
    return () => {
      if (isHeld) release();
      isHeld = false;
    };
  }

  return {
    async take(timeoutMillis, signal) {
      if (signal.aborted) return undefined;
      if (free > 0) {
        free--;
        return releaseOnce();
      }
      if (waiting.length >= waitingMax) return undefined;
      const giveUpSignal = AbortSignal.any([signal, AbortSignal.timeout(timeoutMillis)]);
      return new Promise((resolve) => {
        const enter = (): void => {
          giveUpSignal.removeEventListener('abort', giveUp);
          resolve(releaseOnce());
        };
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(enter), 1);
          resolve(undefined);
        };
        waiting.push(enter);
        giveUpSignal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
