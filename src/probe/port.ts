import type { EpochMillis, TargetId } from '../core/ids.ts';
import type { ProbeSpec } from '../core/target/probe-kinds.ts';
import type { ProbePacket } from '../core/target/probe-packet.ts';
import type { ResultBatch } from '../core/result/probe-result.ts';
import type { LiveHop, Path } from '../core/path/path.ts';
import type { TargetAnomalies } from '../core/result/anomalies.ts';

/** How packets leave this machine, best first. */
export type ProbeMethod = 'raw-socket' | 'ping-socket' | 'system-ping' | 'none';

export interface ProbedTarget {
  readonly id: TargetId;
  /** Canonical address. */
  readonly ip: string;
  readonly intervalMillis: number;
  /** How its probes look; plain where it is not given. */
  readonly packet?: ProbePacket;
  /** ICMP echo where it is not given. */
  readonly probe?: ProbeSpec;
}

export interface ScheduleChange {
  /** Targets to probe from now on; one that is known already takes the new address or interval at its next slot. */
  readonly set: readonly ProbedTarget[];
  readonly remove: readonly TargetId[];
}

export interface TraceRequest {
  /** Canonical address. */
  readonly ip: string;
  readonly maxHops: number;
  readonly timeoutMillis: number;
  /** How often every hop is asked, 1 to 10; hops that stay silent are asked three times at least. */
  readonly rounds: number;
  /** TTLs that were silent the last time and are not waited for again. */
  readonly silentTtls: readonly number[];
  /** Whether reverse DNS is asked for the names of the hops. */
  readonly isNamed: boolean;
}

/** Hears of a trace while it runs. */
export interface TraceListener {
  readonly onHop?: ((hop: LiveHop) => void) | undefined;
  /** The TTLs of probes that have just been sent together. */
  readonly onRound?: ((ttls: readonly number[]) => void) | undefined;
}

/** What the prober has counted since it was opened; all but the last three only grow. */
export interface ProberCounters {
  readonly sent: number;
  readonly replies: number;
  readonly timeouts: number;
  readonly unreachable: number;
  readonly notSent: number;
  readonly duplicates: number;
  readonly lateReplies: number;
  /** Replies whose source, identifier, sequence or token did not agree with a probe of ours. */
  readonly wrongReplies: number;
  /** Of the wrong replies, those that claim to be to a probe of ours and come from elsewhere, or with another token. */
  readonly wrongSources: number;
  readonly wrongTokens: number;
  /** ICMP errors that quote a probe of ours, whether or not it had ended. */
  readonly icmpErrors: number;
  /** Packets the kernel dropped because our receive buffer was full. */
  readonly receiveOverflows: number;
  readonly workerRestarts: number;
  /** Send lateness behind the planned slot over the last ten seconds, in microseconds; of the thread that is latest. */
  readonly latenessP50Micros: number;
  readonly latenessP99Micros: number;
  readonly targets: number;
}

export interface ProberStatus {
  readonly ipv4: ProbeMethod;
  readonly ipv6: ProbeMethod;
  /** One sentence: what is in use and, where it is not the best, what to set to get it. */
  readonly message: string;
  /** False while the probing thread is gone and not back yet. */
  readonly isRunning: boolean;
}

/** Sends packets and says what became of them. Dispose to stop: what is in flight is given out first. */
export interface Prober extends AsyncDisposable {
  /** Changes what is probed; takes effect at each target's next slot and leaves the others in flight. */
  schedule(change: ScheduleChange): void;
  /** Throws a Problem `trace-unavailable` when it cannot run or does not end within the timeout. */
  trace(request: TraceRequest, signal: AbortSignal, listener?: TraceListener): Promise<Path>;
  status(): ProberStatus;
  counters(): ProberCounters;
  /** Of those targets that have any. */
  anomalies(): ReadonlyMap<TargetId, TargetAnomalies>;
}

export interface ProberOptions {
  readonly timeoutMillis: number;
  /** 0: no limit. */
  readonly maxInFlight: number;
  /** Probing threads, among which the targets are shared; one where it is not given. */
  readonly threads?: number;
  /** Absolute path of an external traceroute; `undefined` for the built-in tracer. */
  readonly tracerouteBinary: string | undefined;
  /** No probe gets an earlier time: those before it are used. */
  readonly notBefore?: EpochMillis | undefined;
  /** Called with batches that now belong to the caller, about five times a second. */
  readonly onResults: (batch: ResultBatch) => void;
  /** Called with a sentence when something is wrong that the operator should know: a thread that died and was restarted, a stall. */
  readonly onNotice: (message: string) => void;
}
