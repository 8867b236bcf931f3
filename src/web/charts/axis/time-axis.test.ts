import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { clampRange, createTimeAxis, longestRange, shortestRange, zoomRange } from './time-axis.ts';

const hour = 3_600_000;
const bounds = { from: 0, to: 1000 * hour };
const axisAt = (from: number, to: number, isLive = false) => {
  const axis = createTimeAxis({ view: { from, to }, isLive });
  axis.setBounds(bounds);
  return axis;
};

describe('a range', () => {
  test('that is clamped lies within the bounds and within the allowed lengths', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5e9, max: 5e9 }), fc.integer({ min: -1e9, max: 4e9 }), (from, length) => {
        const range = clampRange({ from, to: from + length }, bounds);
        assert.ok(range.to - range.from >= shortestRange - 1e-6 && range.to - range.from <= longestRange);
        assert.ok(range.to <= bounds.to && (range.from >= bounds.from || range.to === bounds.to));
      }),
    );
  });

  test('that is zoomed keeps the pointed moment in its place', () => {
    const range = zoomRange({ from: 0, to: 10 * hour }, 0.5, 2 * hour);
    assert.deepEqual(range, { from: hour, to: 6 * hour });
    assert.equal((2 * hour - range.from) / (range.to - range.from), 0.2);
  });

  test('longer than all history ends with it', () => {
    assert.deepEqual(clampRange({ from: -2000 * hour, to: hour }, bounds), { from: -1001 * hour, to: 1000 * hour });
  });
});

describe('the axis', () => {
  test('follows the end while it is live and stays where it is otherwise', () => {
    const live = axisAt(999 * hour, 1000 * hour, true);
    const still = axisAt(10 * hour, 11 * hour);
    for (const axis of [live, still]) axis.setBounds({ from: 0, to: 1000 * hour + 5000 });
    assert.deepEqual(live.view, { from: 999 * hour + 5000, to: 1000 * hour + 5000 });
    assert.deepEqual(still.view, { from: 10 * hour, to: 11 * hour });
  });

  test('stops being live when it is moved back and becomes live when it is moved to the end', () => {
    const axis = axisAt(999 * hour, 1000 * hour, true);
    axis.pan(-hour);
    assert.equal(axis.isLive, false);
    axis.pan(5 * hour);
    assert.deepEqual([axis.isLive, axis.view.to], [true, bounds.to]);
  });

  test('zooms a live view about its end, so that it stays live', () => {
    const axis = axisAt(990 * hour, 1000 * hour, true);
    axis.zoom(0.5);
    assert.deepEqual([axis.isLive, axis.view], [true, { from: 995 * hour, to: 1000 * hour }]);
  });

  test('notifies its listeners of changes only', () => {
    const axis = axisAt(10 * hour, 11 * hour);
    let told = 0;
    const end = axis.subscribe(() => told++);
    axis.set({ from: 10 * hour, to: 11 * hour });
    assert.equal(told, 0);
    axis.set({ from: 9 * hour, to: 11 * hour });
    axis.point(10 * hour);
    axis.point(10 * hour);
    end();
    axis.pan(hour);
    assert.equal(told, 2);
  });
});
