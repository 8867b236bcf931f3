import type { ProbePacket } from '../../core/target/probe-packet.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import { addressOffsetOf, scopeOffset } from '../linux/address-words.ts';
import type { ControlReading } from '../linux/control-message.ts';
import { createControlReading, readControl } from '../linux/control-message.ts';
import { isIcmpError } from '../messages/icmp-errors.ts';
import type { Arena, Libc } from '../linux/libc.ts';
import { createArena, errnos } from '../linux/libc.ts';
import { layOutVector, mmsghdr, resetReceived, vectorByteLength } from '../linux/message-layout.ts';
import type { LaneTarget } from '../lane/probe-lane.ts';
import * as option from '../linux/socket-options.ts';

/** Where `struct tcp_info` has the kernel's measurement of the handshake; the fields have been there since 2.6. */
const tcpInfo = { size: 104, rtt: 68, totalRetransmissions: 100 } as const;
const places = { address: 0, value: 32, info: 64, length: 168, ownName: 176, peerName: 208, end: 240 } as const;
const queueShape = { count: 1, nameLength: 28, dataStride: 64, controlStride: 256 };

/** The outcome of a handshake; filled in place. */
export interface HandshakeReading {
  /** From SYN to its answer by the kernel's own clock, in microseconds; 0 if it has measured none. */
  rttMicros: number;
  /** How often the kernel has retransmitted a SYN. */
  retransmissions: number;
}

/** Opens, connects, reads and closes the sockets of one family, by system calls that never wait. */
export class TcpSockets {
  readonly reading: HandshakeReading = { rttMicros: 0, retransmissions: 0 };
  readonly #libc: Libc;
  readonly #family: AddressFamily;
  readonly #arena: Arena = createArena(places.end);
  readonly #words: Uint32Array;
  readonly #queue: Arena = createArena(vectorByteLength(queueShape));
  readonly #queued = layOutVector(this.#queue, 0, queueShape);
  readonly #control = createControlReading();

  constructor(libc: Libc, family: AddressFamily) {
    this.#libc = libc;
    this.#family = family;
    this.#words = new Uint32Array(this.#arena.bytes.buffer, addressOffsetOf(family), family === 4 ? 1 : 4);
    this.#arena.view.setUint16(places.address, family === 4 ? option.AF_INET : option.AF_INET6, true);
  }

  /** A descriptor, or the negative errno. */
  open(packet: ProbePacket): number {
    const domain = this.#family === 4 ? option.AF_INET : option.AF_INET6;
    const type = option.SOCK_STREAM | option.SOCK_NONBLOCK | option.SOCK_CLOEXEC;
    const descriptor = this.#libc.socket(domain, type, option.IPPROTO_TCP);
    if (descriptor < 0) return -this.#libc.errno();
    const isIpv4 = this.#family === 4;
    const level = isIpv4 ? option.SOL_IP : option.SOL_IPV6;
    // Closing sends a RST instead of waiting in TIME_WAIT: a linger of zero seconds.
    this.#set(descriptor, option.SOL_SOCKET, option.SO_LINGER, 1, 0);
    this.#set(descriptor, level, isIpv4 ? option.IP_RECVERR : option.IPV6_RECVERR, 1);
    const { dscp, ttl } = packet;
    if (dscp !== null) this.#set(descriptor, level, isIpv4 ? option.IP_TOS : option.IPV6_TCLASS, dscp << 2);
    if (ttl !== null) this.#set(descriptor, level, isIpv4 ? option.IP_TTL : option.IPV6_UNICAST_HOPS, ttl);
    return descriptor;
  }

