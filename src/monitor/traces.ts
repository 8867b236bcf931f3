import type { Path } from '../core/path.ts';
import { Problem } from '../core/problem.ts';
import type { Prober, TraceRequest } from '../probe/probe.ts';
import { createSlots } from './slots.ts';

const atOnceMax = 4;
const waitingMax = 32;

/** On-demand traces, a few at once. */
export interface Traces {
  /** Waits its turn for as long as its own timeout; then, and when too many wait, a Problem `trace-unavailable`. */
  trace(request: TraceRequest, signal: AbortSignal): Promise<Path>;
}

export function createTraces(prober: Pick<Prober, 'trace'>): Traces {
  const slots = createSlots(atOnceMax, waitingMax);
  return {
    async trace(request, signal) {
      const release = await slots.take(request.timeoutMillis, signal);
      if (release === undefined) {
        const message = `${atOnceMax} traces are running and others wait; try again in some seconds.`;
        throw new Problem('trace-unavailable', message, { retryAfterSeconds: 5 });
      }
      try {
        return await prober.trace(request, signal);
      } finally {
        release();
      }
    },
  };
}
