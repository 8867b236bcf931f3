import { emptyBatch } from '../core/result/probe-batches.ts';
import type { ResultBatch } from '../core/result/probe-result.ts';
import type { Commit, StateRow } from '../storage/storage.ts';
import { type GroupLimits, leadingGroup, resultsIn } from './spool/commit-group.ts';

export interface MemoryLimits {
  /** Commits, one per second, that wait in memory before they are written to disk. */
  readonly commitsUntilSpool: number;
  readonly resultsUntilSpool: number;
  /** What is kept when the disk accepts nothing either; beyond it the oldest results are discarded. 25 bytes each. */
  readonly resultsMax: number;
}

export const defaultMemoryLimits: MemoryLimits = {
  commitsUntilSpool: 10,
  resultsUntilSpool: 200_000,
  resultsMax: 1_000_000,
};
/** Far more than a network causes in the time that results can wait; each takes some hundred bytes. */
const eventsMax = 100_000;

/** Commits that nobody has tried yet, in order. */
export interface Queue {
  readonly commits: number;
  readonly results: number;
  readonly wantsSpilling: boolean;
  push(commit: Commit): void;
  /** Removes the first ones within the limits. */
  take(limits: GroupLimits): readonly Commit[];
  /** What was taken is the oldest again. */
  putBack(commits: readonly Commit[]): void;
  /** What is to be spooled now; it stays here, unchanged, until `release`. */
  hold(): readonly Commit[];
  /** The first `count` of what was held are on the disk. */
  release(count: number): void;
  /** Discards the oldest results above the limit; events are kept and move on to the next commit. */
  trim(): readonly ResultBatch[];
}

export function createQueue(limits: MemoryLimits): Queue {
  let commits: Commit[] = [];
  let held = 0;
  let results = 0;

  function push(commit: Commit): void {
    commits.push(commit);
    results += commit.results.length;
  }

  function giveUp(index: number): ResultBatch {
    const [given] = commits.splice(index, 1);
    if (given === undefined) return emptyBatch;
    results -= given.results.length;
    const next = commits[index];
    const events = [...given.events, ...(next?.events ?? [])].slice(-eventsMax);
    const states = latestStates([...(given.states ?? []), ...(next?.states ?? [])]);
    if (next !== undefined) commits[index] = { ...next, events, states };
    else if (events.length > 0 || states.length > 0) commits.push({ ...given, results: emptyBatch, events, states });
    return given.results;
  }

  return {
    get commits() {
      return commits.length;
    },
    get results() {
      return results;
    },
    get wantsSpilling() {
      return commits.length > limits.commitsUntilSpool || results > limits.resultsUntilSpool;
    },
    push,
    take(limits) {
      const taken = leadingGroup(commits, limits);
      commits.splice(0, taken.length);
      results -= resultsIn(taken);
      return taken;
    },
    putBack(taken) {
      commits.unshift(...taken);
      results += resultsIn(taken);
    },
    hold() {
      held = commits.length;
      return commits.slice();
    },
    release(count) {
      held = 0;
      results -= resultsIn(commits.splice(0, count));
    },
    trim() {
      const given: ResultBatch[] = [];
      while (results > limits.resultsMax) {
        const oldest = commits.findIndex((commit, index) => index >= held && commit.results.length > 0);
        if (oldest < 0) break;
        given.push(giveUp(oldest));
      }
      return given;
    },
  };
}

/** The last one of each target, in the order of the targets' first. */
export function latestStates(states: readonly StateRow[]): readonly StateRow[] {
  return [...new Map(states.map((row) => [`${row.targetId} ${row.vantage}`, row])).values()];
}
