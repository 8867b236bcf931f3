import assert from 'node:assert/strict';
import { test } from 'vitest';
import { parseTargetId } from '../../core/ids.ts';
import { nextSlotAfter } from '../../core/result/schedule.ts';
import type { ProbeClocks } from '../linux/clocks.ts';
import { LaneSet } from './lane-set.ts';
import { LatenessWindow } from '../lane/lateness.ts';
import { AnomalyCounts } from '../../core/result/anomalies.ts';
import { ProbeScheduler } from './probe-scheduler.ts';
import type { ProbeLane } from '../lane/probe-lane.ts';
import type { ProbeEntry } from '../lane/probe-table.ts';
import { ResultColumns } from '../lane/result-columns.ts';
import { ScheduleClock } from '../lane/schedule-clock.ts';
import { createCounterMemory, readCounters } from '../lane/shared-counters.ts';

const startMillis = 1_700_000_000_000;

/** An engine on a clock that only `pass` moves, and a lane that records what is sent and when. */
function simulated() {
  const clocks: ProbeClocks = {
    baseSeconds: startMillis / 1000,
    wallNanos: 0,
    monotonicMillis: 5000,
    isPairTight: true,
    read: () => {},
    sleep: () => {},
  };
  const sent: { readonly id: number; readonly slot: number; readonly at: number }[] = [];
  const lane: ProbeLane = {
    inFlight: 0,
    send: ({ targetId, slotMillis }: ProbeEntry) =>
      sent.push({ id: targetId, slot: slotMillis, at: clocks.monotonicMillis }),
    flush: () => {},
    drain: () => {},
    close: () => {},
  };
  const notices: string[] = [];
  const engine = new ProbeScheduler({
    context: {
      clocks,
      schedule: new ScheduleClock(startMillis, clocks.monotonicMillis, Number.NEGATIVE_INFINITY),
      columns: new ResultColumns(),
      tally: readCounters(createCounterMemory()),
      lateness: new LatenessWindow(),
      anomalies: new AnomalyCounts(),
      timeoutMillis: 1000,
      lastStep: { monotonicMillis: 0, byMillis: 0 },
    },
    lanes: new LaneSet({ open: () => lane, openKind: () => lane, onNotice: () => {} }),
    maxInFlight: 0,
    onNotice: (message) => notices.push(message),
  });
  const pass = (millis: number, wallMillis = millis): void => {
    clocks.monotonicMillis += millis;
    clocks.wallNanos += wallMillis * 1e6;
  };
  const run = (millis: number): void => {
    for (let passed = 0; passed < millis; passed += 5) {
      pass(5);
      engine.tick();
    }
  };
  return { engine, sent, notices, pass, run };
}

function targets(count: number, intervalMillis: number) {
  return Array.from({ length: count }, (_, index) => {
    const id = parseTargetId(index + 1);
    assert.ok(id !== undefined);
    return { id, ip: '127.0.0.1', intervalMillis };
  });
}

const slotsOf = (sent: readonly { readonly id: number; readonly slot: number }[], id: number): readonly number[] =>
  sent.filter((probe) => probe.id === id).map((probe) => probe.slot);

test('every target is probed at each planned time, within one tick, for an hour', () => {
  const { engine, sent, run } = simulated();
  engine.change({ set: targets(3, 1000), remove: [] });
  run(3_600_000);
  assert.equal(sent.length, 3 * 3600);
  for (const { slot, at } of sent) {
    const late = startMillis + at - 5000 - slot;
    assert.ok(late >= 0 && late < 5, `late by ${late} ms`);
  }
  slotsOf(sent, 1).forEach((slot, at, all) => assert.ok(at === 0 || slot === (all[at - 1] ?? 0) + 1000));
});

test('after a stall of ten seconds there is a gap and a notice, but no burst', () => {
  const { engine, sent, notices, pass, run } = simulated();
  engine.change({ set: targets(1000, 1000), remove: [] });
  run(1000);
  sent.length = 0;
  pass(10_000);
  engine.tick();
  assert.equal(sent.length, 0);
  run(2000);
  assert.ok(Math.abs(sent.length - 2000) <= 20);
  assert.equal(new Set(sent.map(({ id, slot }) => `${id} ${slot}`)).size, sent.length);
  run(1000);
  assert.match(notices.join(' '), /held up/);
});

test('an unchanged entry keeps its schedule, a changed interval starts at the next slot of the new one', () => {
  const { engine, sent, run } = simulated();
  const [first, second] = targets(2, 1000);
  assert.ok(first !== undefined && second !== undefined);
  engine.change({ set: [first, second], remove: [] });
  run(1500);
  engine.change({ set: [first, { ...second, intervalMillis: 300 }], remove: [] });
  run(1500);
  assert.equal(slotsOf(sent, 1).length, 3);
  const changed = slotsOf(sent, 2).filter((slot) => slot > startMillis + 1500);
  assert.equal(changed[0], nextSlotAfter(second.id, 300, startMillis + 1500));
  assert.equal(changed.length, 5);
});

test('a wall clock set forward leaves a gap; set back, no planned time is used twice', () => {
  const { engine, sent, notices, pass, run } = simulated();
  engine.change({ set: targets(50, 1000), remove: [] });
  run(3000);
  pass(5, 60_005);
  run(3000);
  pass(5, -120_000);
  run(3000);
  assert.equal(new Set(sent.map(({ id, slot }) => `${id} ${slot}`)).size, sent.length);
  slotsOf(sent, 1).forEach((slot, at, all) => assert.ok(at === 0 || slot > (all[at - 1] ?? 0)));
  assert.ok(Math.abs(sent.length - 450) <= 50, `${sent.length} sent`);
  assert.match(notices[0] ?? '', /forward by 60\.0 s/);
  assert.match(notices[1] ?? '', /back by/);
});
