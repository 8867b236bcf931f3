import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TargetId } from '../src/core/ids.ts';
import { makeSeconds, startAt } from './store-input.ts';
import { type Report, reportRate, reportSize, reportSpread } from './store-report.ts';

/** What the system before this one needed per result, by its own account: rows in a hypertable. Not measured here. */
const oldSystemBytesPerResult = 51;

/** The usual layout for comparison: a row per result, as durable as ours. */
export function measureRows(report: Report, targets: number, seconds: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'pmd-bench-'));
  const path = join(folder, 'rows.db');
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536');
  database.exec(`create table results (target_id integer, sent_at_millis integer, interval_millis integer,
    outcome integer, rtt_micros integer, details integer, primary key (target_id, sent_at_millis)) strict, without rowid`);
  const insert = database.prepare('insert into results values (?, ?, ?, ?, ?, ?)');
  const input = makeSeconds(
    Array.from({ length: targets }, (_, index) => (index + 1) as TargetId),
    seconds,
  );
  const startedAt = performance.now();
  for (let second = 0; second < seconds; second++) {
    const { length, targetIds, sentAtMillis, intervalMillis, outcomes, rttMicros, details } = input.second(second);
    database.exec('begin');
    for (let row = 0; row < length; row++) {
      const when = [targetIds[row] ?? 0, sentAtMillis[row] ?? 0, intervalMillis[row] ?? 0] as const;
      insert.run(...when, outcomes[row] ?? 0, rttMicros[row] ?? 0, details[row] ?? 0);
    }
    database.exec('commit');
  }
  reportRate(
    report,
    `append ${targets} targets, one commit at a time`,
    targets * seconds,
    (performance.now() - startedAt) / 1000,
  );
  const reads: number[] = [];
  const select = database.prepare('select sent_at_millis, rtt_micros from results where target_id = ?');
  for (let turn = 1; turn <= 20; turn++) {
    const before = performance.now();
    select.all(turn);
    reads.push(performance.now() - before);
  }
  reportSpread(report, `read one target's ${seconds} results`, reads);
  const before = performance.now();
  database.prepare('delete from results where sent_at_millis < ?').run(startAt + (seconds * 1000) / 2);
  const millis = performance.now() - before;
  report({ name: `delete the older half`, value: `${millis.toFixed(1)} ms`, numbers: { millis } });
  database.close();
  // Deleting leaves the file as large as it was.
  reportSize(report, 'at rest', statSync(path).size, targets * seconds);
  rmSync(folder, { recursive: true, force: true });
}

export function reportOldSystem(report: Report): void {
  const value = `${oldSystemBytesPerResult} bytes/result (its own figure, not measured here)`;
  report({ name: 'at rest', value, numbers: { bytesPerResult: oldSystemBytesPerResult } });
}
