import { randomInt } from 'node:crypto';
import { plainPayloadBytes } from '../../core/target/probe-packet.ts';
import { outcomeCodes } from '../../core/result/probe-result.ts';
import type { IcmpSocket, PacketHandler } from './icmp-socket.ts';
import type { SocketLaneParts } from './lane-sockets.ts';
import { LaneSockets } from './lane-sockets.ts';
import { errnos } from '../linux/libc.ts';
import { LocalDrops } from '../linux/local-drops.ts';
import { ProbeEndings } from '../lane/probe-endings.ts';
import type { LaneTarget, ProbeLane } from '../lane/probe-lane.ts';
import type { ProbeEntry } from '../lane/probe-table.ts';
import { ProbeTable, entryStates } from '../lane/probe-table.ts';
import { ReplyCounts } from './reply-counts.ts';
import { ReplyMatcher, identifierCount } from './reply-matcher.ts';

const batchSize = 256;
/** The limit for packets that take more than a memory page including their bookkeeping. */
const largeBatchSize = 64;
const largePayloadBytes = 512;
/** For IPv6: the minimum link MTU, 1280, without the headers of IP and ICMP. */
const payloadBytesOfEveryPath = 1280 - 40 - 8;
/** Packets sent before replies are read again: far below what a receive buffer of the default size holds. */
const sendsBetweenDrains = 512;
/** Kernel stamps tell when a reply came, so it may wait: reading many at once is what makes few targets cheap. */
const drainMillis = 100;
const sendsBeforeEarlyDrain = 128;
const sendRetries = 3;
const drainsBetweenFull = 64;

/**
 * Probes one family over our own sockets with packets that all look the same. A probe's serial determines its identifier and
 * sequence: on raw sockets one of 16 identifiers of one socket, on ping sockets (where the kernel owns the identifier) one of up
 * to 16 sockets.
 */
