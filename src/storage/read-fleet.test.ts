import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { joinSparks, startFleetRow, summarizeFleetRow } from '../core/history/fleet-row.ts';
import { parseTargetId, type TargetId, mainVantage } from '../core/ids.ts';
import { batchFromRows, type ResultRow } from '../core/result/probe-result.ts';
import { rollupSeries } from '../core/history/rollup.ts';
import { concatSeries, type Series, sortSeries } from '../core/result/series.ts';
import { hourMillis, minuteMillis } from '../core/history/time-buckets.ts';
import { startPostgres } from '../../test/database-servers.ts';
import { openStorage, type Storage } from './storage.ts';

const start = Date.UTC(2026, 4, 5, 12);
const retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };
const target = { ip: '192.0.2.1', intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false };

function resultAt(targetId: TargetId, second: number, offsetMillis = 0): ResultRow {
  const common = { targetId, sentAt: start + second * 1000 + offsetMillis, intervalMillis: 1000 };
  if (second % 37 === 0) return { ...common, result: { outcome: 'timeout' } };
  if (second % 53 === 0) return { ...common, result: { outcome: 'not-sent', errno: 101 } };
  const rttMicros = 500 + ((second * 7919) % 4001) * (second % 11);
  return { ...common, result: { outcome: 'reply', rttMicros, replyTtl: 50 + (second % 3) } };
}

async function storedRows(storage: Storage, id: TargetId): Promise<Series> {
  const parts: Series[] = [];
  for await (const batch of storage.streamResults({ targetId: id, vantage: mainVantage }, 0, start * 2))
    parts.push(batch);
  return sortSeries(concatSeries(parts));
}

test.each(['sqlite', 'postgresql'])(
  'on %s a fleet that is read repeatedly equals the sum of all its results',
  async (engine) => {
    const folder = await mkdtemp(join(tmpdir(), 'pmd-fleet-'));
    {
      await using server = engine === 'sqlite' ? undefined : await startPostgres();
      let clock = start;
      await using storage = await openStorage((await server?.newDatabase()) ?? `sqlite:${join(folder, 'x.db')}`, {
        retention,
        now: () => clock,
        onNotice: () => {},
      });
      await storage.addTargets([target], start, 'x');
      const id = parseTargetId(1) as TargetId;
      let sequence = 0;
      const append = (rows: readonly ResultRow[]): Promise<void> =>
        storage.append({
          source: 's',
          sequence: ++sequence,
          vantage: mainVantage,
          results: batchFromRows(rows),
          events: [],
        });
      // Over two ends of an hour, in steps that fall into minutes and over them; some results come late.
      for (let second = 0; second < 2.2 * 3600; second += 25) {
        await append(Array.from({ length: 25 }, (_, index) => resultAt(id, second + index)));
        if (second % 1500 === 1475) await append([resultAt(id, second - 700, 500)]);
        clock = start + (second + 25) * 1000;
        if (second % 700 === 0) while ((await storage.maintain(clock, retention)).hasMore);
        if (second % 75 !== 0) continue;
        for (const [length, sparkBuckets, before] of [
          [hourMillis, 30, 0],
          [hourMillis, 60, 0],
          // Who asked before a minute's end may be answered behind it.
          [hourMillis, 60, 40_000],
          [hourMillis, 60, 0],
          [hourMillis, 7, 0],
          [20 * minuteMillis, 10, 0],
        ] as const) {
          const to = clock - before;
          const window = { from: to - length, to, sparkBuckets };
          const rollups = rollupSeries(await storedRows(storage, id), minuteMillis).filter(
            ({ startAt }) => startAt >= window.from && startAt < window.to,
          );
          const [row] = await storage.readFleet({
            ids: [id],
            vantage: mainVantage,
            from: window.from,
            to: window.to,
            sparkBuckets: sparkBuckets,
          });
          const { summary, jitterMicros, sparks = [] } = row ?? {};
          const whole = summarizeFleetRow(rollups, window);
          assert.deepEqual(
            { summary, sparks: joinSparks(sparks) },
            { summary: whole.summary, sparks: joinSparks(whole.sparks) },
          );
          // The filter is summed up in another order where a minute came in two parts.
          assert.ok(Math.abs((jitterMicros ?? 0) - (whole.jitterMicros ?? 0)) < 1e-6, `${jitterMicros} microseconds`);
        }
      }
    }
    await rm(folder, { recursive: true });
  },
  60_000,
);

test('a row continues from where its first minutes ended, at any minute', () => {
  const id = parseTargetId(1) as TargetId;
  const rows = Array.from({ length: 1800 }, (_, second) => resultAt(id, second));
  const rollups = rollupSeries(batchFromRows(rows), minuteMillis);
  const window = { from: start + 100, to: start + 100 + 30 * minuteMillis, sparkBuckets: 10 };
  const whole = summarizeFleetRow(rollups, window);
  for (let split = 0; split <= rollups.length; split++) {
    const begun = startFleetRow(rollups.slice(0, split), window);
    assert.deepEqual(summarizeFleetRow(rollups.slice(split), window, begun), whole, `after ${split} minutes`);
  }
});
