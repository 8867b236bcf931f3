import assert from 'node:assert/strict';
import { test } from 'vitest';
import { describeEvent } from '../event/describe-event.ts';
import { eventOf, seenEvent } from '../event/event.ts';
import { parseTargetId, mainVantage } from '../ids.ts';
import { outageEvent, outageWriteOf, overlapping, readStretches } from './outage-log.ts';

const id = parseTargetId(1);
assert.ok(id !== undefined);
const targetId = id;
const start = Date.UTC(2026, 2, 10, 7);

test('pauses and gaps are read from the events, and those that reach into a window are whole', () => {
  const events = [
    ...[eventOf(targetId, 'start', {}, 0), eventOf(targetId, 'stop', {}, 10), eventOf(targetId, 'start', {}, 20)],
    seenEvent({ targetId: targetId, vantage: mainVantage }, 'gap', { from: 25, to: 27, results: 3 }, 28),
    seenEvent({ targetId: targetId, vantage: mainVantage }, 'gap', { from: null, to: null, results: null }, 29),
    ...[eventOf(targetId, 'delete', { purged: false }, 30), eventOf(targetId, 'stop', {}, 40)],
  ];
  const { pauses, gaps } = readStretches(events);
  assert.deepEqual(pauses, [
    { from: 10, to: 20 },
    { from: 30, to: undefined },
  ]);
  assert.deepEqual(gaps, [
    { from: 25, to: 27 },
    { from: 29, to: 29 },
  ]);
  assert.deepEqual(overlapping(pauses, { from: 15, to: 18 }), [{ from: 10, to: 20 }]);
  assert.deepEqual(overlapping(pauses, { from: 21, to: 30 }), []);
});

test('an outage is exact to the millisecond from its first loss to its first reply', () => {
  const recovery = { type: 'recovery', since: start + 1, at: start + 1_200_001, losses: 20 } as const;
  const event = outageEvent({ targetId, vantage: mainVantage }, recovery, start + 1_200_200);
  assert.deepEqual(event.data, { downSince: start + 1, downSeconds: 1200, lostProbes: 20 });
  assert.deepEqual(outageWriteOf(event), {
    ...{ kind: 'end', from: start + 1, to: start + 1_200_001, lostProbes: 20, endedBy: 'recovery' },
  });
});

test('every event is described in English from its data', () => {
  const at = '2026-03-10T07:00:00.000Z';
  const sentences = [
    seenEvent({ targetId: targetId, vantage: mainVantage }, 'down', { since: start, lostProbes: 5 }, 0),
    seenEvent(
      { targetId: targetId, vantage: mainVantage },
      'recovery',
      { downSince: start, downSeconds: 61.2, lostProbes: 60 },
      0,
    ),
    seenEvent(
      { targetId: targetId, vantage: mainVantage },
      'not-sent',
      { since: start, errno: 101, reason: 'no-route' },
      0,
    ),
    seenEvent({ targetId: targetId, vantage: mainVantage }, 'sent', { notSentSince: start }, 0),
    eventOf(
      targetId,
      'update',
      { changed: { notes: { before: null, after: 'rack 4' }, tags: { before: [], after: ['a', 'b'] } } },
      0,
    ),
    eventOf(targetId, 'delete', { purged: false }, 0),
  ].map(describeEvent);
  assert.deepEqual(sentences, [
    `5 probes in a row lost since ${at}`,
    'First reply after 61 s without one (60 probes lost)',
    `Not sent: no route to host (ENETUNREACH) since ${at}`,
    `Probes are sent again; not sent since ${at}`,
    'Changed: notes changed, tags a, b',
    'Target deleted; its history is kept',
  ]);
});
