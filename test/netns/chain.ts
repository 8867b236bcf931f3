import type { TestNetwork } from './network.ts';

/** Link k of the chain joins n(k-1), which has .1 (::1) on it, and nk, which has .2 (::2). */
export const chainAddresses = (link: number): readonly [ipv4: string, ipv6: string] => [
  `10.88.${link}.2`,
  `fd88:${link}::2`,
];

/** n0 – n1 … n(links): as many links, the namespaces between the ends route. */
export function buildChain(network: TestNetwork, links: number): void {
  for (let node = 0; node <= links; node++) {
    network.add(`n${node}`, 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
  }
  for (let link = 1; link <= links; link++) {
    const ends = [1, 2].map((end) => [`10.88.${link}.${end}/24`, `fd88:${link}::${end}/64`]);
    network.join(`n${link - 1}`, ends[0] ?? [], `n${link}`, ends[1] ?? []);
  }
  for (let node = 0; node <= links; node++) {
    for (let link = 1; link <= links; link++) {
      if (link === node || link === node + 1) continue;
      const [ipv4, ipv6] = link > node ? chainAddresses(node + 1) : [`10.88.${node}.1`, `fd88:${node}::1`];
      network.ip(`n${node}`, `route add 10.88.${link}.0/24 via ${ipv4}`);
      network.ip(`n${node}`, `-6 route add fd88:${link}::/64 via ${ipv6}`);
    }
  }
  network.warmUp('n0', ...chainAddresses(links));
  network.exec('n0', 'sysctl', '-qw', 'net.ipv4.ping_group_range=0 2147483647');
}

/** Lets a router pass packets on and say nothing when their TTL has run out. */
export function silence(network: TestNetwork, node: string): void {
  network.nft(
    node,
    `table inet test {
      chain out {
        type filter hook output priority 0;
        icmp type time-exceeded drop
        icmpv6 type time-exceeded drop
      }
    }`,
  );
}
