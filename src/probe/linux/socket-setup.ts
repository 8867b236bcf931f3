import type { AddressFamily } from '../../core/target/address-family.ts';
import type { Arena, Libc } from './libc.ts';
import { createArena } from './libc.ts';
import { writePointer } from './message-layout.ts';
import { encodeFilter, identifierFilter, refuseAll } from './probe-filter.ts';
import * as option from './socket-options.ts';

export type SocketMethod = 'raw-socket' | 'ping-socket';

export interface SocketRequest {
  readonly family: AddressFamily;
  readonly method: SocketMethod;
  /** Raw sockets only: the aligned block of identifiers whose replies are let in. */
  readonly identifierBase: number;
  readonly identifierCount: number;
  /** Of sent packets; a plain probe's if not given. */
  readonly payloadBytes?: number;
  readonly dscp?: number;
  readonly ttl?: number;
  readonly dontFragment?: boolean;
  /** Index of the interface for link-local addresses. */
  readonly scope?: number;
}

/** The system refused a call that a socket cannot do without. */
export class SocketError extends Error {
  override readonly name = 'SocketError';
  readonly errno: number;

  constructor(call: string, errno: number) {
    super(`${call} failed with errno ${errno}`);
    this.errno = errno;
  }
}

const receiveBufferBytes = 8 << 20;
const sendBufferBytes = 4 << 20;

/** Opens a socket that provides stamps, TTLs and overflow counts, and that no foreign packet has reached yet. */
export function openDescriptor(libc: Libc, request: SocketRequest): number {
  const { family, method } = request;
  const descriptor = libc.socket(
    family === 4 ? option.AF_INET : option.AF_INET6,
    (method === 'raw-socket' ? option.SOCK_RAW : option.SOCK_DGRAM) | option.SOCK_CLOEXEC,
    family === 4 ? option.IPPROTO_ICMP : option.IPPROTO_ICMPV6,
  );
  if (descriptor < 0) throw new SocketError('socket', libc.errno());
  try {
    const setup = { libc, descriptor, arena: createArena(512) };
    if (method === 'raw-socket') attachFilter(setup, encodeFilter(refuseAll));
    setCommonOptions(setup);
    // IPv4 raw sockets see the TTL in the IP header itself.
    if (family === 6) setIpv6Options(setup);
    else if (method === 'ping-socket') setInteger(setup, option.SOL_IP, option.IP_RECVTTL, 1);
    setShape(setup, request);
    setFragmentation(setup, request);
    if (method === 'raw-socket') setRawOptions(setup, request);
    else if (family === 4) setInteger(setup, option.SOL_IP, option.IP_RECVERR, 1);
    else setInteger(setup, option.SOL_IPV6, option.IPV6_RECVERR, 1);
  } catch (error) {
    libc.close(descriptor);
    throw error;
  }
  return descriptor;
}

interface Setup {
  readonly libc: Libc;
  readonly descriptor: number;
  readonly arena: Arena;
}

function setCommonOptions(setup: Setup): void {
  setInteger(setup, option.SOL_SOCKET, option.SO_TIMESTAMPING, option.SOF_TIMESTAMPING);
  setInteger(setup, option.SOL_SOCKET, option.SO_RXQ_OVFL, 1);
  setBuffer(setup, option.SO_RCVBUFFORCE, option.SO_RCVBUF, receiveBufferBytes);
  setBuffer(setup, option.SO_SNDBUFFORCE, option.SO_SNDBUF, sendBufferBytes);
}

function setIpv6Options(setup: Setup): void {
  setInteger(setup, option.SOL_IPV6, option.IPV6_RECVHOPLIMIT, 1);
  // Routers also choose among several paths by the flow label: one for all probes keeps them together.
  setInteger(setup, option.SOL_IPV6, option.IPV6_AUTOFLOWLABEL, 0);
}

function setShape(setup: Setup, { family, dscp = 0, ttl }: SocketRequest): void {
  const [level, byte] = family === 4 ? [option.SOL_IP, option.IP_TOS] : [option.SOL_IPV6, option.IPV6_TCLASS];
  if (dscp > 0) setInteger(setup, level, byte, dscp << 2);
  if (ttl !== undefined) setInteger(setup, level, family === 4 ? option.IP_TTL : option.IPV6_UNICAST_HOPS, ttl);
}

