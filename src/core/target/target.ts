import ipaddr from 'ipaddr.js';
import { hostnameToAscii } from './idna.ts';
import type { EpochMillis, TargetId } from '../ids.ts';
import type { AddressFamily } from './address-family.ts';
import { type ProbeSpec, icmpProbe, probeWords } from './probe-kinds.ts';
import type { ProbePacket } from './probe-packet.ts';

export interface Target {
  readonly id: TargetId;
  /** What people call it; null if it has no name of its own. */
  readonly name: string | null;
  /** Canonical text of the address in use; lower case, compressed for IPv6. */
  readonly ip: string;
  /** As made by `parseHostname`, resolved again and again. Null for a target that is an address. */
  readonly hostname: string | null;
  /** For a name: whether only addresses of one family are used. */
  readonly family: AddressFamily | null;
  readonly probe: ProbeSpec;
  readonly intervalMillis: number;
  readonly isActive: boolean;
  readonly createdAt: EpochMillis;
  /** http or https, or null. */
  readonly url: string | null;
  readonly notes: string | null;
  /** As made by `normalizeTags`: without duplicates. */
  readonly tags: readonly string[];
  readonly packet: ProbePacket;
  /** Made by `pmd seed`: its history is synthetic and it is never probed. */
  readonly isSynthetic: boolean;
  /** Set while the target is deleted; its history stays readable. */
  readonly deletedAt: EpochMillis | null;
}

export type NewTarget = Pick<Target, 'ip' | 'intervalMillis' | 'url' | 'notes' | 'isActive' | 'isSynthetic'> &
  Partial<Pick<Target, 'name' | 'tags' | 'packet' | 'hostname' | 'family' | 'probe'>>;
/** `deletedAt`: a time deletes, null restores. */
export type TargetChange = Partial<
  Pick<
    Target,
    | 'intervalMillis'
    | 'url'
    | 'notes'
    | 'isActive'
    | 'tags'
    | 'packet'
    | 'deletedAt'
    | 'ip'
    | 'hostname'
    | 'family'
    | 'probe'
    | 'name'
  >
>;

export const intervalSecondsMin = 0.1;
export const intervalSecondsMax = 3600;
export const nameLengthMax = 100;
export const notesLengthMax = 2000;
export const tagLengthMax = 40;
export const tagsMax = 20;

export const portMin = 1;
export const portMax = 65_535;

/** What is unique to a target, and how it is labelled: the address alone if that is what is pinged. */
export function targetKey({ ip, hostname, family, probe = icmpProbe }: TargetIdentity): string {
  const isOfOneFamily = typeof hostname === 'string' && typeof family === 'number';
  const words = [hostname ?? ip, isOfOneFamily ? `ipv${family}` : '', probeWords(probe)];
  return words.filter((word) => word !== '').join(' ');
}

type TargetIdentity = Pick<Target, 'ip'> & Partial<Pick<Target, 'hostname' | 'family' | 'probe'>>;

const labelPattern = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * The name in ASCII and lower case, without a trailing dot; `undefined` for text that is not a host name, or could be an address.
 */
export function parseHostname(text: string): string | undefined {
  const given = text.trim().toLowerCase();
  const name = (!/[^ -~]/.test(given) ? given : (hostnameToAscii(given) ?? '')).replace(/\.$/, '');
  const labels = name.split('.');
  const isName = name.length <= 253 && labels.every((label) => labelPattern.test(label));
  return isName && !/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '') ? name : undefined;
}

/** Families as the caller sees them; `address` is canonical. A fault is a sentence for the caller. */
export type ParsedAddress =
  | { readonly kind: 'address'; readonly address: string; readonly family: AddressFamily }
  | { readonly kind: 'fault'; readonly reason: AddressFault; readonly message: string };

/** Why a text is not an address that can be probed. */
export type AddressFault = 'zone' | 'octal' | 'no-address' | 'unspecified' | 'multicast' | 'broadcast' | 'mapped';

const faultSentences: Readonly<Record<AddressFault, string>> = {
  zone: 'has a zone, which only link-local addresses (fe80::/10) have: the name of an interface, as in fe80::1%eth0.',
  octal: 'has a part with a leading zero, which some programs read as octal.',
  'no-address': 'is not an IPv4 or IPv6 address.',
  unspecified: 'is the unspecified address, which is no host.',
  multicast: 'is a multicast address; only single hosts can be probed.',
  broadcast: 'is the broadcast address; only single hosts can be probed.',
  mapped: 'is an IPv4-mapped IPv6 address; give the IPv4 address itself.',
};

