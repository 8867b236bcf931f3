import { promises as dns, Resolver } from 'node:dns';
import { promisify } from 'node:util';
import { inOrderOfPreference } from '../../core/target/address-order.ts';
import { Problem } from '../../core/problem.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import { familyOf, parseTargetAddress } from '../../core/target/target.ts';
import { readHostsFile } from './hosts-file.ts';
import { sourceTowards } from './route-check.ts';

export interface ResolvedName {
  /** Canonical, best first by RFC 6724; at least one. */
  readonly addresses: readonly string[];
  /** Those of them that this machine has no route to now; none if there is only one family. */
  readonly unroutable: readonly string[];
  /** How long the answer may be used. */
  readonly ttlSeconds: number;
  /** Whether the query for one family failed, so that its addresses are unknown. */
  readonly isPartial: boolean;
}

export interface NameResolver {
  /** Rejects with a Problem `name-unresolved` that says why; null is any family. An abort ends the queries. */
  resolve(hostname: string, family: AddressFamily | null, signal?: AbortSignal): Promise<ResolvedName>;
}

const queryMillis = 2500;
const tries = 2;
/** For what the machine itself says, which has no TTL. */
const localTtlSeconds = 60;
/** The name is known not to exist, or not to have addresses of the family; any other failure may be temporary. */
const emptyCodes = new Set(['ENOTFOUND', 'ENODATA']);

interface Answer {
  readonly records: readonly { readonly address: string; readonly ttl: number }[];
  readonly code: string | undefined;
}

/**
 * Resolves names as programs on this machine do: its hosts file, then DNS, whose servers provide TTLs, then whatever else it has.
 * `servers`: as `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:53`; if given, only they are asked.
 */
export function createNameResolver(servers: readonly string[]): NameResolver {
  async function query(hostname: string, family: AddressFamily, signal: AbortSignal | undefined): Promise<Answer> {
    // A new one each time: it reads which servers the system uses now.
    const resolver = new Resolver({ timeout: queryMillis, tries });
    if (servers.length > 0) resolver.setServers(servers);
    const cancel = (): void => resolver.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    const ask = family === 4 ? resolver.resolve4.bind(resolver) : resolver.resolve6.bind(resolver);
    try {
      return { records: await promisify(ask)(hostname, { ttl: true }), code: undefined };
    } catch (error) {
      return { records: [], code: codeOf(error) };
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  return {
    async resolve(hostname, family, signal) {
      const isWanted = (address: string): boolean => family === null || familyOf(address) === family;
      const fromTable = usable(await readHostsFile(hostname)).filter(isWanted);
      if (fromTable.length > 0) return { ...(await inOrder(fromTable)), ttlSeconds: localTtlSeconds, isPartial: false };
      const families: readonly AddressFamily[] = family === null ? [4, 6] : [family];
      const answers = await Promise.all(families.map((each) => query(hostname, each, signal)));
      const records = answers.flatMap((answer) => answer.records);
      const addresses = usable(records.map(({ address }) => address));
      const failure = answers.find(({ code }) => code !== undefined && !emptyCodes.has(code))?.code;
      if (addresses.length > 0) {
        const ttlSeconds = Math.min(...records.map(({ ttl }) => ttl));
        return { ...(await inOrder(addresses)), ttlSeconds, isPartial: failure !== undefined };
      }
      if (servers.length === 0) {
        const found = await dns.lookup(hostname, { all: true, family: family ?? 0 }).catch(() => []);
        const local = usable(found.map(({ address }) => address));
        if (local.length > 0) return { ...(await inOrder(local)), ttlSeconds: localTtlSeconds, isPartial: false };
      }
      const message = `cannot be resolved: ${reasonOf(failure, answers, family)}.`;
      throw new Problem('name-unresolved', `${hostname} ${message}`, { faults: [{ field: 'host', message }] });
    },
  };
}

/** Canonical, without duplicates and without addresses that are not a single host. */
function usable(texts: readonly string[]): readonly string[] {
  const addresses = texts.flatMap((text) => {
    const parsed = parseTargetAddress(text);
    return parsed.kind === 'address' ? [parsed.address] : [];
  });
  return [...new Set(addresses)];
}

/** By RFC 6724; reachability matters only if there are both families. */
async function inOrder(addresses: readonly string[]): Promise<Pick<ResolvedName, 'addresses' | 'unroutable'>> {
  if (new Set(addresses.map(familyOf)).size === 1) return { addresses, unroutable: [] };
  const candidates = await Promise.all(addresses.map(async (ip) => ({ ip, source: await sourceTowards(ip) })));
  const unroutable = candidates.filter(({ source }) => source === undefined).map(({ ip }) => ip);
  return { addresses: inOrderOfPreference(candidates).map(({ ip }) => ip), unroutable };
}

function reasonOf(failure: string | undefined, answers: readonly Answer[], family: AddressFamily | null): string {
  switch (failure) {
    case undefined: {
      const isThere = answers.some(({ code }) => code !== 'ENOTFOUND');
      if (!isThere) return 'there is no such name (ENOTFOUND)';
      return family === null
        ? 'it has no address that can be probed (ENODATA)'
        : `it has no IPv${family} address (ENODATA)`;
    }
    case 'ETIMEOUT':
      return 'no name server answered in time (ETIMEOUT)';
    case 'ECONNREFUSED':
      return 'no name server is there (ECONNREFUSED)';
    case 'ESERVFAIL':
      return 'the name server failed (ESERVFAIL)';
    default:
      return `the name servers gave no answer (${failure})`;
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'EUNKNOWN';
}
