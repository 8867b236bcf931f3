import type { ProbeResult } from '../core/probe-result.ts';
import type { AddressFamily } from '../core/target.ts';

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
  [/packet filtered|communication prohibited|administratively prohibited/i, [3, 13], [1, 1]],
];

const localFailures: readonly (readonly [pattern: RegExp, errno: number])[] = [
  [/operation not permitted|permission denied/i, 1],
  [/invalid argument/i, 22],
  [/cannot assign requested address/i, 99],
  [/network is unreachable/i, 101],
  [/no route to host/i, 113],
];

const ioErrno = 5;

/** What became of one probe, from what `ping` for one packet printed (both streams) and its exit code. */
export function readPingOutput(text: string, exitCode: number, family: AddressFamily): ProbeResult {
  const millis = /\btime\s*[=<]\s*(\d+(?:\.\d+)?)\s*ms/i.exec(text)?.[1];
  if (millis !== undefined) {
    const ttl = Number(/\b(?:ttl|hlim)=(\d{1,3})\b/i.exec(text)?.[1] ?? 0);
    const replyTtl = ttl >= 1 && ttl <= 255 ? ttl : undefined;
    return { outcome: 'reply', rttMicros: Math.max(1, Math.round(Number(millis) * 1000)), replyTtl };
  }
  for (const [pattern, ipv4, ipv6] of refusals) {
    if (!pattern.test(text)) continue;
    const [icmpType, icmpCode] = family === 4 ? ipv4 : ipv6;
    return { outcome: 'unreachable', icmpType, icmpCode };
  }
  for (const [pattern, errno] of localFailures) if (pattern.test(text)) return { outcome: 'not-sent', errno };
  return exitCode <= 1 ? { outcome: 'timeout' } : { outcome: 'not-sent', errno: ioErrno };
}
