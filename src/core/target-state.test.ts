import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { type StateFacts, type TargetState, stateOfTarget } from './target-state.ts';

function stateWith(facts: Partial<StateFacts>): TargetState {
  const outage = { phase: 'up', consecutiveLosses: 0 } as const;
  return stateOfTarget({ isActive: true, isSynthetic: false, outage, lossCount: 0, sampleCount: 3600, ...facts });
}

describe('the state of a target', () => {
  test('is degraded by two losses in a row, not by one', () => {
    assert.equal(stateWith({ outage: { phase: 'up', consecutiveLosses: 1 } }), 'up');
    assert.equal(stateWith({ outage: { phase: 'up', consecutiveLosses: 2 } }), 'degraded');
  });

  test('is degraded by more than 2 % of the last hour, and by at least two losses', () => {
    assert.equal(stateWith({ lossCount: 72 }), 'up');
    assert.equal(stateWith({ lossCount: 73 }), 'degraded');
    assert.equal(stateWith({ lossCount: 1, sampleCount: 3 }), 'up');
    assert.equal(stateWith({ lossCount: 2, sampleCount: 50 }), 'degraded');
  });

  test('is what it is whatever was lost: down, paused, synthetic, or pending before the first reply', () => {
    const lossy = { lossCount: 3600 };
    assert.equal(stateWith({ ...lossy, outage: { phase: 'down', consecutiveLosses: 9 } }), 'down');
    assert.equal(stateWith({ ...lossy, isActive: false }), 'paused');
    assert.equal(stateWith({ ...lossy, isActive: false, isSynthetic: true }), 'synthetic');
    assert.equal(stateWith({ outage: { phase: 'unknown', consecutiveLosses: 4 } }), 'pending');
  });
});
