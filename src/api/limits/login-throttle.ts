import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import type { EpochMillis } from '../../core/ids.ts';
import { Problem } from '../../core/problem.ts';

const windowMillis = 5 * 60_000;
const failuresMax = 5;
const addressWindowMillis = 60_000;
const attemptsPerAddressMax = 20;
const firstDelayMillis = 200;
const longestDelayMillis = 2000;
/** Old entries are swept at this size, so that guesses from many addresses cannot fill the memory. */
const entriesMax = 10_000;

export interface Attempt {
  readonly succeeded: () => void;
  /** Somebody has logged in from this address before. */
  readonly isKnown: boolean;
  /** How long to delay the answer to a failed login: longer with each failure. */
  readonly delayMillis: number;
}

export interface LoginThrottle {
  /** Counts as a failure until marked as successful. Throws a Problem `too-many-requests` beyond the limits. */
  begin(address: string, username: string): Attempt;
}

/** The caller, as far as addresses tell: with IPv6, a customer has a whole /64 and could use another address each time. */
export function networkOf(from: string): string {
  // Some proxies add the port, which differs with each connection.
  const address = from.replace(/^\[(.*)\](?::\d+)?$|^([\d.]+):\d+$/, '$1$2');
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6) || parsed.range() === 'linkLocal') return parsed.toString();
  return new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0]).toString();
}

/** 5 failures in 5 minutes per account and address, 20 attempts a minute per address; nobody else is locked out. */
export function guardLogin(now: () => EpochMillis): LoginThrottle {
  const failures = new Map<string, EpochMillis[]>();
  const attempts = new Map<string, EpochMillis[]>();
  const known = new LRUCache<string, true>({ max: entriesMax });

  function recent(entries: Map<string, EpochMillis[]>, key: string, span: number): EpochMillis[] {
    const kept = (entries.get(key) ?? []).filter((at) => at > now() - span);
    if (entries.size > entriesMax) entries.clear();
    entries.set(key, kept);
    return kept;
  }

  function refuse(oldest: EpochMillis | undefined, span: number): never {
    const seconds = Math.max(1, Math.ceil(((oldest ?? now()) + span - now()) / 1000));
    const message = `Too many attempts to log in; try again in ${seconds} s.`;
    throw new Problem('too-many-requests', message, { retryAfterSeconds: seconds });
  }

  return {
    begin(from, username) {
      const address = networkOf(from);
      const mine = recent(attempts, address, addressWindowMillis);
      if (mine.length >= attemptsPerAddressMax) refuse(mine[0], addressWindowMillis);
      const key = JSON.stringify([address, username]);
      const failed = recent(failures, key, windowMillis);
      if (failed.length >= failuresMax) refuse(failed[0], windowMillis);
      mine.push(now());
      failed.push(now());
      const delayMillis = Math.min(longestDelayMillis, firstDelayMillis * 2 ** (failed.length - 1));
      return {
        succeeded: () => {
          failures.delete(key);
          known.set(address, true);
        },
        isKnown: known.has(address),
        delayMillis,
      };
    },
  };
}
