import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { createPortableClocks } from '../linux/clocks.ts';
import { LatenessWindow } from './lateness.ts';
import { AnomalyCounts } from '../../core/result/anomalies.ts';
import { ProbeEndings } from './probe-endings.ts';
import type { LaneContext } from './probe-lane.ts';
import { ProbeTable } from './probe-table.ts';
import { ResultColumns } from './result-columns.ts';
import { ScheduleClock } from './schedule-clock.ts';
import { createCounterMemory, readCounters } from './shared-counters.ts';

const hourNanos = 3600e9;
const rttNanos = 20e6;

/** The RTT given out for a probe sent at monotonic 1000 ms and looked at at 1060 ms, its stamps as given. */
function rttOf(stamps: { readonly sent: number; readonly received: number }, step?: { at: number; byMillis: number }) {
  const context: LaneContext = {
    clocks: { ...createPortableClocks(), monotonicMillis: 1060 },
    schedule: new ScheduleClock(0, 0, 0),
    columns: new ResultColumns(),
    tally: readCounters(createCounterMemory()),
    lateness: new LatenessWindow(),
    anomalies: new AnomalyCounts(),
    timeoutMillis: 1000,
    lastStep: { monotonicMillis: step?.at ?? 0, byMillis: step?.byMillis ?? 0 },
  };
  const table = new ProbeTable(4, 1);
  const index = table.add({ targetId: 1, slotMillis: 0, intervalMillis: 1000 }, new Uint32Array(4), 0);
  table.sentMonotonic[index] = 1000;
  table.sentNanos[index] = stamps.sent;
  table.receivedNanos[index] = stamps.received;
  new ProbeEndings(table, context).replied(index);
  return context.columns.take()?.rttMicros[0];
}

describe('a round trip of 20 ms', () => {
  test('is the difference of the stamps', () => {
    assert.equal(rttOf({ sent: 0, received: rttNanos }), 20_000);
  });

  test.for([1, -1])('is the same when the clock steps by %s h while the probe is in flight', (hours) => {
    const step = { at: 1040, byMillis: hours * 3_600_000 };
    assert.equal(rttOf({ sent: 0, received: rttNanos + hours * hourNanos }, step), 20_000);
  });

  test('is the same when the clock steps after the reply and before it is read', () => {
    assert.equal(rttOf({ sent: 0, received: rttNanos }, { at: 1060, byMillis: 3_600_000 }), 20_000);
  });

  test('is at most the elapsed time if the stamps fit neither way, or both', () => {
    assert.equal(rttOf({ sent: 0, received: rttNanos + hourNanos }, { at: 1040, byMillis: -30_000 }), 60_000);
    assert.equal(rttOf({ sent: 0, received: rttNanos }, { at: 1040, byMillis: 5 }), 60_000);
  });
});
