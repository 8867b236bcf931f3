import type { EpochMillis } from '../ids.ts';
import { type Outage, observe, type OutageState, unknownOutageState } from './outage.ts';
import type { OutcomeCode } from '../result/probe-result.ts';
import type { Series } from '../result/series.ts';

/** This much time without results says nothing about the target: neither an outage nor a run of losses continues across it. */
const gapMillis = 600_000;
const gapIntervals = 10;

/** Finds the outages in results stored long ago, by the rules that apply to live ones. */
export interface OutageFinder {
  /** `rows`: in time order, following those given before. */
  add(rows: Series): void;
  /** All outages. One that the results do not end ends with the last of them. */
  finish(): readonly Outage[];
}

export function createOutageFinder(): OutageFinder {
  const found: Outage[] = [];
  let state: OutageState = unknownOutageState();
  /** How long the last result is valid for. */
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
