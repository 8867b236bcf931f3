import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test, vi } from 'vitest';
import { type FleetTarget, showFleet } from '../../../contract/fleet.ts';
import { createFleetStore } from './fleet-store.ts';

const { targets, time } = showFleet.example.answer as {
  readonly targets: readonly FleetTarget[];
  readonly time: string;
};
const start = Date.parse(time);
const result = (seconds: number, latency: number | null) => ({
  ...{ target_id: 1, time: new Date(start + seconds * 1000).toISOString() },
  ...{ latency_ms: latency, hops: latency === null ? null : 3, packet_loss: latency === null },
});

function loaded() {
  const store = createFleetStore();
  store.load(targets, time);
  vi.runAllTimers();
  return store;
}

describe('the live fleet', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('shows the last result, and notifies only the listeners of that target', () => {
    const store = loaded();
    let heard = 0;
    store.subscribe(1, () => heard++);
    store.take([result(1, 7), result(2, 8)]);
    store.take([{ ...result(3, 1), target_id: 99 }]);
    assert.equal(heard, 1);
    assert.deepEqual([store.entry(1)?.lastMillis, store.entry(1)?.hops, store.entry(1)?.state], [8, 3, 'up']);
    assert.equal(store.entry(99), undefined);
  });

  test('takes states from the server, with their beginning and reason', () => {
    const store = loaded();
    const states: (string | undefined)[] = [];
    store.subscribeToStates(() => states.push(store.entry(1)?.state));
    const reason = { code: 'no-reply', params: { losses: 5 } } as const;
    const since = new Date(start + 1000).toISOString();
    for (let second = 1; second <= 6; second++) store.take([result(second, null)]);
    assert.deepEqual(states, []);
    const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();
    const down = { state: 'down', state_since: since, reason, time: at(6) } as const;
    store.takeStates([{ ...down, target_id: 1 }]);
    store.takeStates([{ ...down, target_id: 99 }]);
    assert.deepEqual(states, ['down']);
    assert.deepEqual([store.entry(1)?.since, store.entry(1)?.reason], [start + 1000, reason]);
    // An answer that was made before it, but came after it, does not take it back; a later one does.
    store.load(targets, at(5));
    assert.equal(store.entry(1)?.state, 'down');
    store.load(targets, at(7));
    assert.equal(store.entry(1)?.state, 'up');
  });

  test('forgets removed targets and keeps listeners across a new answer of the server', () => {
    const store = loaded();
    let heard = 0;
    store.subscribe(1, () => heard++);
    store.load(targets, time);
    vi.runAllTimers();
    assert.equal(heard, 1);
    store.load([], time);
    assert.equal(store.entry(1), undefined);
  });

  test('notifies hundreds a few at a time, each once', () => {
    const store = createFleetStore();
    const [one] = targets;
    assert.ok(one !== undefined);
    store.load(
      Array.from({ length: 300 }, (_, index) => ({ ...one, id: index + 1 })),
      time,
    );
    vi.runAllTimers();
    const heard: number[] = [];
    for (let id = 1; id <= 300; id++) store.subscribe(id, () => heard.push(id));
    store.take(Array.from({ length: 300 }, (_, index) => ({ ...result(1, 5), target_id: index + 1 })));
    assert.ok(heard.length > 0 && heard.length < 300);
    vi.runAllTimers();
    assert.equal(heard.length, 300);
    assert.equal(new Set(heard).size, 300);
  });
});
