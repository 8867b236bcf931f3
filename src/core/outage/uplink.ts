import type { EpochMillis } from '../ids.ts';
import type { OutageState } from './outage.ts';
import { isLoopbackAddress } from '../target/target.ts';

/** Whether the trouble is probably near us rather than at each target. */
export type Uplink =
  /** Nothing outside this machine answers or is probed, so nothing can be said. */
  | { readonly status: 'unknown' }
  | { readonly status: 'ok' }
  /** This machine failed to send to this many targets. */
  | { readonly status: 'not-sending'; readonly count: number }
  /** The gateway does not answer, or everything that we probe outside this machine is down. */
  | { readonly status: 'down'; readonly gateway: string | undefined; readonly since: EpochMillis }
  /** Many went down within the same seconds, which independent failures rarely do. */
  | { readonly status: 'suspect'; readonly count: number; readonly since: EpochMillis };

export interface UplinkFacts {
  readonly targets: readonly {
    readonly ip: string;
    readonly outage: Pick<OutageState, 'phase' | 'since' | 'lastReplyAt'>;
  }[];
  /** The gateway of the default route; `undefined` if there is none or it is unknown. */
  readonly gateway: string | undefined;
  /** How many targets this machine failed to send to within the last minute. */
  readonly notSentTargets: number;
}

const togetherMillis = 15_000;
const togetherMin = 3;
const togetherShare = 0.3;

/** `targets`: those that are being probed. */
export function judgeUplink({ targets, gateway, notSentTargets }: UplinkFacts): Uplink {
  if (notSentTargets > 0) return { status: 'not-sending', count: notSentTargets };
  const beyond = targets.filter(({ ip, outage }) => !isLoopbackAddress(ip) && outage.phase !== 'unknown');
  if (beyond.length === 0) return { status: 'unknown' };
  const downSince = beyond
    .flatMap(({ outage }) => (outage.phase === 'down' ? [outage.since ?? 0] : []))
    .sort(ascending);
  const first = downSince[0];
  if (first === undefined) return { status: 'ok' };
  const way = beyond.find(({ ip }) => ip === gateway);
  if (way?.outage.phase === 'down') return { status: 'down', gateway, since: way.outage.since ?? first };
  if (downSince.length === beyond.length && beyond.length > 1) {
    return { status: 'down', gateway: undefined, since: downSince.at(-1) ?? first };
  }
  // The gateway answers, so whatever is down is down beyond it.
  if (way !== undefined) return { status: 'ok' };
  const { count, since } = largestCluster(downSince);
  const isTogether = count >= togetherMin && count >= togetherShare * beyond.length;
  return isTogether ? { status: 'suspect', count, since } : { status: 'ok' };
}

/** The largest number of times within `togetherMillis` of each other; `times` ascend. */
function largestCluster(times: readonly EpochMillis[]): { readonly count: number; readonly since: EpochMillis } {
  let best = { count: 0, since: 0 };
  let start = 0;
  for (const [index, time] of times.entries()) {
    while (time - (times[start] ?? time) > togetherMillis) start++;
    if (index - start + 1 > best.count) best = { count: index - start + 1, since: times[start] ?? time };
  }
  return best;
}

function ascending(a: number, b: number): number {
  return a - b;
}
