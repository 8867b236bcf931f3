import type { EpochMillis } from '../ids.ts';
import type { Hop, HopAnswer, Path } from '../path/path.ts';
import { createRandom } from './synthetic.ts';

export interface SyntheticPath {
  readonly seed: number;
  /** The index of the target, from 0. */
  readonly index: number;
  readonly ip: string;
  readonly hops: number;
  /** The destination's address. */
  readonly rttMicros: number;
}

const rounds = 3;
const traceMillis = 1200;

/**
 * A path that a trace could have found, with a silent hop, one that is balanced between two routers, and one that was different
 * until recently (`isBefore`). Routers are in 198.19.0.0/16, next to the synthetic targets.
 */
export function syntheticPath(route: SyntheticPath, startedAt: EpochMillis, isBefore: boolean): Path {
  const { seed, index, ip, hops: length, rttMicros } = route;
  const random = createRandom(seed * 1_000_003 + index * 7919 + Math.floor(startedAt / 1000));
  const [silent, shared, moved] = [3, 4, Math.max(2, length - 2)].map((ttl) => (ttl < length ? ttl : 0));
  const router = (ttl: number, way: number): string => `198.19.${index % 250}.${ttl * 4 + way}`;
  const answer = (ttl: number, address: string): HopAnswer => ({
    ip: address,
    host: undefined,
    rttMicros: Math.max(1, Math.round(rttMicros * (ttl / length) * (0.9 + random() * 0.25))),
    mplsLabels: [],
  });
  const hops = Array.from({ length }, (_, at): Hop => {
    const ttl = at + 1;
    const ways = ttl === shared ? 2 : 1;
    const first = ttl === moved && isBefore ? 2 : 1;
    const answers = Array.from({ length: ttl === silent ? 0 : rounds }, (_round, round) =>
      answer(ttl, ttl === length ? ip : router(ttl, first + (round % ways))),
    );
    // A busy router forwards packets but answers fewer traces.
    if (ttl === moved && random() < 0.5) answers.pop();
    const [known] = answers;
    return { ttl, ip: known?.ip, host: undefined, rttMicros: known?.rttMicros, sent: rounds, answers };
  });
  return { startedAt, finishedAt: startedAt + traceMillis, hops, isDestinationReached: true };
}
