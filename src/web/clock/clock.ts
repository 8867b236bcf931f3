import { useSyncExternalStore } from 'react';
import { type ServerClock, createServerClock } from './server-clock.ts';

// The only reading of the browser's own clock: whoever reads it elsewhere shows times of a clock that may be wrong.
// oxlint-disable-next-line clock/server-clock-only
const browserNow = (): number => Date.now();

export const serverClock: ServerClock = createServerClock(browserNow);

/** The present by the server's clock, which all results use; epoch milliseconds. */
export function serverNow(): number {
  return serverClock.now();
}

/** `fetch`, whose answers also tell the server's time. */
export async function fetchAndLearn(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const askedAt = browserNow();
  const response = await fetch(input, init);
  serverClock.learn(response.headers.get('date'), askedAt, browserNow());
  return response;
}

/** How far this browser's clock is ahead of the server's, in milliseconds. */
export function useClockError(): number {
  return useSyncExternalStore(serverClock.subscribe, () => serverClock.aheadMillis);
}
