import ipaddr from 'ipaddr.js';
import { type AddressFault, parseCidr, parseHostname, parseTargetAddress } from './target.ts';

/** What one entry of a pasted list means, or why it is invalid. */
export type ListEntry = { readonly line: number; readonly text: string } & (
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'name'; readonly hostname: string }
  | { readonly kind: 'fault'; readonly reason: AddressFault | 'too-large' | 'reversed' | 'families' }
);

/** Per list; more is rarely intended. */
export const listAddressesMax = 4096;

/**
 * Reads addresses, CIDR blocks (`192.0.2.0/28`), ranges (`192.0.2.10-192.0.2.20`, `192.0.2.10-20`) and host names, separated by
 * white space, commas or semicolons; `#` begins a comment. IPv4 blocks leave out the network and broadcast addresses. A name has
 * a dot in it or at its end, so that a stray word is not taken for one; `localhost` is the exception.
 */
export function parseAddressList(text: string): readonly ListEntry[] {
  return text.split('\n').flatMap((content, index) =>
    content
      .replace(/#.*$/, '')
      .replace(/\s*-\s*/g, '-')
      .split(/[\s,;]+/)
      .filter((word) => word !== '')
      .map((word) => ({ line: index + 1, text: word, ...parseEntry(word) })),
  );
}

type Parsed =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'name'; readonly hostname: string }
  | { readonly kind: 'fault'; readonly reason: (ListEntry & { kind: 'fault' })['reason'] };

function parseEntry(word: string): Parsed {
  if (word.includes('/')) return parseBlock(word);
  const hostname = word.includes('.') || word === 'localhost' ? parseHostname(word) : undefined;
  if (hostname !== undefined && /[a-z]/.test(hostname)) return { kind: 'name', hostname };
  if (word.includes('-')) return parseRange(word);
  const parsed = parseTargetAddress(word);
  return parsed.kind === 'fault' ? { kind: 'fault', reason: parsed.reason } : all([parsed.address]);
}

function all(addresses: readonly string[]): Parsed {
  return { kind: 'addresses', addresses };
}

function fault(reason: (ListEntry & { kind: 'fault' })['reason']): Parsed {
  return { kind: 'fault', reason };
}

function parseBlock(word: string): Parsed {
  const parsed = parseCidr(word);
  if (parsed === undefined) return fault('no-address');
  const [address, prefix] = parsed;
  const bits = address.kind() === 'ipv4' ? 32 : 128;
  const size = 2n ** BigInt(bits - prefix);
  if (size > BigInt(listAddressesMax)) return fault('too-large');
  const first = numberOf(address) & ~(size - 1n);
  const hasEdges = bits === 32 && prefix <= 30;
  return between(hasEdges ? first + 1n : first, first + size - (hasEdges ? 2n : 1n), bits);
}

function parseRange(word: string): Parsed {
  const [from = '', to = ''] = word.split('-', 2);
  if (word.includes('%')) return fault('zone');
  const first = parseTargetAddress(from);
  if (first.kind === 'fault') return fault(first.reason);
  // 192.0.2.10-20: only the last part of the end is written.
  const isShort = first.family === 4 && /^\d{1,3}$/.test(to);
  const last = parseTargetAddress(isShort ? from.replace(/\d+$/, to) : to);
  if (last.kind === 'fault') return fault(last.reason);
  if (first.family !== last.family) return fault('families');
  const [low, high] = [numberOf(ipaddr.parse(first.address)), numberOf(ipaddr.parse(last.address))];
  if (low > high) return fault('reversed');
  if (high - low >= BigInt(listAddressesMax)) return fault('too-large');
  return between(low, high, first.family === 4 ? 32 : 128);
}

function between(first: bigint, last: bigint, bits: 32 | 128): Parsed {
  const addresses: string[] = [];
  for (let value = first; value <= last; value++) {
    const parsed = parseTargetAddress(textOf(value, bits));
    if (parsed.kind === 'fault') return fault(parsed.reason);
    addresses.push(parsed.address);
  }
  return all(addresses);
}

function numberOf(address: ipaddr.IPv4 | ipaddr.IPv6): bigint {
  return address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function textOf(value: bigint, bits: 32 | 128): string {
  const bytes = Array.from({ length: bits / 8 }, (_, index) =>
    Number((value >> BigInt(bits - 8 * (index + 1))) & 255n),
  );
  return ipaddr.fromByteArray(bytes).toString();
}
