import type { OutcomeCode } from '../../core/result/probe-result.ts';
import { outcomeCodes, refusedDetail } from '../../core/result/probe-result.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import type { Arena, Libc } from '../linux/libc.ts';
import { createArena, errnos } from '../linux/libc.ts';
import { scopeOf } from '../linux/link-scope.ts';
import type { LaneContext, LaneTarget, ProbeLane } from '../lane/probe-lane.ts';
import type { ProbeEntry } from '../lane/probe-table.ts';
import { POLLERR, POLLOUT } from '../linux/socket-options.ts';
import { TcpConnections } from './tcp-connections.ts';
import { TcpSockets, connectionLimit } from './tcp-socket.ts';

/** At the same time, per family and thread. */
const connectionsMax = 2048;
/** The kernel keeps the time, so finished connections may wait until many are checked together. */
const drainMillis = 100;
const sendsBeforeEarlyDrain = 128;
/**
 * The kernel retransmits a SYN after a second. A round trip that is shorter and ended after that is the second SYN's: the first
 * was lost, as an echo request would have been.
 */
const firstRetransmissionMicros = 900_000;
const pollfdSize = 8;

/**
 * Probes one family by connecting to ports. The round trip is the kernel's own measurement of the handshake, from the SYN to its
 * answer, and does not depend on when we look. A connection is reset as soon as it is established.
 */
export class TcpLane implements ProbeLane {
  readonly #context: LaneContext;
  readonly #family: AddressFamily;
  readonly #libc: Libc;
  readonly #sockets: TcpSockets;
  readonly #connections: TcpConnections;
  /** A pollfd for each connection, followed by a timespec of zero. */
  readonly #polled: Arena;
  readonly #probe = { targetId: 0, slotMillis: 0, intervalMillis: 0 };
  #sentSinceDrain = 0;
  #drainedMonotonic = Number.NEGATIVE_INFINITY;

  constructor(libc: Libc, family: AddressFamily, context: LaneContext) {
    this.#libc = libc;
    this.#family = family;
    this.#context = context;
    this.#sockets = new TcpSockets(libc, family);
    this.#connections = new TcpConnections(connectionLimit(libc, connectionsMax));
    this.#polled = createArena(this.#connections.limit * pollfdSize + 16);
  }

  get inFlight(): number {
    return this.#connections.length;
  }

