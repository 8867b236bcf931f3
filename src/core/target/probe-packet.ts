import type { AddressFamily } from './address-family.ts';

/** How a target's probes look on the wire; null is what a plain probe has. */
export interface ProbePacket {
  /** Bytes after the ICMP header. */
  readonly payloadBytes: number | null;
  /** The upper six bits of the TOS byte (IPv4) or traffic class (IPv6). */
  readonly dscp: number | null;
  /** Or hop limit. */
  readonly ttl: number | null;
  /** Whether a router drops it, and says so, where it does not fit; else it is fragmented. */
  readonly dontFragment: boolean;
}

export const plainPacket: ProbePacket = { payloadBytes: null, dscp: null, ttl: null, dontFragment: false };

/** What a plain probe carries: marker, serial and token. With fewer bytes less of a token, or none, protects a reply. */
export const plainPayloadBytes = 16;
/** A whole Ethernet frame of IPv4; the same for IPv6, whose larger header makes two fragments of it there. */
export const payloadBytesMax = 1472;
export const dscpMax = 63;
export const packetTtlMin = 1;
export const packetTtlMax = 255;

/** The same text for probes that look the same. */
export function packetKey(family: AddressFamily, { payloadBytes, dscp, ttl, dontFragment }: ProbePacket): string {
  return `${family}:${payloadBytes ?? ''}:${dscp ?? 0}:${ttl ?? ''}${dontFragment ? ':df' : ''}`;
}