export class SocketLane implements ProbeLane {
  readonly #parts: SocketLaneParts;
  readonly #table: ProbeTable;
  readonly #matcher: ReplyMatcher;
  readonly #endings: ProbeEndings;
  readonly #counts: ReplyCounts;
  readonly #sockets: LaneSockets;
  readonly #payloadBytes: number;
  readonly #batchSize: number;
  readonly #batch = new Uint32Array(batchSize);
  #batched = 0;
  #batchSocket = 0;
  #sentSinceDrain = 0;
  #drains = 0;
  #drainedMonotonic = Number.NEGATIVE_INFINITY;
  readonly #usedMonotonic = new Float64Array(identifierCount);
  /** Serials whose reply has arrived but whose transmit stamp has not. */
  readonly #awaitingStamp: number[] = [];
  /** Serials that a router found too big, to be sent again in fragments. */
  readonly #tooBig: number[] = [];
  #drainSocket = 0;
  readonly #localDrops = new LocalDrops();
  readonly #handler: PacketHandler = {
    onReply: (socket) => this.#onReply(socket),
    onError: (socket) => this.#onError(socket),
    onTooBig: (socket) => this.#onTooBig(socket),
    onTransmitStamp: (socket) => this.#onTransmitStamp(socket),
  };

  /** Throws a SocketError when the first socket cannot be opened. */
  constructor(parts: SocketLaneParts) {
    this.#parts = parts;
    this.#table = new ProbeTable(parts.family, randomInt(0x1_0000_0000));
    this.#endings = new ProbeEndings(this.#table, parts.context);
    this.#payloadBytes = parts.packet.payloadBytes ?? plainPayloadBytes;
    this.#batchSize = this.#payloadBytes > largePayloadBytes ? largeBatchSize : batchSize;
    this.#matcher = new ReplyMatcher(this.#table, parts.signer, parts.identifierBase, this.#payloadBytes);
    this.#counts = new ReplyCounts(parts.context, this.#table, this.#matcher);
    this.#sockets = new LaneSockets(parts, this.#batchSize);
    this.#sockets.at(this.#socketIndexOf(this.#table.nextSerial));
  }

  get inFlight(): number {
    return this.#table.inFlight;
  }

  send(probe: ProbeEntry, target: LaneTarget): void {
    const { context } = this.#parts;
    const serial = this.#table.nextSerial;
    const index = this.#table.add(probe, target.words, target.from);
    if (index === -1) {
      context.columns.add(probe, outcomeCodes['not-sent'], 0, errnos.ENOBUFS);
      context.tally.notSent++;
      return;
    }
    this.#prepare(serial, index, target);
  }

  #prepare(serial: number, index: number, { words, from }: Pick<LaneTarget, 'words' | 'from'>): void {
    const { family, signer } = this.#parts;
    const socketIndex = this.#socketIndexOf(serial);
    if (socketIndex !== this.#batchSocket || this.#batched === this.#batchSize) this.flush();
    this.#batchSocket = socketIndex;
    signer.sign(serial);
    this.#table.tokenLows[index] = signer.low;
    this.#table.tokenHighs[index] = signer.high;
    const place = this.#batched++;
    this.#batch[place] = serial;
    this.#sockets
      .at(socketIndex)
      .prepare(place, words, from, {
        family,
        identifier: this.#matcher.identifierOf(serial),
        sequence: serial & 0xffff,
        serial,
        tokenLow: signer.low,
        tokenHigh: signer.high,
      });
  }

  flush(): void {
    const count = this.#batched;
    if (count === 0) return;
    const { clocks } = this.#parts.context;
    const socket = this.#sockets.at(this.#batchSocket);
    let from = 0;
    let retries = 0;
    clocks.read();
    this.#usedMonotonic[this.#batchSocket] = clocks.monotonicMillis;
    while (from < count) {
      const startNanos = clocks.wallNanos;
      const startMonotonic = clocks.monotonicMillis;
      const sent = socket.send(from, count);
      clocks.read();
      if (sent > 0) {
        this.#markSent(from, from + sent, startNanos, startMonotonic);
        from += sent;
        retries = 0;
      } else if (retries++ < sendRetries && this.#isWorthRetrying(socket, -sent)) {
        this.#takeIn();
      } else {
        const index = this.#table.find(this.#batch[from] ?? 0);
        // Probes that were already sent end as any probe does.
        if (!this.#isSent(index)) this.#endings.notSent(index, -sent);
        from++;
        retries = -sent === errnos.EAGAIN ? sendRetries : 0;
      }
    }
    this.#batched = 0;
    this.#sentSinceDrain += count;
    if (this.#sentSinceDrain >= sendsBetweenDrains) this.#takeIn();
  }

  drain(isDue: boolean): void {
    const { monotonicMillis } = this.#parts.context.clocks;
    const isEarly = monotonicMillis - this.#drainedMonotonic < drainMillis;
    if (!isDue && isEarly && this.#sentSinceDrain < sendsBeforeEarlyDrain) return;
    this.#drainedMonotonic = monotonicMillis;
    this.#takeIn();
    if (this.#tooBig.length > 0) this.#sendAgain();
    this.#expire();
  }

  close(): void {
    this.#sockets.close();
  }

  /** Whether a probe that was sent on this socket may still be answered in time. */
  #isRecent(at: number): boolean {
    const { clocks, timeoutMillis } = this.#parts.context;
    return clocks.monotonicMillis - (this.#usedMonotonic[at] ?? 0) <= timeoutMillis;
  }

  #socketIndexOf(serial: number): number {
    return this.#parts.method === 'raw-socket' ? 0 : (serial >>> 16) & (identifierCount - 1);
  }

  /** A full send buffer empties; on a ping socket, an error of another probe is reported to the next send. */
  #isWorthRetrying(socket: IcmpSocket, errno: number): boolean {
    if (errno === errnos.EAGAIN) this.#parts.context.clocks.sleep(1);
    return errno === errnos.EAGAIN || errno === errnos.EINTR || socket.method === 'ping-socket';
  }

  #markSent(from: number, to: number, startNanos: number, startMonotonic: number): void {
    const { context } = this.#parts;
    // Until the kernel's stamp arrives: the batch is spread evenly between two readings of the clock.
    const stepNanos = (context.clocks.wallNanos - startNanos) / (to - from);
    const lateBase = context.schedule.at(startMonotonic);
    for (let place = from; place < to; place++) {
      const index = this.#table.find(this.#batch[place] ?? 0);
      const isFirst = !this.#isSent(index);
      this.#table.sentMonotonic[index] = startMonotonic;
      if (this.#table.isKernelSent[index] === 0) {
        this.#table.sentNanos[index] = startNanos + (place - from + 0.5) * stepNanos;
      }
      if (!isFirst) continue;
      context.lateness.add((lateBase - (this.#table.slots[index] ?? 0)) * 1000);
      context.tally.sent++;
    }
  }

  /** Whether a packet of it has been sent. */
  #isSent(index: number): boolean {
    return this.#table.sentMonotonic[index] !== Number.POSITIVE_INFINITY;
  }

  /**
   * IPv6 routers do not fragment, so the first probe after the kernel has forgotten the path's MTU is lost on the way. It is sent
   * once more, now in fragments, and timed from then on.
   */
  #sendAgain(): void {
    const width = this.#parts.family === 4 ? 1 : 4;
    for (const serial of this.#tooBig) {
      const index = this.#table.find(serial);
      this.#table.isKernelSent[index] = 0;
      this.#prepare(serial, index, { words: this.#table.addresses, from: index * width });
    }
    this.#tooBig.length = 0;
    this.flush();
  }

  /** Stamps first, so that replies find them; then once more for those whose stamp arrived between the two queues. */
  #takeIn(): void {
    this.#sentSinceDrain = 0;
    const isFullDrain = this.#drains++ % drainsBetweenFull === 0;
    for (let at = 0; at < this.#sockets.length; at++) {
      const socket = this.#sockets.opened(at);
      // Sockets that the serials have moved on from are checked now and then for late replies.
      if (socket === undefined || (at !== this.#batchSocket && !this.#isRecent(at) && !isFullDrain)) continue;
      this.#drainSocket = at;
      socket.receiveErrors(this.#handler);
      socket.receivePackets(this.#handler);
      if (this.#awaitingStamp.length > 0) socket.receiveErrors(this.#handler);
      for (const serial of this.#awaitingStamp) this.#endings.replied(this.#table.find(serial));
      this.#awaitingStamp.length = 0;
    }
    this.#countOverflows();
  }

  #countOverflows(): void {
    const { clocks, tally } = this.#parts.context;
    tally.receiveOverflows += this.#localDrops.observe(this.#sockets.overflows, clocks.monotonicMillis);
  }

  #expire(): void {
    const { context } = this.#parts;
    const sentBefore = context.clocks.monotonicMillis - context.timeoutMillis;
    for (;;) {
      const index = this.#table.oldestSentBefore(sentBefore);
      if (index === -1) break;
      const isExcused = this.#localDrops.excuses(this.#table.sentMonotonic[index] ?? 0);
      if (isExcused) {
        this.#counts.note(index, 'localDrops');
        this.#endings.notSent(index, errnos.ENOBUFS);
      } else this.#endings.lost(index);
    }
    if (this.#table.inFlight === 0) this.#localDrops.forget();
  }

  #onTransmitStamp(socket: IcmpSocket): void {
    const { reading, control } = socket;
    if (!this.#matcher.isWhole(reading)) return;
    const index = this.#table.find(this.#matcher.serialOf(socket, this.#drainSocket));
    if (index === -1 || control.stampNanos === 0 || this.#table.isKernelSent[index] === 1) return;
    if (!this.#matcher.isToken(index, reading)) return;
    this.#table.sentNanos[index] = control.stampNanos;
    this.#table.isKernelSent[index] = 1;
  }

  #onReply(socket: IcmpSocket): void {
    const { reading, control } = socket;
    const index = this.#counts.find(socket, this.#drainSocket);
    if (index < 0) return;
    const { clocks } = this.#parts.context;
    this.#table.receivedNanos[index] = control.stampNanos === 0 ? clocks.wallNanos : control.stampNanos;
    this.#table.replyTtls[index] = control.ttl;
    if (this.#table.isKernelSent[index] === 1) {
      this.#endings.replied(index);
      return;
    }
    this.#table.states[index] = entryStates.replied;
    this.#awaitingStamp.push(reading.serial);
  }

  #onTooBig(socket: IcmpSocket): void {
    const index = this.#matcher.find(socket, this.#drainSocket);
    const isToBeSentAgain = this.#payloadBytes > payloadBytesOfEveryPath && this.#parts.family === 6;
    if (!isToBeSentAgain || index < 0 || this.#table.states[index] !== entryStates.pending) return;
    if (this.#table.isSentAgain[index] === 1) return;
    this.#table.isSentAgain[index] = 1;
    this.#tooBig.push(socket.reading.serial);
  }

  #onError(socket: IcmpSocket): void {
    const { reading } = socket;
    const index = this.#counts.find(socket, this.#drainSocket);
    if (index < 0) return;
    // A reply may still come: routers send errors about probes that are then answered.
    const { icmpErrors } = this.#table;
    if (icmpErrors[index] === 0) icmpErrors[index] = reading.errorType * 256 + reading.errorCode;
  }
}
