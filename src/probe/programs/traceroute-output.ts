import ipaddr from 'ipaddr.js';
import { withoutZone } from '../../core/target/target.ts';
import type { RawHop, RawPath } from '../trace/trace-rounds.ts';

const hopLine = /^\s*(\d{1,3})\s+(\S.*)$/;

/**
 * Reads the output of traceroute, with or without names, also with several probes per hop. `ip` is the canonical destination.
 * Lines that are not hops, hops beyond the destination and hops beyond `maxHops` are left out; gaps become silent hops.
 */
export function readTracerouteOutput(text: string, ip: string, maxHops: number): RawPath {
  const answers = new Map<number, RawHop>();
  for (const line of text.split('\n')) {
    const [, ttlText, rest] = hopLine.exec(line) ?? [];
    if (ttlText === undefined || rest === undefined) continue;
    const ttl = Number(ttlText);
    if (ttl >= 1 && ttl <= maxHops && !answers.has(ttl)) answers.set(ttl, readHop(ttl, rest));
  }
  const reached = [...answers.values()].find((hop) => hop.ip === withoutZone(ip));
  const length = reached?.ttl ?? Math.max(0, ...answers.keys());
  const hops = Array.from(
    { length },
    (_, index) =>
      answers.get(index + 1) ?? { ttl: index + 1, ip: undefined, rttMicros: undefined, sent: 1, answers: [] },
  );
  return { hops, isDestinationReached: reached !== undefined };
}

/**
 * The words of a line in order: an address is a word written as a full address that is not a time; it applies to the times that
 * follow it or, as Windows prints it, to those before it.
 */
function readHop(ttl: number, rest: string): RawHop {
  const rtts: { readonly ip: string | undefined; readonly rttMicros: number }[] = [];
  let ip: string | undefined;
  let mark: string | undefined;
  for (const word of wordsOf(rest)) {
    if (word.kind === 'mark') mark = word.text;
    else if (word.kind === 'time') rtts.push({ ip, rttMicros: word.micros });
    // Also for a host that is named by an address: its own follows in brackets.
    else ip = word.ip;
  }
  const first = rtts.find((rtt) => rtt.ip !== undefined)?.ip ?? ip;
  const answers = rtts.flatMap(({ ip: from = first, rttMicros }) =>
    from === undefined ? [] : [{ ip: from, rttMicros, mplsLabels: [] }],
  );
  const sent = Math.max(1, answers.length + (rest.match(/(?:^|\s)\*(?=\s|$)/g)?.length ?? 0));
  return {
    ...{ ttl, ip: first, rttMicros: answers[0]?.rttMicros, sent, answers },
    ...(mark === undefined ? {} : { mark }),
  };
}

type Word =
  | { readonly kind: 'address'; readonly ip: string }
  | { readonly kind: 'time'; readonly micros: number }
  | { readonly kind: 'mark'; readonly text: string };

function wordsOf(rest: string): readonly Word[] {
  const texts = rest.replace(/(\d)ms\b/g, '$1 ms').split(/\s+/);
  return texts.flatMap((text, at): readonly Word[] => {
    if (texts[at + 1] === 'ms') {
      const millis = Number(text.replace('<', '').replace(',', '.'));
      return Number.isFinite(millis) ? [{ kind: 'time', micros: Math.max(1, Math.round(millis * 1000)) }] : [];
    }
    if (/^!(?:[A-Z]|<?\d+(?:-\d+)?>?|)$/.test(text)) return text === '!' ? [] : [{ kind: 'mark', text }];
    const bare = text.replace(/^[([]/, '').replace(/[)\],]+$/, '');
    const ip = addressIn(bare);
    return ip === undefined ? [] : [{ kind: 'address', ip }];
  });
}

/** Only full addresses: 11.433 is a time and 10.1 a version, whatever some programs make of them. */
function addressIn(word: string): string | undefined {
  const text = withoutZone(word);
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toString();
  return text.includes(':') && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text).toString() : undefined;
}
