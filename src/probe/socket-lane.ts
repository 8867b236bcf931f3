import { randomInt } from 'node:crypto';
import { outcomeCodes } from '../core/probe-result.ts';
import type { AddressFamily } from '../core/target.ts';
import type { PacketHandler } from './icmp-socket.ts';
import { IcmpSocket } from './icmp-socket.ts';
import type { Libc } from './libc.ts';
import { errnos } from './libc.ts';
import type { LaneContext, LaneTarget, ProbeLane } from './probe-lane.ts';
import type { ProbeEntry } from './probe-table.ts';
import { ProbeTable, entryStates, serialSpan } from './probe-table.ts';
import type { TokenSigner } from './probe-token.ts';
import type { SocketMethod } from './socket-setup.ts';

const batchSize = 256;
/** Packets sent before replies are taken in again: far below what a receive buffer of the default size holds. */
const sendsBetweenDrains = 512;
const identifierCount = serialSpan / 65_536;
const sendRetries = 3;

/** Everything one lane of sockets needs. */
export interface SocketLaneParts {
  readonly libc: Libc;
  readonly family: AddressFamily;
  readonly method: SocketMethod;
  readonly context: LaneContext;
  readonly signer: TokenSigner;
}

/**
 * Probes one family over our own sockets. A probe's serial picks its identifier and sequence: on raw sockets one of 16
 * identifiers of one socket, on ping sockets (where the kernel owns the identifier) one of up to 16 sockets.
 */
