import { parseTargetId, type TargetId } from '../../src/core/ids.ts';
import type { ResultRow } from '../../src/core/result/probe-result.ts';

/* What the fault tests write: commit after commit of one target's results, so that what is missing can be told. */

export const rowsPerCommit = 100;
export const retention = { rawDays: 0, minuteDays: 0, hourDays: 0 };
export const target = {
  ...{ ip: '192.0.2.1', intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false },
};

export function targetId(): TargetId {
  const id = parseTargetId(1);
  if (id === undefined) throw new Error('1 is an id');
  return id;
}

/** `sequence`: from 1; commits follow each other without a gap. */
export function rowsOfCommit(start: number, sequence: number): ResultRow[] {
  return Array.from({ length: rowsPerCommit }, (_, index) => {
    const at = sequence * rowsPerCommit + index;
    return {
      targetId: targetId(),
      sentAt: start + at * 1000,
      intervalMillis: 1000,
      result: { outcome: 'reply', rttMicros: 1000 + ((at * 7919) % 50_000), replyTtl: 60 },
    };
  });
}

/** The numbers of the rows that are stored, from their times; the first row of commit 1 is `rowsPerCommit`. */
export function expectedTimes(start: number, commits: number): number[] {
  return Array.from({ length: commits * rowsPerCommit }, (_, index) => start + (rowsPerCommit + index) * 1000);
}
