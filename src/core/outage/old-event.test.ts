import assert from 'node:assert/strict';
import { test } from 'vitest';
import { describeEvent } from '../event/describe-event.ts';
import type { EventType } from '../event/event.ts';
import { parseTargetId, mainVantage } from '../ids.ts';
import { type OldEvent, convertOldLog, eventFromOld, stateAfter } from './old-event.ts';

const targetId = parseTargetId(1);
assert.ok(targetId !== undefined);
const start = Date.UTC(2026, 2, 10, 7);
const at = (second: number): number => start + second * 1000;
const iso = (second: number): string => new Date(at(second)).toISOString();

function old(type: EventType, second: number, message: string): OldEvent {
  assert.ok(targetId !== undefined);
  return { targetId, type, message, createdAt: at(second) };
}

// The sentences of 1.0.0-rc.1, word for word.
const down = (since: number): OldEvent => old('down', since + 6, `5 probes in a row lost since ${iso(since)}`);
const recovery = (since: number, until: number): OldEvent =>
  old('recovery', until + 0.4, `First reply after ${until - since} s without one`);

test('an old event gets the data that its sentence contained, and keeps the sentence', () => {
  const data = (event: OldEvent): unknown => eventFromOld(event, mainVantage).data;
  assert.deepEqual(data(down(10)), { since: at(10), lostProbes: 5 });
  assert.deepEqual(data(old('recovery', 50, 'First reply after an outage')), {
    ...{ downSince: null, downSeconds: null, lostProbes: null },
  });
  assert.deepEqual(data(old('gap', 9, `12 results from ${iso(1)} to ${iso(8)} are missing: the database took none`)), {
    ...{ from: at(1), to: at(8), results: 12 },
  });
  assert.deepEqual(data(old('path-change', 9, 'Route changed at hop 2: 192.0.2.1 → 192.0.2.2, 192.0.2.3')), {
    ...{ ttl: 2, before: ['192.0.2.1'], after: ['192.0.2.2', '192.0.2.3'], traceId: null },
  });
  assert.deepEqual(data(old('address-change', 9, 'Address of a.test changed: 192.0.2.1 → 2001:db8::1')), {
    ...{ before: '192.0.2.1', after: '2001:db8::1' },
  });
  assert.deepEqual(data(old('update', 9, 'Changed: frequency 1 s → 0.5 s, notes changed')), {
    changed: { frequency: { before: 1, after: 0.5 }, notes: { before: null, after: null } },
  });
  assert.deepEqual(data(old('delete', 9, 'Target and history erased')), { purged: true });
  assert.deepEqual(data(old('start', 9, 'Tracking resumed')), {});
  assert.equal(describeEvent(eventFromOld(old('start', 9, 'Tracking resumed'), mainVantage)), 'Tracking resumed');
});

test('outages are derived from the whole log: a pause ends one, a resumption can begin another', () => {
  const log = [
    old('start', 0, 'Tracking started'),
    down(10),
    recovery(10, 40),
    down(100),
    old('stop', 130, 'Tracking paused'),
  ];
  const resumed = [...log, old('start', 200, 'Tracking resumed'), recovery(100, 230)];
  const first = { from: at(10), to: at(40), lostProbes: undefined, endedBy: 'recovery' };
  const second = { from: at(100), to: at(130), lostProbes: undefined, endedBy: 'pause' };
  assert.deepEqual(convertOldLog(log, mainVantage).outages, [first, second]);
  const third = { from: at(200), to: at(230.4), lostProbes: undefined, endedBy: 'recovery' };
  assert.deepEqual(convertOldLog(resumed, mainVantage).outages, [first, second, third]);
  const [, , exact] = convertOldLog(log, mainVantage).events;
  assert.deepEqual(exact?.data, { downSince: at(10), downSeconds: 30, lostProbes: null });
});

test('the state at the end of the log is the one to continue from', () => {
  const none = { phaseSince: null, errno: null };
  assert.deepEqual(stateAfter(convertOldLog([down(10)], mainVantage)), {
    ...{ ...none, state: 'down', since: at(10), phase: 'down', phaseSince: at(10) },
  });
  assert.equal(stateAfter(convertOldLog([down(10), recovery(10, 40)], mainVantage))?.state, 'up');
  assert.equal(stateAfter(convertOldLog([down(10), old('stop', 50, 'x')], mainVantage))?.state, 'paused');
  assert.equal(stateAfter(convertOldLog([], mainVantage)), undefined);
});
