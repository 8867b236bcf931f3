import ipaddr from 'ipaddr.js';
import type { EpochMillis, TargetId } from './ids.ts';

export interface Target {
  readonly id: TargetId;
  /** Canonical text of the address; lower-case, compressed for IPv6. */
  readonly ip: string;
  readonly intervalMillis: number;
  readonly isActive: boolean;
  readonly createdAt: EpochMillis;
  /** http or https, or null. */
  readonly url: string | null;
  readonly notes: string | null;
  /** Made by `pmd seed`: its history is synthetic and it is never probed. */
  readonly isSynthetic: boolean;
  /** Set while the target is deleted: its history stays readable. */
  readonly deletedAt: EpochMillis | null;
}

export type NewTarget = Pick<Target, 'ip' | 'intervalMillis' | 'url' | 'notes' | 'isActive' | 'isSynthetic'>;
export type TargetChange = Partial<Pick<Target, 'intervalMillis' | 'url' | 'notes' | 'isActive'>>;

export const intervalSecondsMin = 0.1;
export const intervalSecondsMax = 3600;
export const notesLengthMax = 2000;

export type AddressFamily = 4 | 6;

/** Families as the caller sees them; `address` is canonical. A fault is a sentence for the caller. */
export type ParsedAddress =
  | { readonly kind: 'address'; readonly address: string; readonly family: AddressFamily }
  | { readonly kind: 'fault'; readonly message: string };

/** Accepts dotted-quad IPv4 (four decimal parts) and IPv6; refuses whatever cannot be a single host to probe. */
export function parseTargetAddress(text: string): ParsedAddress {
  const fault = (why: string): ParsedAddress => ({ kind: 'fault', message: `${JSON.stringify(text)} ${why}` });
  const trimmed = text.trim();
  if (trimmed.includes('%')) return fault('has a zone; give the address without %zone.');
  if (/^(\d+\.)*0\d+(\.\d+)*$/.test(trimmed)) {
    return fault('has a part with a leading zero, which some programs read as octal.');
  }
  if (ipaddr.IPv4.isValidFourPartDecimal(trimmed)) return refuseRange(ipaddr.IPv4.parse(trimmed), 4, fault);
  if (!trimmed.includes(':') || !ipaddr.IPv6.isValid(trimmed)) return fault('is not an IPv4 or IPv6 address.');
  return refuseRange(ipaddr.IPv6.parse(trimmed), 6, fault);
}

function refuseRange(
  parsed: ipaddr.IPv4 | ipaddr.IPv6,
  family: AddressFamily,
  fault: (why: string) => ParsedAddress,
): ParsedAddress {
  switch (parsed.range()) {
    case 'unspecified':
      return fault('is the unspecified address, which is no host.');
    case 'multicast':
      return fault('is a multicast address; only single hosts can be probed.');
    case 'broadcast':
      return fault('is the broadcast address; only single hosts can be probed.');
    case 'ipv4Mapped':
      return fault('is an IPv4-mapped IPv6 address; give the IPv4 address itself.');
    default:
      return { kind: 'address', address: parsed.toString(), family };
  }
}

export function familyOf(canonicalAddress: string): AddressFamily {
  return canonicalAddress.includes(':') ? 6 : 4;
}

/** `undefined` where the text is not a CIDR block. */
export function parseCidr(text: string): readonly [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
}

/** Whether the probe policy lets us probe an address: denied blocks win; an empty allow list allows all. */
export function isProbeAllowed(
  canonicalAddress: string,
  policy: { readonly allow: readonly string[]; readonly deny: readonly string[] },
): boolean {
  const address = ipaddr.parse(canonicalAddress);
  const isWithin = (block: string): boolean => {
    const [network, prefix] = ipaddr.parseCIDR(block);
    return network.kind() === address.kind() && address.match(network, prefix);
  };
  if (policy.deny.some(isWithin)) return false;
  return policy.allow.length === 0 || policy.allow.some(isWithin);
}

export function isLoopbackAddress(canonicalAddress: string): boolean {
  return canonicalAddress === '::1' || canonicalAddress.startsWith('127.');
}
