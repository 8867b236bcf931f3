import { Resolver } from 'node:dns/promises';
import { LRUCache } from 'lru-cache';
import { isLoopbackAddress } from '../../core/target/target.ts';

/** Names of one address, best first; rejects when there are none. */
export type ReverseLookup = (ip: string) => Promise<readonly string[]>;

const rememberedMax = 10_000;
const nameMillis = 3_600_000;
/** An address without a name, or whose servers do not answer, is looked up again after this. */
const namelessMillis = 300_000;
const lookupMillis = 5000;

/** Names of addresses from reverse DNS, cached for an hour. */
export class HostNames {
  readonly #lookup: ReverseLookup;
  readonly #known = new LRUCache<string, { readonly name: string | undefined }>({ max: rememberedMax });
  readonly #running = new Map<string, Promise<void>>();

  constructor(lookup: ReverseLookup = lookUpInDns()) {
    this.#lookup = lookup;
  }

  /** Starts looking up the name unless it is known or being looked up. */
  ask(ip: string): Promise<void> {
    if (this.#known.has(ip)) return Promise.resolve();
    const running = this.#running.get(ip) ?? this.#find(ip);
    this.#running.set(ip, running);
    return running;
  }

  /** Waits for names at most `boundMillis`. Addresses without one, or whose name comes later, are not in the map. */
  async namesOf(ips: readonly string[], boundMillis: number): Promise<ReadonlyMap<string, string>> {
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, boundMillis);
    });
    await Promise.race([Promise.all(ips.map((ip) => this.ask(ip))), bound]);
    clearTimeout(timer);
    return new Map(
      ips.flatMap((ip) => {
        const name = this.#known.get(ip)?.name;
        return name === undefined ? [] : [[ip, name]];
      }),
    );
  }

  async #find(ip: string): Promise<void> {
    const [name] = await this.#lookup(ip).catch((): readonly string[] => []);
    this.#known.set(ip, { name }, { ttl: name === undefined ? namelessMillis : nameMillis });
    this.#running.delete(ip);
  }
}

function lookUpInDns(): ReverseLookup {
  const resolver = new Resolver({ timeout: lookupMillis, tries: 1 });
  // A loopback address concerns this machine alone: no other server is asked for its name (RFC 6303).
  return async (ip) => (isLoopbackAddress(ip) ? ['localhost'] : resolver.reverse(ip));
}
