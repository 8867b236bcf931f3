import assert from 'node:assert/strict';
import { test } from 'vitest';
import { plainPacket } from '../../core/target/probe-packet.ts';
import { parseTargetId } from '../../core/ids.ts';
import { LaneSet } from './lane-set.ts';
import type { ProbeLane } from '../lane/probe-lane.ts';
import type { ProbedTarget } from '../port.ts';
import { TargetTable } from './target-table.ts';

const lanesMax = 32;

/** Targets whose lanes record whether they are still open. */
function staged() {
  const open = new Set<number>();
  const notices: string[] = [];
  const laneOf = (payloadBytes: number): ProbeLane => {
    open.add(payloadBytes);
    return { inFlight: 0, send: () => {}, flush: () => {}, drain: () => {}, close: () => open.delete(payloadBytes) };
  };
  const lanes = new LaneSet({
    open: (_, packet) => laneOf(packet.payloadBytes ?? 0),
    openKind: () => laneOf(0),
    onNotice: (message) => notices.push(message),
  });
  return { open, notices, lanes, table: new TargetTable(lanes) };
}

function target(number: number, payloadBytes: number): ProbedTarget {
  const id = parseTargetId(number);
  assert.ok(id !== undefined);
  return { id, ip: '192.0.2.1', intervalMillis: 1000, packet: { ...plainPacket, payloadBytes } };
}

test('a target without a lane releases none, and gets one as soon as one is free', () => {
  const { open, notices, lanes, table } = staged();
  for (let number = 1; number <= lanesMax; number++) table.set(target(number, 100 + number));
  const stranded = table.set(target(50, 500));
  const other = table.set(target(51, 500));
  assert.deepEqual([typeof table.wayOutOf(stranded.index), typeof table.wayOutOf(other.index)], ['number', 'number']);
  assert.match(notices[0] ?? '', /more than 32 combinations of packet size, DSCP/);
  const said = notices.length;
  table.retakeStranded();
  assert.equal(typeof table.wayOutOf(other.index), 'number');

  table.remove(target(1, 101).id);
  lanes.closeUnused();
  // The lane is another target's now; the one that was refused goes without taking it along.
  table.set(target(51, 500));
  table.remove(target(50, 500).id);
  lanes.closeUnused();
  assert.ok(open.has(500));
  assert.equal(typeof table.wayOutOf(other.index), 'object');
  assert.equal(notices.length, said);

  table.remove(target(51, 500).id);
  lanes.closeUnused();
  assert.ok(!open.has(500));
});

test('a target that no lane was left for is probed once another packet format is given up', () => {
  const { lanes, table } = staged();
  for (let number = 1; number <= lanesMax; number++) table.set(target(number, 100 + number));
  const { index } = table.set(target(50, 500));
  table.set(target(1, 102));
  lanes.closeUnused();
  table.retakeStranded();
  assert.equal(typeof table.wayOutOf(index), 'object');
});
