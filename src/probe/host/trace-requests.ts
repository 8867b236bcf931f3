import type { Path } from '../../core/path/path.ts';
import { Problem } from '../../core/problem.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import { familyOf } from '../../core/target/target.ts';
import type { ProbeMethod, TraceListener, TraceRequest } from '../port.ts';
import type { ReverseLookup } from '../names/reverse-dns.ts';
import { HostNames } from '../names/reverse-dns.ts';
import type { RawPath } from '../trace/trace-rounds.ts';
import { runTraceroute } from '../programs/traceroute-binary.ts';
import type { FromWorker, ToWorker } from '../thread/worker-messages.ts';

/** Names are looked up as the hops answer; those not found within this time of the start, or by the end, are left out. */
const namesMillis = { sinceStart: 1000, sinceEnd: 250 } as const;
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
  readonly listener: TraceListener | undefined;
  readonly isNamed: boolean;
}

/** Traces seen from the main thread: asks the probing thread (or a program) for the path, then for the names on it. */
export class TraceRequests {
  readonly #parts: TraceRequestsParts;
  readonly #waiting = new Map<number, Waiting>();
  readonly #names: HostNames;
  #lastTraceId = 0;

  constructor(parts: TraceRequestsParts) {
    this.#parts = parts;
    this.#names = new HostNames(parts.reverseLookup);
  }

  async trace(request: TraceRequest, signal: AbortSignal, listener?: TraceListener): Promise<Path> {
    signal.throwIfAborted();
    const startedAt = Date.now();
    const { tracerouteBinary } = this.#parts;
    const path =
      tracerouteBinary === undefined
        ? await this.#askThread(request, signal, listener)
        : await runTraceroute(tracerouteBinary, request, signal);
    const finishedAt = Date.now();
    const ips = request.isNamed ? path.hops.flatMap((hop) => hop.answers.map(({ ip }) => ip)) : [];
    const namesTimeoutMillis = Math.max(namesMillis.sinceEnd, startedAt + namesMillis.sinceStart - finishedAt);
    const names = await this.#names.namesOf([...new Set(ips)], namesTimeoutMillis);
    signal.throwIfAborted();
    const hops = path.hops.map((hop) => ({
      ...hop,
      host: hop.ip === undefined ? undefined : names.get(hop.ip),
      answers: hop.answers.map((answer) => ({ ...answer, host: names.get(answer.ip) })),
    }));
    return { startedAt, finishedAt, hops, isDestinationReached: path.isDestinationReached };
  }

  tell(message: Extract<FromWorker, { readonly kind: 'hop' | 'round' }>): void {
    const waiting = this.#waiting.get(message.traceId);
    if (message.kind === 'round') return waiting?.listener?.onRound?.(message.ttls);
    if (waiting?.isNamed === true) void this.#names.ask(message.hop.ip);
    waiting?.listener?.onHop?.(message.hop);
  }

  settle(message: Settled): void {
    const waiting = this.#waiting.get(message.traceId);
    if (message.kind === 'traced') waiting?.resolve(message.path);
    else waiting?.reject(new Problem('trace-unavailable', message.message));
  }

  failAll(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Problem('trace-unavailable', message));
  }

  #askThread(request: TraceRequest, signal: AbortSignal, listener: TraceListener | undefined): Promise<RawPath> {
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
    this.#waiting.set(traceId, { ...answer, listener, isNamed: request.isNamed });
    this.#parts.post({ kind: 'trace', traceId, request });
    return answer.promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      this.#waiting.delete(traceId);
    });
  }
}
