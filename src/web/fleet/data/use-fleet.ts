import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useLayoutEffect, useState, useSyncExternalStore } from 'react';
import { showFleet } from '../../../contract/fleet.ts';
import { api } from '../../api.ts';
import { useLive } from '../../live/use-live.ts';
import { type FleetStore, createFleetStore } from './fleet-store.ts';

// The figures over an hour; second-by-second changes come by the stream.
const refreshMillis = 30_000;
const afterEventMillis = 1000;

export const fleetQuery = queryOptions({
  queryKey: ['fleet'],
  queryFn: () => api.call(showFleet),
  refetchInterval: refreshMillis,
});

/** The fleet by one request, updated by one stream. */
export function useFleet() {
  const [store] = useState(createFleetStore);
  const client = useQueryClient();
  // What happened while another screen was shown was missed here.
  const query = useQuery({ ...fleetQuery, refetchOnMount: 'always' });
  const { data } = query;
  // Before the paint, so that the old rows are never shown with the new counts.
  useLayoutEffect(() => {
    if (data !== undefined) store.load(data.targets, data.time);
  }, [store, data]);
  const [eventCount, setEventCount] = useState(0);
  useLive({
    targets: 'all',
    onResults: (results) => store.take(results),
    onStates: (states) => store.takeStates(states),
    onEvent: () => setEventCount((count) => count + 1),
    onResumed: () => void client.invalidateQueries({ queryKey: fleetQuery.queryKey }),
  });
  useEffect(() => {
    if (eventCount === 0) return undefined;
    const timer = setTimeout(() => void client.invalidateQueries({ queryKey: fleetQuery.queryKey }), afterEventMillis);
    return () => clearTimeout(timer);
  }, [client, eventCount]);
  return { store, query };
}

/** Renders again when a target changes its state, is added or is removed. */
export function useStateVersion(store: FleetStore): number {
  const [subscribe] = useState(() => (listener: () => void) => store.subscribeToStates(listener));
  return useSyncExternalStore(subscribe, () => store.stateVersion);
}

/** Renders again with each result of one target. */
export function useEntry(store: FleetStore, id: number) {
  const [subscribe] = useState(() => (listener: () => void) => store.subscribe(id, listener));
  useSyncExternalStore(subscribe, () => store.versionOf(id));
  return store.entry(id);
}
