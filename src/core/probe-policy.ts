import ipaddr from 'ipaddr.js';
import { parseCidr, withoutZone } from './target.ts';

/** Words that PROBE_ALLOW and PROBE_DENY take beside CIDR blocks, and the blocks that they stand for. */
const namedBlocks = new Map<string, readonly string[]>([
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['link-local', ['169.254.0.0/16', 'fe80::/10']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']],
  // Where clouds tell a machine about itself, its credentials included.
  ['metadata', ['169.254.169.254/32', 'fd00:ec2::254/128', '100.100.100.200/32']],
]);

export const blockNames: readonly string[] = [...namedBlocks.keys()];

/** The CIDR blocks that one entry of a policy means; `undefined` where it means none. */
export function blocksOf(entry: string): readonly string[] | undefined {
  return namedBlocks.get(entry.toLowerCase()) ?? (parseCidr(entry) === undefined ? undefined : [entry]);
}

/** Whether the probe policy lets us probe an address: denied blocks win; an empty allow list allows all. */
export function isProbeAllowed(
  canonicalAddress: string,
  policy: { readonly allow: readonly string[]; readonly deny: readonly string[] },
): boolean {
  const address = ipaddr.parse(withoutZone(canonicalAddress));
  const carried = carriedAddress(address);
  if (policy.deny.some((block) => isWithin(address, block))) return false;
  if (carried !== undefined && policy.deny.some((block) => isWithin(carried, block))) return false;
  return policy.allow.length === 0 || policy.allow.some((block) => isWithin(address, block));
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, block: string): boolean {
  const [network, prefix] = ipaddr.parseCIDR(block);
  return network.kind() === address.kind() && address.match(network, prefix);
}

/** Where in the bytes of an IPv6 address the IPv4 address stands to which a translator or relay on the way sends it on. */
const carriedAt = new Map([
  // NAT64 (RFC 6052), SIIT (RFC 6145), 6to4 (RFC 3056).
  ['rfc6052', 12],
  ['rfc6145', 12],
  ['6to4', 2],
]);

function carriedAddress(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const at = carriedAt.get(address.range());
  return at === undefined ? undefined : new ipaddr.IPv4(address.toByteArray().slice(at, at + 4));
}
