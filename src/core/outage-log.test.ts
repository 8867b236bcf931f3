import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { EventType } from './event.ts';
import { describeOutageChange, overlapping, readStatusLog } from './outage-log.ts';

const noon = Date.UTC(2026, 5, 1, 12);
const at = (seconds: number): number => noon + seconds * 1000;
const event = (type: EventType, seconds: number, message = '') => ({ type, message, createdAt: at(seconds) });
const down = (since: number) =>
  event('down', since + 5.9, describeOutageChange({ type: 'down', since: at(since), losses: 5 }));
const recovery = (since: number, until: number) =>
  event('recovery', until + 0.4, describeOutageChange({ type: 'recovery', since: at(since), at: at(until) }));

test('an outage begins with its first loss and ends with the first reply, not when these became known', () => {
  const { outages } = readStatusLog([event('start', 0), down(10), recovery(10, 40)], false);
  assert.deepEqual(outages, [{ from: at(10), to: at(40), endedBy: 'recovery' }]);
});

test('an outage that goes on has no end', () => {
  assert.deepEqual(readStatusLog([down(10)], true).outages, [{ from: at(10), to: undefined, endedBy: undefined }]);
});

test('a pause ends an outage; a target still down after it begins a second one', () => {
  const log = [down(10), event('stop', 60), event('start', 600), recovery(10, 700)];
  const { outages, pauses } = readStatusLog(log, false);
  assert.deepEqual(outages, [
    { from: at(10), to: at(60), endedBy: 'pause' },
    { from: at(600), to: at(700.4), endedBy: 'recovery' },
  ]);
  assert.deepEqual(pauses, [{ from: at(60), to: at(600) }]);
  assert.deepEqual(readStatusLog(log.slice(0, 3), true).outages[1], {
    from: at(600),
    to: undefined,
    endedBy: undefined,
  });
  assert.equal(readStatusLog(log.slice(0, 3), false).outages.length, 1);
});

test('pauses, deletions and gaps are stretches of their own', () => {
  const gap = event(
    'gap',
    90,
    `7 results from ${new Date(at(70)).toISOString()} to ${new Date(at(80)).toISOString()} are`,
  );
  const { pauses, gaps, outages } = readStatusLog(
    [event('stop', 10), event('stop', 11), event('start', 20), gap, event('delete', 100)],
    false,
  );
  assert.deepEqual(pauses, [
    { from: at(10), to: at(20) },
    { from: at(100), to: undefined },
  ]);
  assert.deepEqual(gaps, [{ from: at(70), to: at(80) }]);
  assert.deepEqual(outages, []);
});

test('a stretch belongs to a window when it reaches into it', () => {
  const stretches = [
    { from: 0, to: 10 },
    { from: 20, to: undefined },
    { from: 50, to: 60 },
  ];
  assert.deepEqual(overlapping(stretches, { from: 10, to: 50 }), stretches.slice(0, 2));
});
