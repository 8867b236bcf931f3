import ipaddr from 'ipaddr.js';
import type { RawHop, RawPath } from './trace-rounds.ts';

const hopLine = /^\s*(\d{1,3})\s+(\S.*)$/;

/**
 * Reads what traceroute prints with `-n -q 1`. `ip` is the canonical destination. Lines that are no hops, hops beyond
 * the destination and hops beyond `maxHops` are left out; gaps become silent hops.
 */
export function readTracerouteOutput(text: string, ip: string, maxHops: number): RawPath {
  const answers = new Map<number, RawHop>();
  for (const line of text.split('\n')) {
    const [, ttlText, rest] = hopLine.exec(line) ?? [];
    if (ttlText === undefined || rest === undefined) continue;
    const ttl = Number(ttlText);
    if (ttl >= 1 && ttl <= maxHops && !answers.has(ttl)) answers.set(ttl, readHop(ttl, rest));
  }
  const reached = [...answers.values()].find((hop) => hop.ip === ip);
  const length = reached?.ttl ?? Math.max(0, ...answers.keys());
  const hops = Array.from(
    { length },
    (_, index) =>
      answers.get(index + 1) ?? { ttl: index + 1, ip: undefined, rttMicros: undefined, sent: 1, answers: [] },
  );
  return { hops, isDestinationReached: reached !== undefined };
}

function readHop(ttl: number, rest: string): RawHop {
  const address = rest.split(/\s+/).find((word) => ipaddr.isValid(word) && /[.:]/.test(word) && !word.endsWith('ms'));
  const millis = /([\d.]+)\s*ms\b/.exec(rest)?.[1];
  const isAnswer = address !== undefined && millis !== undefined && Number.isFinite(Number(millis));
  const ip = address === undefined ? undefined : ipaddr.parse(address).toString();
  const rttMicros = isAnswer ? Math.max(1, Math.round(Number(millis) * 1000)) : undefined;
  const answers = ip === undefined || rttMicros === undefined ? [] : [{ ip, rttMicros, mplsLabels: [] }];
  return { ttl, ip, rttMicros, sent: 1, answers };
}
