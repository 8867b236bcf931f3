import type { AddressFamily } from '../../core/target/address-family.ts';
import { plainPayloadBytes } from '../../core/target/probe-packet.ts';
import { addressOffsetOf, scopeOffset } from '../linux/address-words.ts';
import type { ControlReading } from '../linux/control-message.ts';
import { createControlReading, readControl } from '../linux/control-message.ts';
import { isIcmpError, isTooBig } from '../messages/icmp-errors.ts';
import type { EchoRequest, IcmpReading } from '../messages/icmp-packet.ts';
import {
  createIcmpReading,
  echoByteLength,
  icmpHeaderBytes,
  isMarked,
  readEchoRequest,
  readIcmpMessage,
  readIpv4Packet,
  writeEchoRequest,
} from '../messages/icmp-packet.ts';
import type { Arena, Libc } from '../linux/libc.ts';
import { createArena, errnos } from '../linux/libc.ts';
import type { Quote } from '../messages/mpls-labels.ts';
import { quoteAt } from '../messages/mpls-labels.ts';
import type { MessageVector, VectorShape } from '../linux/message-layout.ts';
import { layOutVector, mmsghdr, resetReceived, vectorByteLength } from '../linux/message-layout.ts';
import {
  AF_INET,
  AF_INET6,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_TRUNC,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ICMP6,
  SO_EE_ORIGIN_TIMESTAMPING,
} from '../linux/socket-options.ts';
import type { SocketMethod, SocketRequest } from '../linux/socket-setup.ts';
import { openDescriptor, setTtl } from '../linux/socket-setup.ts';

/** Called once per packet, whose contents are then in the socket's `reading`, `control`, `addressAt` and `routerAt`. */
export interface PacketHandler {
  readonly onReply: (socket: IcmpSocket) => void;
  readonly onError: (socket: IcmpSocket) => void;
  /** Instead of `onError` if the probe may be fragmented: the kernel knows the path's MTU from now on. */
  readonly onTooBig?: (socket: IcmpSocket) => void;
  readonly onTransmitStamp: (socket: IcmpSocket) => void;
}

/** Room in addition to the payload: network and device headers, and what an error quotes beyond what we need. */
const roomBytes = 128;
const leastReceivedBytes = 256;
const controlBytes = 256;
const receiveRounds = 64;
const ipHeaderBytes = { 4: 20, 6: 40 } as const;
const quotedDestinationOffset = { 4: 16, 6: 24 } as const;
/** How many packets of more than a page each even the smallest usual buffer (rmem_default) holds. */
const fewestBeforeOverflow = 32;

/** One ICMP socket with room for a batch each way. Sending and receiving allocate nothing. */
export class IcmpSocket {
  readonly family: AddressFamily;
  readonly method: SocketMethod;
  readonly batchSize: number;
  readonly view: DataView<ArrayBuffer>;
  readonly reading: IcmpReading = createIcmpReading();
  readonly control: ControlReading = createControlReading();
  /** Where in `view` the packet's subject address is: a reply's source, or a refused probe's destination. */
  addressAt = 0;
  /** Where in `view` the address of the sender of an error is. */
  routerAt = 0;
  /** Where in `view` the packet just read ends. */
  dataEnd = 0;
  /** Where the ICMP message that an error quotes begins, on the error queue; -1 elsewhere. */
  #queuedMessage = -1;
  /** Packets that the kernel dropped here because our buffer was full. */
  overflows = 0;
  #dropped = 0;
  #arrived = 0;
  #arrivedBefore = 0;
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #scratch: Arena = createArena(8);
  readonly #baseSeconds: number;
  readonly #sending: MessageVector;
  readonly #receiving: MessageVector;
  readonly #receivingShape: VectorShape;
  readonly #addressOffset: number;
  readonly #payloadBytes: number;
  readonly #dontFragment: boolean;
  readonly #receivedBytes: number;

