import ipaddr from 'ipaddr.js';
import type { ProbeResult } from '../../core/result/probe-result.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import { withoutZone } from '../../core/target/target.ts';

// What iputils, BusyBox, macOS and Windows print for ICMP errors, with type and code by family.
const refusals: readonly (readonly [
  pattern: RegExp,
  ipv4: readonly [number, number],
  ipv6: readonly [number, number],
])[] = [
  [/time to live exceeded|ttl expired|hop limit/i, [11, 0], [3, 0]],
  [/destination net(work)? unreachable|no route to destination|unreachable: no route/i, [3, 0], [1, 0]],
  [/destination host unreachable|address unreachable/i, [3, 1], [1, 3]],
  [/destination port unreachable|port unreachable/i, [3, 3], [1, 4]],
  [/frag(mentation)? needed|needs to be fragmented|packet too big|message too long/i, [3, 4], [2, 0]],
  [/packet filtered|communication prohibited|administratively prohibited/i, [3, 13], [1, 1]],
];

const localFailures: readonly (readonly [pattern: RegExp, errno: number])[] = [
  [/operation not permitted|permission denied/i, 1],
  [/invalid argument|(unrecognized|invalid|illegal|unknown) option|^usage:/im, 22],
  [/cannot assign requested address/i, 99],
  [/network is unreachable/i, 101],
  [/no route to host/i, 113],
];

const ioErrno = 5;

export interface PingedTarget {
  /** Canonical. */
  readonly ip: string;
  readonly family: AddressFamily;
  /** How long the program ran, for a reply too short to contain the time. */
  readonly elapsedMicros: number;
}

/** The outcome of one probe, from what `ping` for one packet printed (both streams) and its exit code. */
export function readPingOutput(text: string, exitCode: number, target: PingedTarget): ProbeResult {
  const lines = text.split('\n');
  const line = lines.find((each) => isReply(each) && isFrom(each, target.ip));
  if (line !== undefined) return replyIn(line, target);
  for (const [pattern, ipv4, ipv6] of refusals) {
    if (!pattern.test(text)) continue;
    const [icmpType, icmpCode] = target.family === 4 ? ipv4 : ipv6;
    return { outcome: 'unreachable', icmpType, icmpCode };
  }
  for (const [pattern, errno] of localFailures) if (pattern.test(text)) return { outcome: 'not-sent', errno };
  return exitCode <= 1 ? { outcome: 'timeout' } : { outcome: 'not-sent', errno: ioErrno };
}

/** `time=0.036 ms`, `time<1ms`, and the same in other languages. */
const timePattern = /[=<]\s*(\d+(?:[.,]\d+)?)\s*ms\b/;
const ttlPattern = /\b(?:ttl|hlim)=(\d{1,3})\b/i;

/** A truncated reply contains no time, but is a reply all the same. */
function isReply(line: string): boolean {
  if (timePattern.test(line)) return true;
  return /\bbytes from\b/i.test(line) && !refusals.some(([pattern]) => pattern.test(line));
}

/** Whether the first address in the line is the one that was probed: anybody else's reply does not count. */
function isFrom(line: string, ip: string): boolean {
  const words = line.split(/[\s()]+/).map((word) => word.replace(/[:,]$/, ''));
  const address = words.find((word) => /[.:]/.test(word) && ipaddr.isValid(withoutZone(word)));
  return address !== undefined && bareAddress(address) === bareAddress(ip);
}

function bareAddress(text: string): string {
  return ipaddr.parse(withoutZone(text)).toString();
}

function replyIn(line: string, { elapsedMicros }: PingedTarget): ProbeResult {
  const millis = timePattern.exec(line)?.[1]?.replace(',', '.');
  const micros = millis === undefined ? elapsedMicros : Number(millis) * 1000;
  const ttl = Number(ttlPattern.exec(line)?.[1] ?? 0);
  const replyTtl = ttl >= 1 && ttl <= 255 ? ttl : undefined;
  return { outcome: 'reply', rttMicros: Math.max(1, Math.round(micros)), replyTtl };
}