/** Accepts dotted-quad IPv4 (four decimal parts) and IPv6; refuses whatever cannot be a single host to probe. */
export function parseTargetAddress(text: string): ParsedAddress {
  const fault = (reason: AddressFault): ParsedAddress => ({
    ...{ kind: 'fault', reason, message: `${JSON.stringify(text)} ${faultSentences[reason]}` },
  });
  const trimmed = text.trim();
  if (trimmed.includes('%')) return parseZoned(trimmed, fault);
  if (/^(\d+\.)*0\d+(\.\d+)*$/.test(trimmed)) {
    return fault('octal');
  }
  if (ipaddr.IPv4.isValidFourPartDecimal(trimmed)) return refuseRange(ipaddr.IPv4.parse(trimmed), 4, fault);
  if (!trimmed.includes(':') || !ipaddr.IPv6.isValid(trimmed)) return fault('no-address');
  return refuseRange(ipaddr.IPv6.parse(trimmed), 6, fault);
}

/** What Linux accepts as names of interfaces, and their numbers. */
const zonePattern = /^[\w.:@-]{1,15}$/;

/** The zone is part of the canonical address: the same address on another interface is another host. */
function parseZoned(text: string, fault: (reason: AddressFault) => ParsedAddress): ParsedAddress {
  const zone = text.slice(text.indexOf('%') + 1);
  const parsed = parseTargetAddress(withoutZone(text));
  if (parsed.kind === 'fault') return fault(parsed.reason);
  const isLinkLocal = parsed.family === 6 && ipaddr.IPv6.parse(parsed.address).range() === 'linkLocal';
  if (!isLinkLocal || !zonePattern.test(zone)) return fault('zone');
  return { ...parsed, address: `${parsed.address}%${zone}` };
}

/** `fe80::1` of `fe80::1%eth0`. */
export function withoutZone(address: string): string {
  return address.replace(/%.*$/s, '');
}

/** `eth0` of `fe80::1%eth0`; `undefined` without a zone. */
export function zoneOf(address: string): string | undefined {
  const at = address.indexOf('%');
  return at === -1 ? undefined : address.slice(at + 1);
}

function refuseRange(
  parsed: ipaddr.IPv4 | ipaddr.IPv6,
  family: AddressFamily,
  fault: (reason: AddressFault) => ParsedAddress,
): ParsedAddress {
  switch (parsed.range()) {
    case 'unspecified':
      return fault('unspecified');
    case 'multicast':
      return fault('multicast');
    case 'broadcast':
      return fault('broadcast');
    case 'ipv4Mapped':
      return fault('mapped');
    default:
      return { kind: 'address', address: parsed.toString(), family };
  }
}

/** Why a text is not a tag, as the end of a sentence; `undefined` if it is one. */
export function tagFault(text: string): string | undefined {
  const tag = text.trim();
  if (tag === '') return 'is empty.';
  if (tag.length > tagLengthMax) return `has more than ${tagLengthMax} characters.`;
  // A tag cannot contain separators of lists, quotes or invisible characters.
  return /^[^\s,;"'\p{C}][^,;"'\p{C}]*$/u.test(tag)
    ? undefined
    : 'has a character that a tag cannot have: , ; " or \'.';
}

/** Lower case, at most one space between words, without duplicates, sorted. */
export function normalizeTags(texts: readonly string[]): readonly string[] {
  const tags = texts.map((text) => text.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase());
  return [...new Set(tags)].sort();
}

export function familyOf(canonicalAddress: string): AddressFamily {
  return canonicalAddress.includes(':') ? 6 : 4;
}

/**
 * `undefined` if the text is not a CIDR block with its full address: for 10/8, some programs add the missing zeros at the end,
 * others at the front. A block of IPv4-mapped addresses would match nothing.
 */
export function parseCidr(text: string): readonly [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  const address = text.split('/', 1)[0] ?? '';
  const isFull = address.includes(':') ? !address.includes('%') : ipaddr.IPv4.isValidFourPartDecimal(address);
  if (!isFull || !ipaddr.isValidCIDR(text)) return undefined;
  const block = ipaddr.parseCIDR(text);
  return block[0].range() === 'ipv4Mapped' ? undefined : block;
}

/** A full CIDR block; an address alone is a block of one. `undefined` for anything else. */
export function blockOf(text: string): string | undefined {
  if (text.includes('/')) return parseCidr(text) === undefined ? undefined : text;
  const block = `${text}/${text.includes(':') ? 128 : 32}`;
  return parseCidr(block) === undefined ? undefined : block;
}

/** For any text: a name that begins like an address, such as 127.0.0.1.example.com, is not one. */
export function isLoopbackAddress(text: string): boolean {
  return text === '::1' || (text.startsWith('127.') && ipaddr.IPv4.isValidFourPartDecimal(text));
}