  constructor(libc: Libc, request: SocketRequest & { readonly batchSize: number; readonly baseSeconds: number }) {
    this.family = request.family;
    this.method = request.method;
    this.batchSize = request.batchSize;
    this.#libc = libc;
    this.#baseSeconds = request.baseSeconds;
    this.#addressOffset = addressOffsetOf(request.family);
    this.#payloadBytes = request.payloadBytes ?? plainPayloadBytes;
    this.#dontFragment = request.dontFragment ?? false;
    this.#receivedBytes = Math.max(leastReceivedBytes, this.#payloadBytes + roomBytes);
    const nameLength = request.family === 4 ? 16 : 28;
    const sendingShape = {
      count: request.batchSize,
      nameLength,
      dataStride: icmpHeaderBytes + this.#payloadBytes,
      controlStride: 0,
    };
    this.#receivingShape = { ...sendingShape, dataStride: this.#receivedBytes, controlStride: controlBytes };
    const sendingBytes = vectorByteLength(sendingShape);
    const arena = createArena(sendingBytes + vectorByteLength(this.#receivingShape));
    this.view = arena.view;
    this.#sending = layOutVector(arena, 0, sendingShape);
    this.#receiving = layOutVector(arena, sendingBytes, this.#receivingShape);
    for (let index = 0; index < request.batchSize; index++) {
      this.view.setUint16(this.#sending.nameAt(index), request.family === 4 ? AF_INET : AF_INET6, true);
      if (request.family === 6)
        this.view.setUint32(this.#sending.nameAt(index) + scopeOffset, request.scope ?? 0, true);
    }
    this.#descriptor = openDescriptor(libc, request);
  }

  /** Puts a probe at place `index` of the next batch; its address is at `words[from]` and following. */
  prepare(index: number, words: Uint32Array, from: number, request: EchoRequest): void {
    const address = this.#sending.nameAt(index) + this.#addressOffset;
    const count = this.family === 4 ? 1 : 4;
    for (let word = 0; word < count; word++) this.view.setUint32(address + word * 4, words[from + word] ?? 0, true);
    writeEchoRequest(this.view, this.#sending.dataAt(index), request, this.#payloadBytes);
  }

  /** Sends places `from` to `to` (exclusive) until one fails; returns how many were sent, or the negative errno of the first. */
  send(from: number, to: number): number {
    const sent = this.#libc.sendmmsg(this.#descriptor, this.#sending.pointerTo(from), to - from, MSG_DONTWAIT);
    return sent >= 0 ? sent : -this.#libc.errno();
  }

  setTtl(ttl: number): boolean {
    return setTtl(this.#libc, this.#descriptor, this.family, ttl, this.#scratch);
  }

  /** Hands out everything on the error queue: transmit stamps and, on ping sockets, ICMP errors. */
  receiveErrors(handler: PacketHandler): void {
    this.#receive(MSG_DONTWAIT | MSG_ERRQUEUE, handler);
  }

  receivePackets(handler: PacketHandler): void {
    this.#arrived = 0;
    this.#receive(MSG_DONTWAIT, handler);
    if (this.#arrived > 0) this.#arrivedBefore = this.#arrived;
  }

  /** The packet that the error just read quotes; `undefined` for anything else. */
  quote(): Quote | undefined {
    const { reading, family } = this;
    if (reading.kind !== 'error') return undefined;
    // The kernel keeps neither the error's own header nor the quoted one in its queue.
    if (this.#queuedMessage >= 0) return { start: this.#queuedMessage - ipHeaderBytes[family], byteLength: 0 };
    return quoteAt(this.view, reading.quotedDestination - quotedDestinationOffset[family], family);
  }

  close(): void {
    this.#libc.close(this.#descriptor);
  }

  #receive(flags: number, handler: PacketHandler): void {
    const { count } = this.#receiving;
    for (let round = 0; round < receiveRounds; round++) {
      const received = this.#libc.recvmmsg(this.#descriptor, this.#receiving.pointerTo(0), count, flags, 0);
      // A ping socket reports the last ICMP error here once, instead of a packet: only EAGAIN means empty.
      if (received < 0 && this.#libc.errno() === errnos.EAGAIN) return;
      for (let index = 0; index < received; index++) {
        this.#read(index, flags, handler);
        resetReceived(this.#receiving, index, this.#receivingShape);
      }
      if (received > 0 && received < count) return;
    }
  }

  #read(index: number, flags: number, handler: PacketHandler): void {
    const header = this.#receiving.headerAt(index);
    const start = this.#receiving.dataAt(index);
    const end = start + Math.min(this.view.getUint32(header + mmsghdr.dataLength, true), this.#receivedBytes);
    const controlLength = this.view.getUint32(header + mmsghdr.controlLength, true);
    this.dataEnd = end;
    this.#queuedMessage = -1;
    readControl(this.view, this.#receiving.controlAt(index), controlLength, this.#baseSeconds, this.control);
    this.addressAt = this.#receiving.nameAt(index) + this.#addressOffset;
    this.routerAt = this.addressAt;
    if ((flags & MSG_ERRQUEUE) !== 0) {
      const isWhole = (this.view.getUint32(header + mmsghdr.flags, true) & MSG_TRUNC) === 0;
      this.#readQueued(start, end, isWhole, handler);
      return;
    }
    this.#arrived++;
    if (this.control.dropped > this.#dropped) this.#noteDropped(this.control.dropped);
    if (this.family === 4 && this.method === 'raw-socket') readIpv4Packet(this.view, start, end, this.reading);
    else readIcmpMessage(this.view, start, end, this.family, this.reading);
    if (this.control.ttl === 0) this.control.ttl = this.reading.ttl;
    if (this.reading.kind === 'echo-reply') handler.onReply(this);
    if (this.reading.kind !== 'error') return;
    this.addressAt = this.reading.quotedDestination;
    this.#tellError(handler);
  }

  /**
   * The kernel's count includes ICMPv6 packets with a wrong checksum, which excuse nothing. A packet reports drops before it:
   * they were overflows if the queue was full, that is, if this many were read now or the last time.
   */
  #noteDropped(dropped: number): void {
    if (Math.max(this.#arrived, this.#arrivedBefore) >= fewestBeforeOverflow) this.overflows += dropped - this.#dropped;
    this.#dropped = dropped;
  }

  #readQueued(start: number, end: number, isWhole: boolean, handler: PacketHandler): void {
    const { control, reading } = this;
    if (control.errorOrigin === SO_EE_ORIGIN_TIMESTAMPING) {
      const message = this.#loopedMessage(start, end, isWhole);
      const isOurs = message >= 0 && readEchoRequest(this.view, message, end, this.family, reading);
      const isNamed = reading.hasToken || this.#payloadBytes < plainPayloadBytes;
      if (isOurs && isNamed) handler.onTransmitStamp(this);
    } else if (control.errorOrigin === SO_EE_ORIGIN_ICMP || control.errorOrigin === SO_EE_ORIGIN_ICMP6) {
      // A ping socket's queue contains advice, too; raw sockets filter it out.
      if (!isIcmpError(this.family, control.errorType)) return;
      if (!readEchoRequest(this.view, start, end, this.family, reading)) return;
      reading.kind = 'error';
      this.#queuedMessage = start;
      reading.errorType = control.errorType;
      reading.errorCode = control.errorCode;
      if (control.offender >= 0) this.routerAt = control.offender + this.#addressOffset;
      this.#tellError(handler);
    }
  }

  #tellError(handler: PacketHandler): void {
    const { errorType, errorCode } = this.reading;
    const isPathMtu = !this.#dontFragment && isTooBig(this.family, errorType, errorCode);
    if (isPathMtu) handler.onTooBig?.(this);
    else handler.onError(this);
  }

  /** Where our message begins in a looped packet; -1 if it is not there. */
  #loopedMessage(start: number, end: number, isWhole: boolean): number {
    // The packet begins with headers that depend on the device, but it ends with our message.
    const message = end - icmpHeaderBytes - this.#payloadBytes;
    if (isWhole && message >= start) return message;
    // Unless it is the first of the fragments that it was sent as.
    const last = Math.min(start + roomBytes, end - echoByteLength);
    for (let at = start; at <= last; at += 2) if (isMarked(this.view, at)) return at;
    return -1;
  }
}