  send(probe: ProbeEntry, target: LaneTarget): void {
    const { clocks, schedule, lateness, tally } = this.#context;
    const connections = this.#connections;
    if (connections.length === connections.limit) this.#takeIn();
    if (connections.length === connections.limit) return this.#notSent(probe, errnos.EAGAIN);
    const scope = scopeOf(target.ip);
    if (scope < 0) return this.#notSent(probe, -scope);
    const descriptor = this.#sockets.open(target.packet);
    if (descriptor < 0) return this.#notSent(probe, -descriptor);
    clocks.read();
    const errno = this.#sockets.connect(descriptor, target, scope);
    const isOnItsWay = errno === 0 || errno === errnos.EINPROGRESS;
    // A closed port of this machine refuses before the call returns.
    if (!isOnItsWay && errno !== errnos.ECONNREFUSED) {
      this.#sockets.close(descriptor);
      return this.#notSent(probe, errno);
    }
    lateness.add((schedule.at(clocks.monotonicMillis) - probe.slotMillis) * 1000);
    tally.sent++;
    if (!isOnItsWay) {
      this.#sockets.close(descriptor);
      return this.#unreachable(probe, refusedDetail);
    }
    connections.add(probe, descriptor, clocks.monotonicMillis);
    if (++this.#sentSinceDrain >= sendsBeforeEarlyDrain) this.#takeIn();
  }

  flush(): void {}

  drain(isDue: boolean): void {
    const { monotonicMillis } = this.#context.clocks;
    if (this.#connections.length === 0) return;
    if (!isDue && monotonicMillis - this.#drainedMonotonic < drainMillis) return;
    this.#drainedMonotonic = monotonicMillis;
    this.#takeIn();
    this.#expire();
  }

  close(): void {
    for (let at = this.#connections.length - 1; at >= 0; at--) this.#forget(at);
  }

  #takeIn(): void {
    this.#sentSinceDrain = 0;
    const { length, descriptors } = this.#connections;
    const { view, address } = this.#polled;
    for (let at = 0; at < length; at++) {
      view.setInt32(at * pollfdSize, descriptors[at] ?? -1, true);
      view.setUint32(at * pollfdSize + 4, POLLOUT, true);
    }
    const noTime = address + this.#connections.limit * pollfdSize;
    // Without an answer nothing may expire: what has arrived is unknown.
    while (this.#libc.ppoll(address, length, noTime, 0) < 0) if (this.#libc.errno() !== errnos.EINTR) return;
    for (let at = length - 1; at >= 0; at--) {
      const events = view.getUint16(at * pollfdSize + 6, true);
      if (events !== 0) this.#settle(at, (events & POLLERR) !== 0);
    }
  }

  #settle(at: number, isFailed: boolean): void {
    const probe = this.#probeAt(at);
    const descriptor = this.#connections.descriptors[at] ?? -1;
    const sockets = this.#sockets;
    sockets.readHandshake(descriptor);
    const { rttMicros, retransmissions } = sockets.reading;
    // A peer that hangs up at once has answered all the same.
    if (rttMicros > 0 && sockets.isToItself(descriptor)) this.#unreachable(probe, refusedDetail);
    else if (rttMicros > 0) this.#answered(probe, rttMicros, retransmissions);
    else if (isFailed) this.#failed(probe, descriptor);
    else this.#timedOut(probe);
    this.#forget(at);
  }

  #answered(probe: ProbeEntry, rttMicros: number, retransmissions: number): void {
    const { tally, timeoutMillis, anomalies } = this.#context;
    const isOfSecond = retransmissions > 0 && rttMicros < firstRetransmissionMicros;
    if (isOfSecond) return this.#timedOut(probe);
    if (rttMicros > timeoutMillis * 1000) {
      this.#timedOut(probe);
      tally.lateReplies++;
      anomalies.add(probe.targetId, 'lateReplies');
      return;
    }
    this.#give(probe, outcomeCodes.reply, rttMicros, 0);
    tally.replies++;
  }

  #failed(probe: ProbeEntry, descriptor: number): void {
    const { anomalies, tally } = this.#context;
    const icmp = this.#sockets.takeIcmpError(descriptor);
    if (icmp !== -1) {
      tally.icmpErrors++;
      anomalies.add(probe.targetId, 'icmpErrors');
      return this.#unreachable(probe, icmp);
    }
    this.#endedWith(probe, this.#sockets.takeError(descriptor));
  }

  #endedWith(probe: ProbeEntry, errno: number): void {
    const detail = errno === errnos.ECONNREFUSED ? refusedDetail : icmpErrorOf(errno, this.#family);
    if (detail === undefined) this.#timedOut(probe);
    else this.#unreachable(probe, detail);
  }

  #expire(): void {
    const { clocks, timeoutMillis } = this.#context;
    const sentBefore = clocks.monotonicMillis - timeoutMillis;
    const { sentMonotonic } = this.#connections;
    for (let at = this.#connections.length - 1; at >= 0; at--) {
      if ((sentMonotonic[at] ?? 0) > sentBefore) continue;
      // Newer kernels keep trying when a router reports network or host unreachable, and do not say so unless asked.
      this.#endedWith(this.#probeAt(at), this.#sockets.takeError(this.#connections.descriptors[at] ?? -1));
      this.#forget(at);
    }
  }

  #forget(at: number): void {
    this.#sockets.close(this.#connections.descriptors[at] ?? -1);
    this.#connections.remove(at);
  }

  #probeAt(at: number): ProbeEntry {
    const { targetIds, slots, intervals } = this.#connections;
    this.#probe.targetId = targetIds[at] ?? 0;
    this.#probe.slotMillis = slots[at] ?? 0;
    this.#probe.intervalMillis = intervals[at] ?? 0;
    return this.#probe;
  }

  #notSent(probe: ProbeEntry, errno: number): void {
    this.#give(probe, outcomeCodes['not-sent'], 0, errno);
    this.#context.tally.notSent++;
  }

  #timedOut(probe: ProbeEntry): void {
    this.#give(probe, outcomeCodes.timeout, 0, 0);
    this.#context.tally.timeouts++;
  }

  #unreachable(probe: ProbeEntry, detail: number): void {
    this.#give(probe, outcomeCodes.unreachable, 0, detail);
    this.#context.tally.unreachable++;
  }

  #give(probe: ProbeEntry, outcome: OutcomeCode, micros: number, detail: number): void {
    this.#context.columns.add(probe, outcome, micros, detail);
  }
}

/** For ICMP errors that the kernel reports by errno only; `undefined` if it was not one. */
function icmpErrorOf(errno: number, family: AddressFamily): number | undefined {
  const isIpv4 = family === 4;
  switch (errno) {
    case errnos.ENETUNREACH:
      return isIpv4 ? 3 * 256 : 1 * 256;
    case errnos.EHOSTUNREACH:
      return isIpv4 ? 3 * 256 + 1 : 1 * 256 + 3;
    case errnos.EACCES:
      return isIpv4 ? 3 * 256 + 13 : 1 * 256 + 1;
    case errnos.ENOPROTOOPT:
      return 3 * 256 + 2;
    case errnos.EPROTO:
      return isIpv4 ? 12 * 256 : 4 * 256;
    default:
      return undefined;
  }
}
