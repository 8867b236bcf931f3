import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { type TargetId, mainVantage } from '../../../core/ids.ts';
import { outcomeCodes } from '../../../core/result/probe-result.ts';
import { createSeries, type Series } from '../../../core/result/series.ts';
import { encodeSeries } from '../../../core/result/series-codec.ts';
import { hourMillis } from '../../../core/history/time-buckets.ts';
import { zstd } from '../../series/compression.ts';
import { type Database, openDatabase } from '../file/database.ts';
import { migrate, readMigrations } from '../file/migrations.ts';
import {
  hasRawBlock,
  hasRawPieces,
  joinOldestRawSpan,
  rawHourBefore,
  rawHoursBetween,
  rawSpanMillis,
  readRawBlock,
  writeRawBlock,
} from './raw-blocks.ts';

const start = Date.UTC(2026, 4, 5);
const key = { targetId: 1 as TargetId, vantage: mainVantage };
const other = { targetId: 2 as TargetId, vantage: mainVantage };
const hourAt = (hour: number): number => start + hour * hourMillis;

const folder = mkdtempSync(join(tmpdir(), 'pmd-raw-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function openTemporary(): Database & Disposable {
  const database = openDatabase(join(folder, `${++files}.db`));
  return Object.assign(database, { [Symbol.dispose]: () => database.close() });
}

function rowsOf(hour: number, count: number): Series {
  const series = createSeries(count);
  for (let index = 0; index < count; index++) {
    series.sentAtMillis[index] = hourAt(hour) + index * 1000;
    series.outcomes[index] = outcomeCodes.reply;
    series.rttMicros[index] = 1000 + hour * 100 + (index % 7);
    series.intervalMillis[index] = 1000;
  }
  return series;
}

function write(database: Database, hours: readonly number[], of = key): void {
  database.transaction(() => hours.forEach((hour) => writeRawBlock(database, of, hourAt(hour), rowsOf(hour, 50))));
}

function joinAll(database: Database, before: number): void {
  database.transaction(() => {
    while (joinOldestRawSpan(database, before));
  });
}

const rowCount = (database: Database): number => Number(database.get('select count(*) as n from raw_blocks')?.['n']);

test('hours are the same before and after they are joined, and no others change', () => {
  using database = openTemporary();
  // The first span lacks its first hour, the second is whole, the third is not over.
  const hours = [1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13];
  write(database, hours);
  write(database, [2, 9], other);
  const answers = (): unknown => ({
    rows: hours.map((hour) => readRawBlock(database, key, hourAt(hour))),
    others: [0, 3, 4, 14].map((hour) => readRawBlock(database, key, hourAt(hour))),
    has: [0, 1, 3, 6, 11, 12].map((hour) => hasRawBlock(database, key, hourAt(hour))),
    between: [0, 2, 3, 8, 13].map((hour) =>
      rawHoursBetween(database, key, { from: hourAt(hour), to: hourAt(13), limit: 4 }),
    ),
    before: [0, 1, 2, 5, 6, 12, 20].map((hour) => rawHourBefore(database, key, hourAt(hour))),
    other: rawHoursBetween(database, other, { from: start, to: hourAt(24), limit: 10 }),
    results: database.get('select sum(result_count) as n from raw_blocks')?.['n'],
  });
  const pieces = answers();
  assert.equal(rowCount(database), 13);
  joinAll(database, hourAt(13));
  assert.equal(rowCount(database), 6);
  assert.equal(hasRawPieces(database, hourAt(13)), false);
  expect(answers()).toEqual(pieces);
  expect(rawHourBefore(database, key, hourAt(6))).toBe(hourAt(5));
  expect(rawHourBefore(database, key, hourAt(1))).toBeUndefined();
});

test('late results go into the joined block, in the place of their hour', () => {
  using database = openTemporary();
  write(database, [0, 1, 2, 4]);
  joinAll(database, start + rawSpanMillis);
  database.transaction(() => {
    writeRawBlock(database, key, hourAt(1), rowsOf(1, 80));
    writeRawBlock(database, key, hourAt(3), rowsOf(3, 20));
  });
  expect(rawHoursBetween(database, key, { from: start, to: hourAt(6), limit: 9 })).toEqual([0, 1, 2, 3, 4].map(hourAt));
  const lengths = [0, 1, 2, 3, 4, 5].map((hour) => readRawBlock(database, key, hourAt(hour))?.length);
  expect(lengths).toEqual([50, 80, 50, 20, 50, undefined]);
  expect(readRawBlock(database, key, hourAt(3))).toEqual(rowsOf(3, 20));
  assert.equal(rowCount(database), 1);
  assert.equal(database.get('select result_count as n from raw_blocks')?.['n'], 250);
});

test('blocks of the previous schema are read as pieces', () => {
  using connection = new DatabaseSync(':memory:');
  const migrations = readMigrations();
  migrate(
    connection,
    migrations.filter(({ version }) => version < 4),
  );
  connection
    .prepare(
      'insert into raw_blocks (target_id, vantage, hour_at_millis, result_count, payload) values (1, ?, ?, 50, ?)',
    )
    .run(mainVantage, start, encodeSeries(rowsOf(0, 50), zstd));
  migrate(connection, migrations);
  const row = connection.prepare('select hour_at_millis, joined_hours, result_count from raw_blocks').get();
  expect(row).toEqual({ hour_at_millis: start, joined_hours: 0, result_count: 50 });
});
