import ipaddr from 'ipaddr.js';
import { blockOf, withoutZone } from './target.ts';

/** Words that PROBE_ALLOW and PROBE_DENY accept besides CIDR blocks, and the blocks that they stand for. */
const namedBlocks = new Map<string, readonly string[]>([
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['link-local', ['169.254.0.0/16', 'fe80::/10']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10']],
  // Cloud metadata services, which also give out credentials.
  [
    'metadata',
    [
      ...['169.254.169.254/32', 'fd00:ec2::254/128', '169.254.170.2/32', '169.254.170.23/32', 'fd00:ec2::23/128'],
      // Alibaba, Oracle, Azure, Google over IPv6.
      ...['100.100.100.200/32', '192.0.0.192/32', '168.63.129.16/32', 'fd20:ce::254/128'],
      // OpenStack over IPv6, Scaleway, Tencent, Volcano Engine.
      ...['fe80::a9fe:a9fe/128', '169.254.42.42/32', 'fd00:42::42/128', '169.254.0.23/32', '100.96.0.96/32'],
    ],
  ],
]);

export const blockNames: readonly string[] = [...namedBlocks.keys()];

/** The CIDR blocks of one entry of a policy; `undefined` if it is invalid. */
export function blocksOf(entry: string): readonly string[] | undefined {
  const block = blockOf(entry);
  return namedBlocks.get(entry.toLowerCase()) ?? (block === undefined ? undefined : [block]);
}

/** CIDR blocks that may be probed and that may not. */
export interface ProbePolicy {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** Whether the probe policy lets us probe an address: denied blocks win; an empty allow list allows all. */
export function isProbeAllowed(canonicalAddress: string, policy: ProbePolicy): boolean {
  const address = ipaddr.parse(withoutZone(canonicalAddress));
  const reached = [address, ...carriedAddresses(address)];
  if (policy.deny.some((block) => reached.some((each) => isWithin(each, block)))) return false;
  return policy.allow.length === 0 || policy.allow.some((block) => isWithin(address, block));
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, block: string): boolean {
  const [network, prefix] = ipaddr.parseCIDR(block);
  return network.kind() === address.kind() && address.match(network, prefix);
}

/** The IPv4 addresses to which a translator, tunnel or relay may forward a packet that is sent to an IPv6 address. */
function carriedAddresses(address: ipaddr.IPv4 | ipaddr.IPv6): readonly ipaddr.IPv4[] {
  if (!(address instanceof ipaddr.IPv6)) return [];
  const bytes = address.toByteArray();
  const at = (...places: readonly number[]): ipaddr.IPv4 => new ipaddr.IPv4(places.map((place) => bytes[place] ?? 0));
  const within = (block: string): boolean => isWithin(address, block);
  const last = at(12, 13, 14, 15);
  const found: ipaddr.IPv4[] = [];
  // NAT64's well-known prefix (RFC 6052), SIIT (RFC 6145), IPv4-compatible.
  if (within('64:ff9b::/96') || within('::ffff:0:0:0/96') || bytes.slice(0, 12).every((byte) => byte === 0))
    found.push(last);
  // NAT64's local prefix (RFC 8215), in which a network may embed addresses at any of the lengths of RFC 6052.
  if (within('64:ff9b:1::/48')) found.push(last, at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12));
  // 6to4 (RFC 3056).
  if (within('2002::/16')) found.push(at(2, 3, 4, 5));
  // Teredo (RFC 4380): its server, and the client with all bits inverted.
  if (within('2001::/32')) {
    found.push(at(4, 5, 6, 7), new ipaddr.IPv4(last.toByteArray().map((byte) => byte ^ 0xff)));
  }
  // ISATAP (RFC 5214), below any prefix.
  const isIsatap = ((bytes[8] ?? 0) & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  if (isIsatap) found.push(last);
  return found;
}
