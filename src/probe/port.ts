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
  /** What its probes look like; plain if not given. */
  readonly packet?: ProbePacket;
  /** ICMP echo if not given. */
  readonly probe?: ProbeSpec;
}

export interface ScheduleChange {
  /** Targets to probe from now on; a known one takes the new address or interval at its next planned time. */
  readonly set: readonly ProbedTarget[];
  readonly remove: readonly TargetId[];
}

export interface TraceRequest {
  /** Canonical address. */
  readonly ip: string;
  readonly maxHops: number;
  readonly timeoutMillis: number;
  /** How often every hop is probed, 1 to 10; silent hops are probed at least three times. */
  readonly rounds: number;
  /** TTLs that were silent the last time and are not waited for again. */
  readonly silentTtls: readonly number[];
  /** Whether the names of the hops are looked up by reverse DNS. */
  readonly isNamed: boolean;
}

/** Receives the progress of a trace. */
export interface TraceListener {
  readonly onHop?: ((hop: LiveHop) => void) | undefined;
  /** The TTLs of probes that have just been sent together. */
  readonly onRound?: ((ttls: readonly number[]) => void) | undefined;
}

/** The prober's counts since it was opened; all but the last three only grow. */
export interface ProberCounters {
  readonly sent: number;
  readonly replies: number;
  readonly timeouts: number;
  readonly unreachable: number;
  readonly notSent: number;
  readonly duplicates: number;
  readonly lateReplies: number;
  /** Replies whose source, identifier, sequence or token did not match a probe of ours. */
  readonly wrongReplies: number;
  /** Of the wrong replies, those that claim to answer a probe of ours but come from elsewhere, or with another token. */
  readonly wrongSources: number;
  readonly wrongTokens: number;
  /** ICMP errors that quote a probe of ours, whether or not it had ended. */
  readonly icmpErrors: number;
  /** Packets that the kernel dropped because our receive buffer was full. */
  readonly receiveOverflows: number;
  readonly workerRestarts: number;
  /** Send lateness relative to the planned time over the last ten seconds, in microseconds; of the latest thread. */
  readonly latenessP50Micros: number;
  readonly latenessP99Micros: number;
  readonly targets: number;
}

export interface ProberStatus {
  readonly ipv4: ProbeMethod;
  readonly ipv6: ProbeMethod;
  /** One sentence: what is in use and, if it is not the best, what to set to get that. */
  readonly message: string;
  /** False while the probing thread has ended and is not restarted yet. */
  readonly isRunning: boolean;
}

/** Sends packets and reports what happened to them. Dispose to stop: results of probes in flight are reported first. */
export interface Prober extends AsyncDisposable {
  /** Changes what is probed; takes effect at each target's next planned time and leaves probes in flight alone. */
  schedule(change: ScheduleChange): void;
  /** Throws a Problem `trace-unavailable` when it cannot run or does not end within the timeout. */
  trace(request: TraceRequest, signal: AbortSignal, listener?: TraceListener): Promise<Path>;
  status(): ProberStatus;
  counters(): ProberCounters;
  /** For those targets that have any. */
  anomalies(): ReadonlyMap<TargetId, TargetAnomalies>;
}

export interface ProberOptions {
  readonly timeoutMillis: number;
  /** 0: no limit. */
  readonly maxInFlight: number;
  /** Probing threads that share the targets; one if not given. */
  readonly threads?: number;
  /** Absolute path of an external traceroute; `undefined` for the built-in tracer. */
  readonly tracerouteBinary: string | undefined;
  /** No probe gets an earlier time: those are used already. */
  readonly notBefore?: EpochMillis | undefined;
  /** Called with batches that now belong to the caller, about five times a second. */
  readonly onResults: (batch: ResultBatch) => void;
  /** Called with a sentence about trouble that the operator should know of: a thread that died and was restarted, a stall. */
  readonly onNotice: (message: string) => void;
}
