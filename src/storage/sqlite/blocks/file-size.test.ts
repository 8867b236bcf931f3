import { mainVantage } from '../../../core/ids.ts';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { createSyntheticHistory } from '../../../core/synthetic/synthetic.ts';
import { hourMillis, minuteMillis } from '../../../core/history/time-buckets.ts';
import { createStorageThread } from '../thread/create-operations.ts';
import { openDatabase } from '../file/database.ts';

const start = Date.UTC(2026, 4, 5);
const days = 20;
const retention = { rawDays: 1, minuteDays: 2, hourDays: 32 };

const folder = mkdtempSync(join(tmpdir(), 'pmd-size-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('space freed by retention is reused: the file stays as large as its largest content', () => {
  const database = openDatabase(join(folder, 'size.db'));
  const thread = createStorageThread(database);
  const { operations } = thread;
  const target = { ip: '192.0.2.1', intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false };
  const [added] = operations.addTargets([target], start, 'x');
  assert.ok(added !== undefined);
  const history = createSyntheticHistory({
    ...{ seed: 1, lossRatio: 0.01 },
    index: 0,
    targetId: added.id,
    intervalMillis: 1000,
  });
  const pages = (pragma: string): number => Number(Object.values(database.get(`pragma ${pragma}`) ?? {})[0]);
  let [mostInUse, written, sequence] = [0, 0, 0];
  for (let at = start; at < start + days * 24 * hourMillis; at += hourMillis) {
    const results = history.results(at, at + hourMillis);
    operations.append({ source: 's', sequence: ++sequence, vantage: mainVantage, results, events: [] });
    thread.afterReply();
    mostInUse = Math.max(mostInUse, pages('page_count') - pages('freelist_count'));
    while (operations.maintain(at + hourMillis + 2 * minuteMillis, retention).hasMore);
    written += results.length;
  }
  const total = pages('page_count');
  database.close();
  assert.equal(written, days * 86_400);
  assert.ok(total <= mostInUse * 1.02 + 2, `${total} pages, of which ${mostInUse} were in use at most`);
});
