import assert from 'node:assert/strict';
import { test } from 'vitest';
import { isSkipped } from '../netns/requirements.ts';
import { runInGuest, sleepMillis } from './guest.ts';

interface Report {
  /** How many results the last minute had at each moment. */
  readonly lastMinute: Readonly<Record<string, number>>;
  readonly sleptByMonotonic: number;
  /** Lines of the export, a list for each target. */
  readonly rows: readonly (readonly string[])[];
  readonly log: readonly string[];
}

const hour = 3_600_000;

test.skipIf(isSkipped('a wall clock that is set, and a suspended machine', 'root', 'linux.uml', 'gcc'))(
  'a clock set by an hour both ways, the end of summer time, a suspend and a leap of 400 days leave gaps, and nothing wrong or lost',
  async () => {
    let sleeps = 0;
    const report = (await runInGuest('clock-guest.ts', () => void sleeps++)) as Report;
    const { lastMinute, rows, log, sleptByMonotonic } = report;
    assert.equal(sleeps, 1);
    assert.ok(sleptByMonotonic < sleepMillis / 2, `the machine did not sleep: ${sleptByMonotonic} ms`);
    for (const own of rows) {
      const results = own.map((row) => row.split(','));
      const losses = results.filter((fields) => fields.at(-1) !== '0');
      assert.deepEqual(losses, []);
      const trips = results.map((fields) => Number(fields[1]));
      assert.ok(
        trips.every((millis) => millis > 0 && millis < 500),
        `a round trip holds a step of the clock: ${Math.min(...trips)} to ${Math.max(...trips)} ms`,
      );
      const times = results.map(([time]) => Date.parse(time ?? ''));
      const steps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
      assert.ok(
        steps.every((step) => step >= 1000),
        'a time is used twice, or goes back',
      );
      // Gaps: an hour at the first step forward; the restart; the night; 400 days. Setting the clock back leaves none.
      const gaps = steps.filter((step) => step > 2000);
      assert.equal(gaps.filter((gap) => Math.abs(gap - hour) < 3000).length, 1, `gaps: ${gaps.join(', ')}`);
      assert.equal(gaps.filter((gap) => Math.abs(gap - 400 * 24 * hour) < 3000).length, 1, `gaps: ${gaps.join(', ')}`);
      const winter = times.filter((at) => Math.abs(at - Date.parse('2026-10-25T01:00:00Z')) < 5000);
      assert.ok(winter.length >= 8, `${winter.length} results in the ten seconds around the end of summer time`);
    }
    for (const [name, samples] of Object.entries(lastMinute)) {
      assert.ok(samples >= 5, `${name}: the last minute has ${samples} results`);
    }
    const told = log.join('\n');
    assert.match(told, /The clock went forward by 3600\.\d s; the time between holds no results/);
    assert.match(told, /The clock went back by 3600\.\d s; results go on from the old time/);
    assert.match(told, /The clock went forward by 400\.0 days: nothing is deleted by age for a day/);
  },
  480_000,
);
