import { LRUCache } from 'lru-cache';
import { knownHopsOfPath, type Path, plainPathHops, type StoredTrace } from '../../core/path/path.ts';
import { Problem, messageOf } from '../../core/problem.ts';
import type { TargetId, VantageId } from '../../core/ids.ts';
import { pathChangeEvent, pathChange, pathMemory, silentTtls, withTraceId } from '../../core/path/path-change.ts';
import type { Target } from '../../core/target/target.ts';
import type { Prober, TraceListener, TraceRequest } from '../../probe/probe.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Feed } from '../feed.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';

const atOnceMax = 4;
const waitingMax = 32;
const silenceMax = 10_000;
/** After this long, a silent hop is waited for again. */
const silenceMillis = 3_600_000;

export interface TraceOutcome {
  readonly path: Path;
  /** `undefined` if it was not to be stored, or the storage refused it: the path is still worth showing. */
  readonly stored: StoredTrace | undefined;
}

export interface TraceAsked extends Omit<TraceRequest, 'ip' | 'silentTtls'> {
  /** Whether to store a trace although its route is known: watching a path all day must not fill the history. */
  readonly isKeptAlways: boolean;
}

/** On-demand traces, a few at once. Each is stored, and a new route becomes an event. */
export interface Traces {
  /** Waits for at most the trace's own timeout; then, or when too many wait, throws a Problem `trace-unavailable`. */
  trace(
    target: Target,
    request: TraceAsked,
    watch: TraceListener & { readonly signal: AbortSignal },
  ): Promise<TraceOutcome>;
  /** From the latest trace, if it is long enough to matter to `hopsFromReplyTtl`. */
  readonly pathHopsOf: (id: TargetId) => number | undefined;
}

export interface TracesDependencies {
  readonly vantage: VantageId;
  readonly prober: Pick<Prober, 'trace'>;
  readonly storage: Pick<Storage, 'addTrace' | 'listTraces' | 'listLongTraces'>;
  readonly feed: Pick<Feed, 'onEvent'>;
  readonly onNotice: (message: string) => void;
}

export async function openTraces({ vantage, prober, storage, feed, onNotice }: TracesDependencies): Promise<Traces> {
  const slots = createConcurrencyLimit(atOnceMax, waitingMax);
  const silent = new LRUCache<TargetId, readonly number[]>({ max: silenceMax, ttl: silenceMillis });
  const longPaths = new Map<TargetId, number>();
  const noteLength = (id: TargetId, path: Path): void => {
    const hops = knownHopsOfPath(path);
    if (hops > plainPathHops) longPaths.set(id, hops);
    else longPaths.delete(id);
  };
  for (const trace of await storage.listLongTraces()) {
    if (trace.vantage === vantage) noteLength(trace.targetId, trace.path);
  }

  async function keep({ id, ip }: Target, path: Path, isKeptAlways: boolean): Promise<StoredTrace | undefined> {
    try {
      const earlier = (await storage.listTraces({ targetId: id, vantage }, pathMemory)).map((trace) => trace.path);
      const change = pathChange(path, earlier);
      if (!isKeptAlways && change === undefined && earlier.length > 0) return undefined;
      const events = change === undefined ? [] : [pathChangeEvent({ targetId: id, vantage }, change, path.finishedAt)];
      const stored = await storage.addTrace({ targetId: id, vantage, path }, events);
      if (stored !== undefined) for (const event of withTraceId(events, stored.id)) feed.onEvent(event);
      return stored;
    } catch (error) {
      const why = messageOf(error);
      onNotice(`A trace to ${ip} could not be kept: ${why}`);
      return undefined;
    }
  }

  return {
    pathHopsOf: (id) => longPaths.get(id),
    async trace(target, { isKeptAlways, ...request }, { signal, ...listener }) {
      const release = await slots.take(request.timeoutMillis, signal);
      if (release === undefined) {
        const message = `${atOnceMax} traces are running and others wait; try again in some seconds.`;
        throw new Problem('trace-unavailable', message, { retryAfterSeconds: 5 });
      }
      try {
        const asked = { ...request, ip: target.ip, silentTtls: silent.get(target.id) ?? [] };
        const path = await prober.trace(asked, signal, listener);
        noteLength(target.id, path);
        if (path.isDestinationReached) silent.set(target.id, silentTtls(path), { noUpdateTTL: true });
        return { path, stored: await keep(target, path, isKeptAlways) };
      } finally {
        release();
      }
    },
  };
}
