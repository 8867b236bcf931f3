import ipaddr from 'ipaddr.js';

/** Whole IP packets made by hand, for responders and for tests of the parser. */
export type Family = 4 | 6;

const protocols = { 4: 1, 6: 58 } as const;

const addressBytes = (ip: string): readonly number[] => ipaddr.parse(ip).toByteArray();
const word = (value: number): readonly [number, number] => [(value >> 8) & 0xff, value & 0xff];

/** RFC 1071, of any number of bytes. */
export function checksumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export interface IpFields {
  readonly from: string;
  readonly to: string;
  readonly ttl?: number;
  /** IPv4 only: a multiple of four, at most 40 bytes. */
  readonly options?: readonly number[];
  /** IPv4 only. */
  readonly fragment?: { readonly id: number; readonly offset: number; readonly hasMore: boolean };
  /** IPv6 only: whole extension headers, the last of which says that ICMPv6 follows. */
  readonly extensions?: { readonly first: number; readonly bytes: readonly number[] };
}

export function ipPacket(family: Family, fields: IpFields, content: Uint8Array): Uint8Array {
  return family === 4 ? ipv4Packet(fields, content) : ipv6Packet(fields, content);
}

function ipv4Packet({ from, to, ttl = 64, options = [], fragment }: IpFields, content: Uint8Array): Uint8Array {
  const headerLength = 20 + options.length;
  const flags = fragment === undefined ? 0 : (fragment.hasMore ? 0x2000 : 0) | (fragment.offset / 8);
  const header = Uint8Array.from([
    ...[0x40 | (headerLength / 4), 0, ...word(headerLength + content.length), ...word(fragment?.id ?? 0)],
    ...[...word(flags), ttl, protocols[4], 0, 0, ...addressBytes(from), ...addressBytes(to), ...options],
  ]);
  header.set(word(checksumOf(header)), 10);
  return Uint8Array.from([...header, ...content]);
}

function ipv6Packet({ from, to, ttl = 64, extensions }: IpFields, content: Uint8Array): Uint8Array {
  const extensionBytes = extensions?.bytes ?? [];
  const length = extensionBytes.length + content.length;
  const header = [0x60, 0, 0, 0, ...word(length), extensions?.first ?? protocols[6], ttl];
  return Uint8Array.from([...header, ...addressBytes(from), ...addressBytes(to), ...extensionBytes, ...content]);
}

/** An ICMP message with its checksum, which for IPv6 covers both addresses. `rest`: everything from the fifth byte on. */
export function icmpMessage(
  family: Family,
  { from, to }: Pick<IpFields, 'from' | 'to'>,
  [type, code]: readonly [type: number, code: number],
  rest: Uint8Array,
): Uint8Array {
  const message = Uint8Array.from([type, code, 0, 0, ...rest]);
  const pseudo = [...addressBytes(from), ...addressBytes(to), 0, 0, ...word(message.length), 0, 0, 0, protocols[6]];
  const covered = family === 4 ? message : Uint8Array.from([...pseudo, ...message]);
  message.set(word(checksumOf(covered)), 2);
  return message;
}

/** An echo request as it arrived. */
export interface Request {
  readonly family: Family;
  readonly from: string;
  readonly to: string;
  /** With its IP header. */
  readonly packet: Uint8Array;
  /** The ICMP message in it. */
  readonly message: Uint8Array;
}

/** `undefined` for what is no echo request. */
export function requestIn(packet: Uint8Array): Request | undefined {
  const family = (packet[0] ?? 0) >> 4;
  if (family !== 4 && family !== 6) return undefined;
  const isIcmp = packet[family === 4 ? 9 : 6] === protocols[family];
  const message = packet.slice(family === 4 ? ((packet[0] ?? 0) & 15) * 4 : 40);
  if (!isIcmp || message[0] !== (family === 4 ? 8 : 128)) return undefined;
  const [source, destination, length] = family === 4 ? [12, 16, 4] : [8, 24, 16];
  const addressAt = (at: number): string => ipaddr.fromByteArray([...packet.slice(at, at + length)]).toString();
  return { family, from: addressAt(source), to: addressAt(destination), packet, message };
}
