import { Resolver } from 'node:dns/promises';
import { isLoopbackAddress } from '../core/target.ts';

/** Names of one address, best first; rejects when there are none. */
export type ReverseLookup = (ip: string) => Promise<readonly string[]>;

/**
 * Names of addresses, all looked up at once, giving up together after `boundMillis`. Addresses without a name, or whose
 * name came too late, are not in the map.
 */
export async function lookUpNames(
  ips: readonly string[],
  boundMillis: number,
  lookup?: ReverseLookup,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  const resolver = new Resolver({ timeout: boundMillis, tries: 1 });
  // A loopback address is this machine's own business: its name is asked of nobody else (RFC 6303).
  const ask = (ip: string): Promise<string[]> => resolver.reverse(ip);
  const reverse = lookup ?? (async (ip: string) => (isLoopbackAddress(ip) ? ['localhost'] : ask(ip)));
  const lookups = [...new Set(ips)].map(async (ip) => {
    const [name] = await reverse(ip).catch((): readonly string[] => []);
    if (name !== undefined) names.set(ip, name);
  });
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, boundMillis);
  });
  await Promise.race([Promise.all(lookups), bound]);
  clearTimeout(timer);
  resolver.cancel();
  return new Map(names);
}
