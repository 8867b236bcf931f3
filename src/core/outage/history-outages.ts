import type { EpochMillis } from '../ids.ts';
import { type Outage, observe, type OutageState, unknownOutageState } from './outage.ts';
import type { OutcomeCode } from '../result/probe-result.ts';
import type { Series } from '../result/series.ts';

/** So much time without a result says nothing of the target: neither an outage nor a run of losses goes on over it. */
const gapMillis = 600_000;
const gapIntervals = 10;

/** Finds the outages in results that have been there for long, by the rules by which they are found live. */
export interface OutageFinder {
  /** `rows`: in time order, behind those that were given before. */
  add(rows: Series): void;
  /** All outages. One that nothing ends in the results ends with the last of them. */
  finish(): readonly Outage[];
}

export function createOutageFinder(): OutageFinder {
  const found: Outage[] = [];
  let state: OutageState = unknownOutageState();
  /** Until when the last result speaks. */
  let spokenUntil: EpochMillis | undefined;

  function close(): void {
    const { phase, since, lostProbes } = state;
    if (phase === 'down' && since !== undefined) {
      found.push({ from: since, to: spokenUntil, lostProbes, endedBy: undefined });
    }
    state = unknownOutageState();
  }

  return {
    add(rows) {
      for (let index = 0; index < rows.length; index++) {
        const sentAt = rows.sentAtMillis[index] ?? 0;
        const interval = rows.intervalMillis[index] ?? 0;
        const gap = sentAt - (spokenUntil ?? sentAt);
        if (gap > Math.max(gapMillis, gapIntervals * interval)) close();
        const change = observe(state, sentAt, rows.outcomes[index] as OutcomeCode);
        spokenUntil = sentAt + interval;
        if (change?.type !== 'recovery' || change.since === undefined) continue;
        found.push({ from: change.since, to: change.at, lostProbes: change.losses, endedBy: 'recovery' });
      }
    },
    finish() {
      close();
      return found;
    },
  };
}
