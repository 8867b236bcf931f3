import assert from 'node:assert/strict';
import pg from 'pg';
import { test } from 'vitest';
import { seenEvent } from '../../core/event/event.ts';
import { parseTargetId, type TargetId, mainVantage } from '../../core/ids.ts';
import { batchFromRows } from '../../core/result/probe-result.ts';
import { hourMillis } from '../../core/history/time-buckets.ts';
import { openStorage } from '../storage.ts';
import { rowsOn, startPostgres } from '../../../test/database-servers.ts';
import { until } from '../../../test/e2e/server.ts';

const start = Date.UTC(2026, 2, 10, 7);
const retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };

test(
  'late results that are committed while their hour is rolled up reach its rollups',
  { timeout: 60_000 },
  async () => {
    await using server = await startPostgres();
    const url = await server.newDatabase();
    {
      await using storage = await openStorage(url, { retention, now: () => start, onNotice: () => {} });
      const target = {
        ip: '192.0.2.1',
        intervalMillis: 1000,
        url: null,
        notes: null,
        isActive: true,
        isSynthetic: false,
      };
      await storage.addTargets([target], start, 'x');
      const targetId = parseTargetId(1) as TargetId;
      const result = { outcome: 'reply', rttMicros: 20_000, replyTtl: 57 } as const;
      const at = (minute: number) =>
        batchFromRows([{ targetId, intervalMillis: 1000, result, sentAt: start - 5 * hourMillis + minute * 60_000 }]);
      const maintainAll = async (): Promise<void> => {
        while ((await storage.maintain(start, retention)).hasMore);
      };
      const events = [
        seenEvent({ targetId: targetId, vantage: mainVantage }, 'down', { since: start, lostProbes: 5 }, start),
      ];
      await storage.append({ source: 's', sequence: 1, vantage: mainVantage, results: at(0), events: [] });
      await maintainAll();
      const waitsFor = (what: string): Promise<unknown> =>
        until(`${what} waits`, async () => (await rowsOn(url, 'select 1 from pg_locks where not granted')).length > 0);
      const holder = new pg.Client({ connectionString: url });
      await holder.connect();
      await holder.query('begin; lock table pmd.events in access exclusive mode');
      const appended = storage.append({ source: 's', sequence: 2, vantage: mainVantage, results: at(10), events });
      // Its results are inserted and its hour is marked; only its event is not.
      await waitsFor('the commit');
      await maintainAll();
      await holder.query('commit');
      await holder.end();
      await appended;
      await maintainAll();
      const stored = await rowsOn(url, 'select 1 from pmd.stored_minute_rollups');
      assert.equal(stored.length, 2);
    }
  },
);
