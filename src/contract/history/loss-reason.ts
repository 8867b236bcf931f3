import type { ProbeResult } from '../../core/result/probe-result.ts';
import { portClosedReason } from '../shapes.ts';

/**
 * What came instead of a reply: `port-closed`, or the type and code of an ICMP error, such as `icmp-3-1`; `undefined` for
 * nothing.
 */
export function lossReasonOf(result: ProbeResult): string | undefined {
  if (result.outcome === 'refused') return portClosedReason;
  return result.outcome === 'unreachable' ? `icmp-${result.icmpType}-${result.icmpCode}` : undefined;
}
