import type { ResultBatch } from '../../core/result/probe-result.ts';
import type { AnomalyRows } from '../../core/result/anomalies.ts';
import type { ScheduleChange, ProbeMethod, ProberStatus, TraceRequest } from '../port.ts';
import type { LiveHop } from '../../core/path/path.ts';
import type { RawPath } from '../trace/trace-rounds.ts';

/**
 * The places in the call memory of how many messages have been sent to the thread (which enters its event loop to receive them)
 * and of how many signs of life it has given.
 */
export const callPlaces = { messages: 0, beats: 1 } as const;

/** Passed to the probing thread at its start. */
export interface WorkerStart {
  readonly timeoutMillis: number;
  readonly maxInFlight: number;
  readonly methods: readonly ProbeMethod[];
  /** Which of how many threads it is. */
  readonly shard: { readonly index: number; readonly count: number };
  readonly counterMemory: SharedArrayBuffer;
  readonly descriptorMemory: SharedArrayBuffer;
  /** Two int32, at `callPlaces`. */
  readonly callMemory: SharedArrayBuffer;
  /** Anchor of the previous thread, so that no planned time is used twice. */
  readonly lowestAnchorMillis: number;
}

export type ToWorker =
  | { readonly kind: 'schedule'; readonly change: ScheduleChange }
  | { readonly kind: 'trace'; readonly traceId: number; readonly request: TraceRequest }
  | { readonly kind: 'abort-trace'; readonly traceId: number }
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'ready'; readonly status: Omit<ProberStatus, 'isRunning'>; readonly anchorMillis: number }
  | { readonly kind: 'anchor'; readonly anchorMillis: number }
  | { readonly kind: 'results'; readonly batch: ResultBatch }
  | { readonly kind: 'anomalies'; readonly rows: AnomalyRows }
  | { readonly kind: 'notice'; readonly message: string }
  | { readonly kind: 'hop'; readonly traceId: number; readonly hop: LiveHop }
  | { readonly kind: 'round'; readonly traceId: number; readonly ttls: readonly number[] }
  | { readonly kind: 'traced'; readonly traceId: number; readonly path: RawPath }
  | { readonly kind: 'trace-failed'; readonly traceId: number; readonly message: string };