export class SocketLane implements ProbeLane {
  readonly #parts: SocketLaneParts;
  readonly #table: ProbeTable;
  readonly #identifierBase = randomInt(65_536 / identifierCount) * identifierCount;
  readonly #sockets: (IcmpSocket | undefined)[] = [];
  readonly #batch = new Uint32Array(batchSize);
  #batched = 0;
  #batchSocket = 0;
  #sentSinceDrain = 0;
  /** Serials whose reply is here while their transmit stamp is not. */
  readonly #awaitingStamp: number[] = [];
  #drainSocket = 0;
  #overflowsSeen = 0;
  /** Local drops that may stand for replies of probes sent before `#overflowMonotonic`. */
  #overflowCredit = 0;
  #overflowMonotonic = 0;
  readonly #handler: PacketHandler = {
    onReply: (socket) => this.#onReply(socket),
    onError: (socket) => this.#onError(socket),
    onTransmitStamp: (socket) => this.#onTransmitStamp(socket),
  };

  /** Throws a SocketError when the first socket cannot be opened. */
  constructor(parts: SocketLaneParts) {
    this.#parts = parts;
    this.#table = new ProbeTable(parts.family, randomInt(0x1_0000_0000));
    this.#socketAt(this.#socketIndexOf(this.#table.nextSerial));
  }

  get inFlight(): number {
    return this.#table.inFlight;
  }

  send(probe: ProbeEntry, target: LaneTarget): void {
    const { context, family, signer } = this.#parts;
    const serial = this.#table.nextSerial;
    const index = this.#table.add(probe, target.words, target.from);
    if (index === -1) {
      context.columns.add(probe, outcomeCodes['not-sent'], 0, errnos.ENOBUFS);
      context.tally.notSent++;
      return;
    }
    const socketIndex = this.#socketIndexOf(serial);
    if (socketIndex !== this.#batchSocket || this.#batched === batchSize) this.flush();
    this.#batchSocket = socketIndex;
    signer.sign(serial);
    this.#table.tokenLows[index] = signer.low;
    this.#table.tokenHighs[index] = signer.high;
    const place = this.#batched++;
    this.#batch[place] = serial;
    this.#socketAt(socketIndex).prepare(place, target.words, target.from, {
      family,
      identifier: this.#identifierBase + ((serial >>> 16) & (identifierCount - 1)),
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
    const socket = this.#socketAt(this.#batchSocket);
    let from = 0;
    let retries = 0;
    clocks.read();
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
        this.#markNotSent(from, -sent);
        from++;
        retries = -sent === errnos.EAGAIN ? sendRetries : 0;
      }
    }
    this.#batched = 0;
    this.#sentSinceDrain += count;
    if (this.#sentSinceDrain >= sendsBetweenDrains) this.#takeIn();
  }

  drain(): void {
    this.#takeIn();
    this.#expire();
  }

  close(): void {
    for (const socket of this.#sockets) socket?.close();
    this.#sockets.length = 0;
  }

  #socketIndexOf(serial: number): number {
    return this.#parts.method === 'raw-socket' ? 0 : (serial >>> 16) & (identifierCount - 1);
  }

  #socketAt(index: number): IcmpSocket {
    const known = this.#sockets[index];
    if (known !== undefined) return known;
    const { libc, family, method, context } = this.#parts;
    const { baseSeconds } = context.clocks;
    const identifierBase = this.#identifierBase;
    const socket = new IcmpSocket(libc, { family, method, identifierBase, identifierCount, batchSize, baseSeconds });
    this.#sockets[index] = socket;
    return socket;
  }

  /** A full send buffer empties; on a ping socket an error left by another probe is reported to the next send. */
  #isWorthRetrying(socket: IcmpSocket, errno: number): boolean {
    if (errno === errnos.EAGAIN) this.#parts.context.clocks.sleep(1);
    return errno === errnos.EAGAIN || errno === errnos.EINTR || socket.method === 'ping-socket';
  }

  #markSent(from: number, to: number, startNanos: number, startMonotonic: number): void {
    const { context } = this.#parts;
    // Until the kernel's stamp is here: the batch took from one reading of the clock to the next, evenly.
    const stepNanos = (context.clocks.wallNanos - startNanos) / (to - from);
    const lateBase = context.schedule.at(startMonotonic);
    for (let place = from; place < to; place++) {
      const index = this.#table.find(this.#batch[place] ?? 0);
      this.#table.sentMonotonic[index] = startMonotonic;
      if (this.#table.isKernelSent[index] === 0) {
        this.#table.sentNanos[index] = startNanos + (place - from + 0.5) * stepNanos;
      }
      context.lateness.add((lateBase - (this.#table.slots[index] ?? 0)) * 1000);
    }
    context.tally.sent += to - from;
  }

  #markNotSent(place: number, errno: number): void {
    const index = this.#table.find(this.#batch[place] ?? 0);
    this.#give(index, outcomeCodes['not-sent'], 0, errno);
    this.#table.end(index, entryStates.expired);
    this.#parts.context.tally.notSent++;
  }

  /** Stamps first, so that replies find them; once more for those whose stamp came between the two queues. */
  #takeIn(): void {
    this.#sentSinceDrain = 0;
    for (let at = 0; at < this.#sockets.length; at++) {
      const socket = this.#sockets[at];
      if (socket === undefined) continue;
      this.#drainSocket = at;
      socket.receiveErrors(this.#handler);
      socket.receivePackets(this.#handler);
      if (this.#awaitingStamp.length > 0) socket.receiveErrors(this.#handler);
      for (const serial of this.#awaitingStamp) this.#finish(this.#table.find(serial));
      this.#awaitingStamp.length = 0;
    }
    this.#countOverflows();
  }

  #countOverflows(): void {
    let overflows = 0;
    for (const socket of this.#sockets) overflows += socket?.overflows ?? 0;
    const more = overflows - this.#overflowsSeen;
    if (more <= 0) return;
    const { context } = this.#parts;
    this.#overflowsSeen = overflows;
    this.#overflowCredit += more;
    this.#overflowMonotonic = context.clocks.monotonicMillis;
    context.tally.receiveOverflows += more;
  }

  #expire(): void {
    const { context } = this.#parts;
    const sentBefore = context.clocks.monotonicMillis - context.timeoutMillis;
    for (;;) {
      const index = this.#table.oldestSentBefore(sentBefore);
      if (index === -1) break;
      if (this.#overflowCredit > 0 && (this.#table.sentMonotonic[index] ?? 0) <= this.#overflowMonotonic) {
        // Its reply may be among those that our own kernel threw away: not the network's loss.
        this.#overflowCredit--;
        this.#give(index, outcomeCodes['not-sent'], 0, errnos.ENOBUFS);
        context.tally.notSent++;
      } else {
        this.#give(index, outcomeCodes.timeout, 0, 0);
        context.tally.timeouts++;
      }
      this.#table.end(index, entryStates.expired);
    }
    if (this.#table.inFlight === 0) this.#overflowCredit = 0;
  }

  #onTransmitStamp({ reading, control }: IcmpSocket): void {
    const index = this.#table.find(reading.serial);
    if (index === -1 || control.stampNanos === 0 || this.#table.isKernelSent[index] === 1) return;
    if (!this.#isToken(index, reading.tokenLow, reading.tokenHigh)) return;
    this.#table.sentNanos[index] = control.stampNanos;
    this.#table.isKernelSent[index] = 1;
  }

  #onReply(socket: IcmpSocket): void {
    const { reading, control } = socket;
    const { context } = this.#parts;
    const index = this.#ownEntry(socket);
    if (index < 0) return;
    const state = this.#table.states[index];
    if (state === entryStates.expired) context.tally.lateReplies++;
    else if (state !== entryStates.pending) context.tally.duplicates++;
    if (state !== entryStates.pending) return;
    this.#table.receivedNanos[index] = control.stampNanos === 0 ? context.clocks.wallNanos : control.stampNanos;
    this.#table.replyTtls[index] = control.ttl;
    if (this.#table.isKernelSent[index] === 1) {
      this.#finish(index);
      return;
    }
    this.#table.states[index] = entryStates.replied;
    this.#awaitingStamp.push(reading.serial);
  }

  #onError(socket: IcmpSocket): void {
    const { reading } = socket;
    const { context } = this.#parts;
    if (!reading.hasToken) reading.serial = this.#latestSerialOf(reading.identifier, reading.sequence);
    const index = this.#ownEntry(socket);
    if (index < 0) return;
    if (this.#table.states[index] !== entryStates.pending) {
      context.tally.lateReplies++;
      return;
    }
    this.#give(index, outcomeCodes.unreachable, 0, reading.errorType * 256 + reading.errorCode);
    this.#table.end(index, entryStates.answered);
    context.tally.unreachable++;
  }

  /** The entry that the packet just read belongs to; -1, having counted it, when it is not for one we still know. */
  #ownEntry({ reading, view, addressAt, method }: IcmpSocket): number {
    const { tally } = this.#parts.context;
    const { serial } = reading;
    const isQuote = reading.kind === 'error';
    const isSequence = reading.sequence === (serial & 0xffff);
    const identifier = this.#identifierBase + ((serial >>> 16) & (identifierCount - 1));
    const isIdentifier = method === 'ping-socket' || reading.identifier === identifier;
    // A quote of only eight bytes carries no token; identifier, sequence and destination must then do.
    const isToken = reading.hasToken || isQuote;
    const index = this.#table.find(serial);
    const isKnown =
      isToken && isSequence && isIdentifier && index !== -1 && this.#table.isAddress(index, view, addressAt);
    if (isKnown && (!reading.hasToken || this.#isToken(index, reading.tokenLow, reading.tokenHigh))) return index;
    if (reading.hasToken && isSequence && isIdentifier && index === -1 && this.#isGenuine(reading)) tally.lateReplies++;
    else tally.wrongReplies++;
    return -1;
  }

  /** Whether the token is one of ours although the ring has forgotten the probe. */
  #isGenuine(reading: { readonly serial: number; readonly tokenLow: number; readonly tokenHigh: number }): boolean {
    const { signer } = this.#parts;
    signer.sign(reading.serial);
    return signer.low === reading.tokenLow && signer.high === reading.tokenHigh;
  }

  #isToken(index: number, low: number, high: number): boolean {
    return this.#table.tokenLows[index] === low && this.#table.tokenHighs[index] === high;
  }

  #latestSerialOf(identifier: number, sequence: number): number {
    const { method } = this.#parts;
    const high = method === 'raw-socket' ? identifier - this.#identifierBase : this.#drainSocket;
    const last = this.#table.nextSerial - 1;
    return (last - ((last - ((high << 16) | sequence)) & (serialSpan - 1))) | 0;
  }

  #finish(index: number): void {
    const { context } = this.#parts;
    const sentMonotonic = this.#table.sentMonotonic[index] ?? 0;
    const kernelMicros = ((this.#table.receivedNanos[index] ?? 0) - (this.#table.sentNanos[index] ?? 0)) / 1000;
    const monotonicMicros = (context.clocks.monotonicMillis - sentMonotonic) * 1000;
    const micros = sentMonotonic < context.lastStep.monotonicMillis ? monotonicMicros : kernelMicros;
    if (micros > context.timeoutMillis * 1000) {
      this.#give(index, outcomeCodes.timeout, 0, 0);
      this.#table.end(index, entryStates.expired);
      context.tally.timeouts++;
      context.tally.lateReplies++;
      return;
    }
    this.#give(index, outcomeCodes.reply, Math.max(1, Math.round(micros)), this.#table.replyTtls[index] ?? 0);
    this.#table.end(index, entryStates.answered);
    context.tally.replies++;
  }

  #give(
    index: number,
    outcome: (typeof outcomeCodes)[keyof typeof outcomeCodes],
    micros: number,
    detail: number,
  ): void {
    const probe = this.#given;
    probe.targetId = this.#table.targetIds[index] ?? 0;
    probe.slotMillis = this.#table.slots[index] ?? 0;
    probe.intervalMillis = this.#table.intervals[index] ?? 0;
    this.#parts.context.columns.add(probe, outcome, micros, detail);
  }

  readonly #given = { targetId: 0, slotMillis: 0, intervalMillis: 0 };
}
