import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { type LiveListener, type LiveStatus, live } from './live.ts';

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(listenToStatus, readStatus);
}

const listenToStatus = (changed: () => void): (() => void) => live.listen({ onStatus: changed });
const readStatus = (): LiveStatus => live.status;

/** Receives the event stream while the component is shown; the latest functions are called. */
export function useLive(listener: LiveListener & Required<Pick<LiveListener, 'targets'>>): void {
  const onResults = useEffectEvent((...given: Parameters<NonNullable<LiveListener['onResults']>>) =>
    listener.onResults?.(...given),
  );
  const onEvent = useEffectEvent((...given: Parameters<NonNullable<LiveListener['onEvent']>>) =>
    listener.onEvent?.(...given),
  );
  const onStates = useEffectEvent((...given: Parameters<NonNullable<LiveListener['onStates']>>) =>
    listener.onStates?.(...given),
  );
  const onOpened = useEffectEvent(() => listener.onOpened?.());
  const onResumed = useEffectEvent(() => listener.onResumed?.());
  const targets = listener.targets === 'all' ? 'all' : listener.targets.join();
  useEffect(
    () =>
      live.listen({
        targets: targets === 'all' ? 'all' : targets.split(',').map(Number),
        ...{ onResults, onEvent, onStates, onOpened, onResumed },
      }),
    [targets],
  );
}
