import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { type FleetTarget, showFleet } from '../../contract/fleet.ts';
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
  return store;
}

describe('the live fleet', () => {
  test('shows the last result, and tells only who listens to that target', () => {
    const store = loaded();
    let heard = 0;
    store.subscribe(1, () => heard++);
    store.take([result(1, 7), result(2, 8)]);
    store.take([{ ...result(3, 1), target_id: 99 }]);
    assert.equal(heard, 1);
    assert.deepEqual([store.entry(1)?.lastMillis, store.entry(1)?.hops, store.entry(1)?.state], [8, 3, 'up']);
    assert.equal(store.entry(99), undefined);
  });

  test('degrades, goes down and comes back by the rules of the server', () => {
    const store = loaded();
    const states: (string | undefined)[] = [];
    store.subscribeToStates(() => states.push(store.entry(1)?.state));
    for (let second = 1; second <= 6; second++) store.take([result(second, null)]);
    assert.equal(store.entry(1)?.since, start + 1000, 'down since the first loss');
    store.take([result(7, 2)]);
    assert.deepEqual(states, ['degraded', 'down', 'up']);
    assert.equal(store.entry(1)?.since, start + 7000);
  });

  test('forgets who is gone and keeps listeners over a new answer of the server', () => {
    const store = loaded();
    let heard = 0;
    store.subscribe(1, () => heard++);
    store.load(targets, time);
    assert.equal(heard, 1);
    store.load([], time);
    assert.equal(store.entry(1), undefined);
  });
});
