import type { LiveHop, Path } from '../core/path.ts';
import { Problem } from '../core/problem.ts';
import type { AddressFamily } from '../core/target.ts';
import { familyOf } from '../core/target.ts';
import type { ProbeMethod, TraceRequest } from './probe.ts';
import type { ReverseLookup } from './reverse-dns.ts';
import { lookUpNames } from './reverse-dns.ts';
import type { RawPath } from './trace-rounds.ts';
import { runTraceroute } from './traceroute-binary.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

const namesMillis = 1000;
/** What the probing thread may take beyond the timeout before it counts as stuck. */
const graceMillis = 2000;

const unavailable =
  'Tracing needs raw sockets (CAP_NET_RAW), ping sockets (net.ipv4.ping_group_range) or an external traceroute: ' +
  'install one and set its absolute path.';

export interface TraceRequestsParts {
  readonly post: (message: ToWorker) => void;
  readonly methodOf: (family: AddressFamily) => ProbeMethod;
  readonly tracerouteBinary: string | undefined;
  readonly reverseLookup: ReverseLookup | undefined;
}

type Settled = Extract<FromWorker, { readonly kind: 'traced' | 'trace-failed' }>;

interface Waiting {
  readonly resolve: (path: RawPath) => void;
  readonly reject: (reason: unknown) => void;
  readonly onHop: ((hop: LiveHop) => void) | undefined;
}

/** Traces seen from the main thread: asks the probing thread (or a program) for the path, then for the names on it. */
export class TraceRequests {
  readonly #parts: TraceRequestsParts;
  readonly #waiting = new Map<number, Waiting>();
  #lastTraceId = 0;

  constructor(parts: TraceRequestsParts) {
    this.#parts = parts;
  }

  async trace(request: TraceRequest, signal: AbortSignal, onHop?: (hop: LiveHop) => void): Promise<Path> {
    signal.throwIfAborted();
    const startedAt = Date.now();
    const { tracerouteBinary, reverseLookup } = this.#parts;
    const path =
      tracerouteBinary === undefined
        ? await this.#askThread(request, signal, onHop)
        : await runTraceroute(tracerouteBinary, request, signal);
    const ips = path.hops.flatMap((hop) => hop.answers.map(({ ip }) => ip));
    const names = await lookUpNames(ips, namesMillis, reverseLookup);
    signal.throwIfAborted();
    const hops = path.hops.map((hop) => ({
      ...hop,
      host: hop.ip === undefined ? undefined : names.get(hop.ip),
      answers: hop.answers.map((answer) => ({ ...answer, host: names.get(answer.ip) })),
    }));
    return { startedAt, finishedAt: Date.now(), hops, isDestinationReached: path.isDestinationReached };
  }

  tell({ traceId, hop }: Extract<FromWorker, { readonly kind: 'hop' }>): void {
    this.#waiting.get(traceId)?.onHop?.(hop);
  }

  settle(message: Settled): void {
    const waiting = this.#waiting.get(message.traceId);
    if (message.kind === 'traced') waiting?.resolve(message.path);
    else waiting?.reject(new Problem('trace-unavailable', message.message));
  }

  failAll(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Problem('trace-unavailable', message));
  }

  #askThread(
    request: TraceRequest,
    signal: AbortSignal,
    onHop: ((hop: LiveHop) => void) | undefined,
  ): Promise<RawPath> {
    const method = this.#parts.methodOf(familyOf(request.ip));
    if (method !== 'raw-socket' && method !== 'ping-socket') throw new Problem('trace-unavailable', unavailable);
    const traceId = ++this.#lastTraceId;
    const answer = Promise.withResolvers<RawPath>();
    const giveUp = (reason: unknown): void => {
      this.#parts.post({ kind: 'abort-trace', traceId });
      answer.reject(reason);
    };
    const onAbort = (): void => giveUp(signal.reason);
    const seconds = request.timeoutMillis / 1000;
    const late = new Problem('trace-unavailable', `The trace did not end within ${seconds} s.`);
    const timer = setTimeout(() => giveUp(late), request.timeoutMillis + graceMillis);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.set(traceId, { ...answer, onHop });
    this.#parts.post({ kind: 'trace', traceId, request });
    return answer.promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      this.#waiting.delete(traceId);
    });
  }
}
