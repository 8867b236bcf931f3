import type { AddressFamily } from './address-family.ts';

/** What a target's probes look like on the wire; null is the value of a plain probe. */
export interface ProbePacket {
  /** Bytes after the ICMP header. */
  readonly payloadBytes: number | null;
  /** The upper six bits of the TOS byte (IPv4) or traffic class (IPv6). */
  readonly dscp: number | null;
  /** Or the hop limit. */
  readonly ttl: number | null;
  /** Whether a router drops a probe that is too large and says so; otherwise it is fragmented. */
  readonly dontFragment: boolean;
}

export const plainPacket: ProbePacket = { payloadBytes: null, dscp: null, ttl: null, dontFragment: false };

/** The payload of a plain probe: marker, serial and token. With fewer bytes, less of a token, or none, protects a reply. */
export const plainPayloadBytes = 16;
/** A whole Ethernet frame of IPv4. The same for IPv6, whose larger header then makes two fragments. */
export const payloadBytesMax = 1472;
export const dscpMax = 63;
export const packetTtlMin = 1;
export const packetTtlMax = 255;

/** The same text for probes that look the same. */
export function packetKey(family: AddressFamily, { payloadBytes, dscp, ttl, dontFragment }: ProbePacket): string {
  return `${family}:${payloadBytes ?? ''}:${dscp ?? 0}:${ttl ?? ''}${dontFragment ? ':df' : ''}`;
}