/**
 * The kernel's default would set "don't fragment" on IPv4 probes until a router objects, and again each time it forgets that: a
 * false loss each. If fragmenting is forbidden, "probe" sends regardless of what the path accepted before, so that a router
 * answers.
 */
function setFragmentation(setup: Setup, { family, dontFragment = false }: SocketRequest): void {
  if (family === 4) {
    const discovery = dontFragment ? option.PMTUDISC_PROBE : option.PMTUDISC_DONT;
    setInteger(setup, option.SOL_IP, option.IP_MTU_DISCOVER, discovery);
  } else if (dontFragment) {
    setInteger(setup, option.SOL_IPV6, option.IPV6_MTU_DISCOVER, option.PMTUDISC_PROBE);
    setInteger(setup, option.SOL_IPV6, option.IPV6_DONTFRAG, 1);
  }
}

function setRawOptions(setup: Setup, { family, identifierBase, identifierCount }: SocketRequest): void {
  const wanted = family === 4 ? [0, 3, 11, 12] : [129, 1, 2, 3, 4];
  // Both filters list the types to refuse: one bit for each of 32 types (IPv4) or of 256 (IPv6).
  const refused = new Uint32Array(family === 4 ? 1 : 8).fill(0xffffffff);
  for (const type of wanted) refused[type >> 5] = (refused[type >> 5] ?? 0) & ~(1 << (type & 31));
  const [level, name] = family === 4 ? [option.SOL_RAW, option.ICMP_FILTER] : [option.SOL_ICMPV6, option.ICMPV6_FILTER];
  setBytes(setup, level, name, new Uint8Array(refused.buffer));
  drain(setup);
  attachFilter(setup, encodeFilter(identifierFilter(family, identifierBase, identifierCount)));
}

/** Without the privilege to force a size, the kernel's limit (rmem_max, wmem_max) applies. */
function setBuffer(setup: Setup, force: number, ask: number, byteLength: number): void {
  setup.arena.view.setInt32(0, byteLength, true);
  const { libc, descriptor, arena } = setup;
  if (libc.setsockopt(descriptor, option.SOL_SOCKET, force, arena.address, 4) === 0) return;
  setInteger(setup, option.SOL_SOCKET, ask, byteLength);
}

function setInteger(setup: Setup, level: number, name: number, value: number): void {
  setBytes(setup, level, name, new Uint8Array(new Int32Array([value]).buffer));
}

function setBytes({ libc, descriptor, arena }: Setup, level: number, name: number, value: Uint8Array): void {
  arena.bytes.set(value);
  if (libc.setsockopt(descriptor, level, name, arena.address, value.length) !== 0) {
    throw new SocketError(`setsockopt ${level}/${name}`, libc.errno());
  }
}

function attachFilter(setup: Setup, program: Uint8Array): void {
  const { arena } = setup;
  // struct sock_fprog { u16 length; struct sock_filter *filter; }, with its program right after it.
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  view.setUint16(0, program.length / 8, true);
  writePointer(view, 8, arena.address + 16);
  arena.bytes.set(program, 16);
  setBytes(setup, option.SOL_SOCKET, option.SO_ATTACH_FILTER, header);
}

/** Discards what arrived before the filter: one message without name or buffer. */
function drain({ libc, descriptor, arena }: Setup): void {
  do arena.bytes.fill(0, 0, 64);
  while (libc.recvmmsg(descriptor, arena.address, 1, option.MSG_DONTWAIT, 0) > 0);
}

/** Sets the TTL (hop limit) of everything sent from now on; false if the kernel refuses. */
export function setTtl(libc: Libc, descriptor: number, family: AddressFamily, ttl: number, arena: Arena): boolean {
  arena.view.setInt32(0, ttl, true);
  const [level, name] = family === 4 ? [option.SOL_IP, option.IP_TTL] : [option.SOL_IPV6, option.IPV6_UNICAST_HOPS];
  return libc.setsockopt(descriptor, level, name, arena.address, 4) === 0;
}
