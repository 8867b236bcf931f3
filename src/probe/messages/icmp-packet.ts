import { plainPayloadBytes } from '../../core/target/probe-packet.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import { isIcmpError } from './icmp-errors.ts';

export const icmpHeaderBytes = 8;
/** ICMP header (8), marker (4), serial (4), token (8): the whole of a plain probe, in bytes. */
export const echoByteLength = icmpHeaderBytes + plainPayloadBytes;

// 'PMDp', so that anyone who captures a probe sees whose it is.
const marker = 0x504d4470;
const requestTypes = { 4: 8, 6: 128 } as const;
const replyTypes = { 4: 0, 6: 129 } as const;

/** The contents of one received packet. The readers fill it in place and allocate nothing; token and serial as int32. */
export interface IcmpReading {
  kind: 'echo-reply' | 'error' | 'other';
  identifier: number;
  sequence: number;
  /** True when the checksum, where the kernel has not verified it (IPv4 raw sockets), does not match. */
  isDamaged: boolean;
  /** False when the packet ends before our payload does, as with routers that quote only eight bytes. */
  hasToken: boolean;
  /**
   * Bytes after the ICMP header of an echo. If there are fewer than a plain probe has, the first eight are as much of the token.
   */
  payloadBytes: number;
  serial: number;
  tokenLow: number;
  tokenHigh: number;
  /** TTL of the packet itself if its IP header was read, otherwise 0. */
  ttl: number;
  errorType: number;
  errorCode: number;
  /** Where in the buffer the quoted packet's destination address begins; -1 for a packet that quotes none. */
  quotedDestination: number;
}

export function createIcmpReading(): IcmpReading {
  return {
    kind: 'other',
    identifier: 0,
    sequence: 0,
    isDamaged: false,
    hasToken: false,
    payloadBytes: 0,
    serial: 0,
    tokenLow: 0,
    tokenHigh: 0,
    ttl: 0,
    errorType: 0,
    errorCode: 0,
    quotedDestination: -1,
  };
}

export interface EchoRequest {
  readonly family: AddressFamily;
  readonly identifier: number;
  readonly sequence: number;
  readonly serial: number;
  readonly tokenLow: number;
  readonly tokenHigh: number;
}

/**
 * Writes a request with its whole payload at `offset`; what follows the token stays zero. For IPv6 the kernel fills in the
 * checksum, which covers addresses too.
 */
export function writeEchoRequest(
  view: DataView,
  offset: number,
  request: EchoRequest,
  payloadBytes = plainPayloadBytes,
): void {
  view.setUint16(offset, requestTypes[request.family] << 8);
  view.setUint16(offset + 2, 0);
  view.setUint16(offset + 4, request.identifier);
  view.setUint16(offset + 6, request.sequence);
  if (payloadBytes < plainPayloadBytes) {
    writeShortToken(view, offset + icmpHeaderBytes, request, payloadBytes);
  } else {
    view.setUint32(offset + 8, marker);
    view.setInt32(offset + 12, request.serial | 0);
    view.setInt32(offset + 16, request.tokenLow);
    view.setInt32(offset + 20, request.tokenHigh);
  }
  // Zeros add nothing to it.
  const end = offset + icmpHeaderBytes + Math.min(payloadBytes, plainPayloadBytes);
  if (request.family === 4) view.setUint16(offset + 2, internetChecksum(view, offset, end));
}

function writeShortToken(
  view: DataView,
  offset: number,
  { tokenLow, tokenHigh }: EchoRequest,
  byteLength: number,
): void {
  for (let at = 0; at < Math.min(byteLength, 8); at++) {
    view.setUint8(offset + at, (at < 4 ? tokenLow : tokenHigh) >>> (24 - (at & 3) * 8));
  }
}

/** What is left of a token's word when only `byteLength` bytes of it were sent. */
export function shortened(word: number, byteLength: number): number {
  if (byteLength >= 4) return word | 0;
  return byteLength <= 0 ? 0 : word & (-1 << (32 - byteLength * 8));
}

