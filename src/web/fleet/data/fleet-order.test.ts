import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { type FleetTarget, showFleet } from '../../../contract/fleet.ts';
import type { TargetState } from '../../../core/outage/target-state.ts';
import { arrange } from './fleet-order.ts';
import { parseFleetSearch } from './fleet-search.ts';
import { type FleetEntry, createFleetStore } from './fleet-store.ts';

const [example] = (showFleet.example.answer as { readonly targets: readonly FleetTarget[] }).targets;

function entryWith(ip: string, state: TargetState, change: Partial<FleetTarget> = {}): FleetEntry {
  assert.ok(example !== undefined);
  const store = createFleetStore();
  store.load([{ ...example, ip, state, ...change }], '2026-11-23T21:00:00.000Z');
  const entry = store.entry(example.id);
  assert.ok(entry !== undefined);
  return entry;
}

const ips = (entries: readonly FleetEntry[]): readonly string[] => entries.map(({ target }) => target.ip);
const fleet = [
  entryWith('10.0.0.10', 'up', { loss_rate: 0, latency_p95_ms: 9, tags: ['core'] }),
  entryWith('10.0.0.9', 'paused', { notes: 'Printer, 2nd floor' }),
  entryWith('10.0.0.3', 'down', { state_since: '2026-11-23T20:00:00.000Z', last_latency_ms: null }),
  entryWith('10.0.0.4', 'down', { state_since: '2026-11-23T19:00:00.000Z', last_latency_ms: null }),
  entryWith('10.0.0.2', 'up', { loss_rate: 0.01, tags: ['core', 'rack 4'] }),
];

describe('the order of the fleet', () => {
  test('is worst first: down longest, then by loss, paused at the end', () => {
    assert.deepEqual(ips(arrange(fleet, {})), ['10.0.0.4', '10.0.0.3', '10.0.0.2', '10.0.0.10', '10.0.0.9']);
  });

  test('does not let noise of healthy targets change their places, but the worse of the degraded comes first', () => {
    const pair = (state: TargetState): readonly FleetEntry[] => [
      entryWith('10.0.0.1', state, { loss_rate: 0, latency_p95_ms: 4 }),
      entryWith('10.0.0.2', state, { loss_rate: 0, latency_p95_ms: 5 }),
    ];
    assert.deepEqual(ips(arrange(pair('up'), {})), ['10.0.0.1', '10.0.0.2']);
    assert.deepEqual(ips(arrange(pair('degraded'), {})), ['10.0.0.2', '10.0.0.1']);
  });

  test('by name sorts numbers as numbers, in both directions', () => {
    const expected = ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.9', '10.0.0.10'];
    assert.deepEqual(ips(arrange(fleet, { sort: 'name' })), expected);
    assert.deepEqual(ips(arrange(fleet, { sort: '-name' })), expected.toReversed());
  });

  test('puts missing figures last, in both directions', () => {
    for (const sort of ['last', '-last']) {
      assert.deepEqual(ips(arrange(fleet, { sort })).slice(-2), ['10.0.0.3', '10.0.0.4']);
    }
  });

  test('leaves out what words, states and tags do not match', () => {
    assert.deepEqual(ips(arrange(fleet, { q: 'floor PRINTER' })), ['10.0.0.9']);
    // What looks the same is the same, however it was typed.
    const [first] = fleet;
    assert.ok(first !== undefined);
    const cafe = [{ ...first, target: { ...first.target, name: 'Caf\u00e9', notes: 're\u0301seau' } }];
    assert.equal(arrange(cafe, { q: 'cafe\u0301 r\u00e9seau' }).length, 1);
    assert.deepEqual(ips(arrange(fleet, { state: ['down', 'paused'] })), ['10.0.0.4', '10.0.0.3', '10.0.0.9']);
    assert.deepEqual(ips(arrange(fleet, { tag: ['core', 'rack 4'] })), ['10.0.0.2']);
  });

  test('is read from the address without trusting it', () => {
    assert.deepEqual(parseFleetSearch({ state: ['down', 'gone'], tag: 'core', sort: '-p95', view: 'x', q: 10 }), {
      ...{ q: '10', state: ['down'], tag: ['core'], sort: '-p95' },
    });
  });
});