  /** 0 when the handshake has already ended, otherwise the errno, which is EINPROGRESS while it is in progress. */
  connect(
    descriptor: number,
    { words, from, port }: Pick<LaneTarget, 'words' | 'from' | 'port'>,
    scope: number,
  ): number {
    this.#arena.view.setUint16(places.address + 2, port, false);
    if (this.#family === 6) this.#arena.view.setUint32(places.address + scopeOffset, scope, true);
    for (let word = 0; word < this.#words.length; word++) this.#words[word] = words[from + word] ?? 0;
    const length = this.#family === 4 ? 16 : 28;
    return this.#libc.connect(descriptor, this.#arena.address + places.address, length) === 0 ? 0 : this.#libc.errno();
  }

  /** Into `reading`. */
  readHandshake(descriptor: number): void {
    const isRead = this.#get(descriptor, option.IPPROTO_TCP, option.TCP_INFO, places.info, tcpInfo.size);
    const { view } = this.#arena;
    this.reading.rttMicros = isRead ? view.getUint32(places.info + tcpInfo.rtt, true) : 0;
    this.reading.retransmissions = isRead ? view.getUint32(places.info + tcpInfo.totalRetransmissions, true) : 0;
  }

  /**
   * Whether the connection leads to itself: if nothing listens on a port of this machine, the kernel may choose that very port
   * for our end, and two SYNs that cross make a connection (RFC 9293 §3.5).
   */
  isToItself(descriptor: number): boolean {
    const { view, address } = this.#arena;
    const nameOf = (call: 'getsockname' | 'getpeername', place: number): void => {
      view.setUint32(places.length, 28, true);
      this.#libc[call](descriptor, address + place, address + places.length);
    };
    nameOf('getsockname', places.ownName);
    nameOf('getpeername', places.peerName);
    const words = this.#family === 4 ? 2 : 6;
    for (let word = 0; word < words; word++) {
      if (view.getUint32(places.ownName + word * 4) !== view.getUint32(places.peerName + word * 4)) return false;
    }
    return true;
  }

  /** Why the connection failed, or what a router reported, as an errno; 0 for neither. Reading clears it. */
  takeError(descriptor: number): number {
    return this.#get(descriptor, option.SOL_SOCKET, option.SO_ERROR, places.value, 4)
      ? this.#arena.view.getInt32(places.value, true)
      : errnos.ETIMEDOUT;
  }

  /** ICMP type × 256 + code of the first ICMP error that came for the SYN; -1 if none did. */
  takeIcmpError(descriptor: number): number {
    const flags = option.MSG_ERRQUEUE | option.MSG_DONTWAIT;
    while (this.#libc.recvmmsg(descriptor, this.#queued.pointerTo(0), 1, flags, 0) === 1) {
      const { errorOrigin, errorType, errorCode } = this.#readQueued();
      const isIcmp = errorOrigin === option.SO_EE_ORIGIN_ICMP || errorOrigin === option.SO_EE_ORIGIN_ICMP6;
      if (isIcmp && isIcmpError(this.#family, errorType)) return errorType * 256 + errorCode;
    }
    return -1;
  }

  #readQueued(): ControlReading {
    const length = this.#queue.view.getUint32(this.#queued.headerAt(0) + mmsghdr.controlLength, true);
    readControl(this.#queue.view, this.#queued.controlAt(0), length, 0, this.#control);
    resetReceived(this.#queued, 0, queueShape);
    return this.#control;
  }

  close(descriptor: number): void {
    this.#libc.close(descriptor);
  }

  #set(descriptor: number, level: number, name: number, ...values: readonly number[]): void {
    values.forEach((value, at) => this.#arena.view.setInt32(places.value + at * 4, value, true));
    this.#libc.setsockopt(descriptor, level, name, this.#arena.address + places.value, values.length * 4);
  }

  #get(descriptor: number, level: number, name: number, place: number, size: number): boolean {
    const { view, address } = this.#arena;
    view.setUint32(places.length, size, true);
    return this.#libc.getsockopt(descriptor, level, name, address + place, address + places.length) === 0;
  }
}

/** How many connections may be in progress at once: a small part of the descriptors that this process may have. */
export function connectionLimit(libc: Libc, most: number): number {
  const arena = createArena(16);
  if (libc.getrlimit(option.RLIMIT_NOFILE, arena.address) !== 0) return most;
  const allowed = Number(arena.view.getBigUint64(0, true));
  return Math.max(16, Math.min(most, Math.floor(allowed / 8)));
}
