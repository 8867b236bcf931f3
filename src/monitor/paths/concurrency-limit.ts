/** A fixed number of places that are taken in the order of asking. */
export interface ConcurrencyLimit {
  /** What gives the place back; `undefined` when none came free in time, too many wait or the signal was aborted. */
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
  /** A place is given back once, however often its holder says so. */
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
