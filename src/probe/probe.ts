import { openProberHost } from './host/prober-host.ts';
import type { Prober, ProberOptions } from './port.ts';

/** Starts the probing thread; throws a Problem `prober-unavailable` when it cannot. Probes nothing until told to. */
export function openProber(options: ProberOptions): Promise<Prober> {
  return openProberHost(options);
}

export { createNameResolver, type NameResolver, type ResolvedName } from './names/name-resolver.ts';
export type {
  ProbedTarget,
  ProbeMethod,
  Prober,
  ProberCounters,
  ProberOptions,
  ProberStatus,
  TraceListener,
  TraceRequest,
} from './port.ts';
