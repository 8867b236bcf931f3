import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { type LiveListener, type LiveStatus, live } from './live.ts';

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(listenToStatus, readStatus);
}

const listenToStatus = (changed: () => void): (() => void) => live.listen({ onStatus: changed });
const readStatus = (): LiveStatus => live.status;

/** Hears the event stream while the component is shown; the latest functions are called. */
export function useLive(listener: LiveListener): void {
  const onResults = useEffectEvent((results: Parameters<NonNullable<LiveListener['onResults']>>[0]) =>
    listener.onResults?.(results),
  );
  const onEvent = useEffectEvent((event: Parameters<NonNullable<LiveListener['onEvent']>>[0]) =>
    listener.onEvent?.(event),
  );
  const onStates = useEffectEvent((states: Parameters<NonNullable<LiveListener['onStates']>>[0]) =>
    listener.onStates?.(states),
  );
  const onResumed = useEffectEvent(() => listener.onResumed?.());
  useEffect(() => live.listen({ onResults, onEvent, onStates, onResumed }), []);
}