/** RFC 1071, of at most 64 KiB: an odd last byte counts as if a zero followed. */
export function internetChecksum(view: DataView, start: number, end: number): number {
  let sum = 0;
  let at = start;
  for (; at < end - 1; at += 2) sum += view.getUint16(at);
  if (at < end) sum += view.getUint8(at) << 8;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Reads an IPv4 packet from its IP header on, as IPv4 raw sockets return it. Anything malformed reads as 'other'. */
export function readIpv4Packet(view: DataView, start: number, end: number, into: IcmpReading): void {
  into.kind = 'other';
  const limit = Math.min(end, view.byteLength);
  if (start < 0 || limit - start < 20) return;
  const firstByte = view.getUint8(start);
  const headerLength = (firstByte & 0x0f) * 4;
  if (firstByte >> 4 !== 4 || headerLength < 20 || view.getUint8(start + 9) !== 1) return;
  const message = start + headerLength;
  const packetEnd = start + view.getUint16(start + 2);
  // Data beyond the packet's own length is not part of it.
  readIcmpMessage(view, message, Math.min(limit, packetEnd), 4, into);
  into.ttl = view.getUint8(start + 8);
  if (into.kind === 'other') return;
  // Our buffer holds every reply in full; of errors, which quote more than we need, it holds only the beginning.
  const isWhole = packetEnd <= limit;
  into.isDamaged = isWhole ? internetChecksum(view, message, packetEnd) !== 0 : into.kind === 'echo-reply';
}

/** Reads an ICMP message from its type on. Anything malformed or of no interest reads as 'other'. */
export function readIcmpMessage(
  view: DataView,
  start: number,
  end: number,
  family: AddressFamily,
  into: IcmpReading,
): void {
  into.kind = 'other';
  into.isDamaged = false;
  into.ttl = 0;
  into.quotedDestination = -1;
  const limit = Math.min(end, view.byteLength);
  if (start < 0 || limit - start < 8) return;
  const type = view.getUint8(start);
  if (type === replyTypes[family]) {
    readEcho(view, start, limit, into);
    into.kind = 'echo-reply';
    return;
  }
  if (!isIcmpError(family, type)) return;
  const quoted = start + 8;
  const quotedIcmp = family === 4 ? quotedIcmpInIpv4(view, quoted, limit) : quotedIcmpInIpv6(view, quoted, limit);
  if (quotedIcmp === -1 || !readEchoRequest(view, quotedIcmp, limit, family, into)) return;
  into.kind = 'error';
  into.errorType = type;
  into.errorCode = view.getUint8(start + 1);
  into.quotedDestination = quoted + (family === 4 ? 16 : 24);
}

/** Whether our marker is where an ICMP message that begins at `start` would have it. */
export function isMarked(view: DataView, start: number): boolean {
  return view.getUint32(start + icmpHeaderBytes) === marker;
}

/** Reads one of our own echo requests, as errors and transmit stamps quote it; false if it is not one. */
export function readEchoRequest(
  view: DataView,
  start: number,
  end: number,
  family: AddressFamily,
  into: IcmpReading,
): boolean {
  const limit = Math.min(end, view.byteLength);
  if (start < 0 || limit - start < 8 || view.getUint8(start) !== requestTypes[family]) return false;
  readEcho(view, start, limit, into);
  return true;
}

function readEcho(view: DataView, start: number, limit: number, into: IcmpReading): void {
  into.identifier = view.getUint16(start + 4);
  into.sequence = view.getUint16(start + 6);
  const payload = start + icmpHeaderBytes;
  into.payloadBytes = limit - payload;
  if (into.payloadBytes < plainPayloadBytes) {
    into.hasToken = false;
    into.tokenLow = readShort(view, payload, limit);
    into.tokenHigh = readShort(view, payload + 4, Math.min(limit, payload + 8));
    return;
  }
  into.hasToken = view.getUint32(payload) === marker;
  if (!into.hasToken) return;
  into.serial = view.getInt32(start + 12);
  into.tokenLow = view.getInt32(start + 16);
  into.tokenHigh = view.getInt32(start + 20);
}

/** Up to four bytes as the upper ones of an int32. */
function readShort(view: DataView, start: number, end: number): number {
  let word = 0;
  for (let at = start; at < Math.min(end, start + 4); at++) word |= view.getUint8(at) << (24 - (at - start) * 8);
  return word;
}

function quotedIcmpInIpv4(view: DataView, start: number, limit: number): number {
  if (limit - start < 20) return -1;
  const firstByte = view.getUint8(start);
  const headerLength = (firstByte & 0x0f) * 4;
  if (firstByte >> 4 !== 4 || headerLength < 20 || view.getUint8(start + 9) !== 1) return -1;
  return start + headerLength;
}

function quotedIcmpInIpv6(view: DataView, start: number, limit: number): number {
  if (limit - start < 40 || view.getUint8(start) >> 4 !== 6 || view.getUint8(start + 6) !== 58) return -1;
  return start + 40;
}
