/** A fixed number of places that are taken in the order of asking. */
export interface Slots {
  /** What gives the place back; `undefined` when none came free in time, too many wait or the signal was aborted. */
  take(patienceMillis: number, signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function createSlots(count: number, waitingMax: number): Slots {
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
    async take(patienceMillis, signal) {
      if (signal.aborted) return undefined;
      if (free > 0) {
        free--;
        return releaseOnce();
      }
      if (waiting.length >= waitingMax) return undefined;
      const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMillis)]);
      return new Promise((resolve) => {
        const enter = (): void => {
          patience.removeEventListener('abort', giveUp);
          resolve(releaseOnce());
        };
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(enter), 1);
          resolve(undefined);
        };
        waiting.push(enter);
        patience.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
