import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { createServerClock } from './server-clock.ts';

const header = (serverAt: number): string => new Date(serverAt).toUTCString();
const start = Date.parse('2026-06-01T12:00:00Z');

describe("the server's clock", () => {
  test('is the browser’s unless an answer contradicts it', () => {
    const clock = createServerClock(() => start);
    assert.equal(clock.now(), start);
    clock.learn(header(start), start - 20, start);
    assert.equal(clock.aheadMillis, 0);
    assert.equal(clock.now(), start);
  });

  test('is known to less than a second after some answers, whatever the browser’s clock and the round trips', () => {
    const answers = fc.array(
      fc.record({ gap: fc.integer({ min: 1, max: 3000 }), trip: fc.integer({ min: 0, max: 40 }) }),
      { ...{ minLength: 60, maxLength: 80 } },
    );
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), answers, (ahead, trips) => {
        let server = start;
        const clock = createServerClock(() => server + ahead);
        for (const { gap, trip } of trips) {
          server += gap;
          const askedAt = server + ahead;
          const madeAt = server + trip / 2;
          server += trip;
          clock.learn(header(madeAt), askedAt, server + ahead);
        }
        assert.ok(Math.abs(clock.now() - server) < 700, `${clock.now() - server} ms off`);
        assert.ok(clock.nowAtMost() >= server);
      }),
    );
  });

  test('is learned again when one of the two is set', () => {
    let browser = start;
    const clock = createServerClock(() => browser);
    let told = 0;
    clock.subscribe(() => told++);
    clock.learn(header(start), start - 20, start);
    browser = start - 600_000;
    clock.learn(header(start + 5000), browser - 20, browser);
    assert.ok(Math.abs(clock.aheadMillis + 605_000) < 1200, `${clock.aheadMillis}`);
    assert.equal(told, 1);
  });

  test('learns nothing from an answer without a time, or during which the browser’s clock was set back', () => {
    const clock = createServerClock(() => start);
    clock.learn(null, start, start);
    clock.learn('yesterday', start, start);
    clock.learn(header(start + 600_000), start + 10, start);
    assert.equal(clock.now(), start);
  });
});
