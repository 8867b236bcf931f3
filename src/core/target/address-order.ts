import ipaddr from 'ipaddr.js';
import { withoutZone } from './target.ts';

/** An address of a name, and the one that this machine would send from; `undefined` if it has no route. */
export interface Candidate {
  readonly ip: string;
  readonly source: string | undefined;
}

/** RFC 6724 §2.1: prefix, precedence, label; IPv4 as mapped. The longest prefix decides. */
const policies = (
  [
    ['::1/128', 50, 0],
    ['::/0', 40, 1],
    ['::ffff:0:0/96', 35, 4],
    ['2002::/16', 30, 2],
    ['2001::/32', 5, 5],
    ['fc00::/7', 3, 13],
    ['::/96', 1, 3],
    ['fec0::/10', 1, 11],
    ['3ffe::/16', 1, 12],
  ] as const
)
  .map(([prefix, precedence, label]) => ({ range: ipaddr.IPv6.parseCIDR(prefix), precedence, label }))
  .toSorted((a, b) => b.range[1] - a.range[1]);

/** §3.1 and §3.2, as for multicast: 2 is the link, 5 the site, 14 the world. */
function scopeOf(address: ipaddr.IPv6): number {
  if (!address.isIPv4MappedAddress()) {
    if (['linkLocal', 'loopback'].includes(address.range())) return 2;
    return address.match(ipaddr.IPv6.parseCIDR('fec0::/10')) ? 5 : 14;
  }
  return ['linkLocal', 'loopback'].includes(address.toIPv4Address().range()) ? 2 : 14;
}

function mapped(ip: string): ipaddr.IPv6 {
  const address = ipaddr.parse(withoutZone(ip));
  return address instanceof ipaddr.IPv6 ? address : address.toIPv4MappedAddress();
}

/** The rank of a destination by rules 1, 2, 5, 6 and 8, each before the next; higher is better. */
function merits({ ip, source }: Candidate): readonly number[] {
  const destination = mapped(ip);
  const policy = policyOf(destination);
  const from = source === undefined ? undefined : mapped(source);
  return [
    Number(from !== undefined),
    Number(from !== undefined && scopeOf(from) === scopeOf(destination)),
    Number(from !== undefined && policyOf(from)?.label === policy?.label),
    policy?.precedence ?? 0,
    -scopeOf(destination),
  ];
}

function policyOf(address: ipaddr.IPv6): (typeof policies)[number] | undefined {
  return policies.find(({ range }) => address.match(range));
}

/**
 * Best first, by RFC 6724 §6. Rules 3, 4 and 7 need information that programs cannot get; rule 9 is left out, as §6 allows,
 * because it would undo a name server's load balancing.
 */
export function inOrderOfPreference<Each extends Candidate>(candidates: readonly Each[]): readonly Each[] {
  const ranked = candidates.map((candidate) => ({ candidate, merits: merits(candidate) }));
  return ranked
    .toSorted((a, b) => b.merits.map((merit, rule) => merit - (a.merits[rule] ?? 0)).find((by) => by !== 0) ?? 0)
    .map(({ candidate }) => candidate);
}
