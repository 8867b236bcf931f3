import { mainVantage } from '../src/core/ids.ts';
// A whole database from SQLite to PostgreSQL and back, with the same answers: npm run bench:move -- [results] [--to ADDRESS]
// ADDRESS: a PostgreSQL server, with or without TimescaleDB; otherwise one of our own, for the time of the run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import pg from 'pg';
import { startPostgres } from '../test/database-servers.ts';
import { dayMillis, hourMillis, minuteMillis } from '../src/core/history/time-buckets.ts';
import { migrateStoreBetween, openStorage, type Storage } from '../src/storage/storage.ts';
import { addTargets, keepForEver, maintainAll } from './store-engine.ts';
import { historyOf, startAt } from './store-input.ts';

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { to: { type: 'string' } } });
const wanted = Number(positionals[0] ?? 50_000_000);
const targets = 12;
const days = Math.ceil(wanted / targets / 86_400);
const results = targets * days * 86_400;
const endAt = startAt + days * dayMillis;
const now = endAt + hourMillis;
const print = (name: string, value: string): void => void process.stdout.write(`${name.padEnd(28)} ${value}\n`);

const folder = mkdtempSync(join(tmpdir(), 'pmd-move-'));
await using stack = new AsyncDisposableStack();
stack.defer(() => rmSync(folder, { recursive: true, force: true }));
const original = `sqlite:${join(folder, 'original.db')}`;
const returned = `sqlite:${join(folder, 'returned.db')}`;
const server = options.to ?? stack.use(await startPostgres()).address('postgres');
const moved = await newDatabase(server);

const open = (url: string): Promise<Storage> =>
  openStorage(url, { retention: keepForEver, now: () => now, onNotice: () => {} });

await timed(`filled with ${results.toLocaleString('en')}`, fill);
const expected = await answersOf(original);
await move('to PostgreSQL', original, moved);
await expectAnswers('answers there', moved);
await move('back to SQLite', moved, returned);
await expectAnswers('answers here again', returned);

async function newDatabase(address: string): Promise<string> {
  const url = new URL(address);
  const name = `pmd_move_${process.pid}`;
  const run = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: address });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await run(`create database ${name}`);
  stack.defer(() => run(`drop database ${name} with (force)`));
  url.pathname = name;
  return url.href;
}

async function fill(): Promise<void> {
  await using storage = await open(original);
  const ids = await addTargets(storage, targets, startAt);
  for (const [index, id] of ids.entries()) {
    const history = historyOf(index, id);
    for (let at = startAt; at < endAt; at += dayMillis) {
      await storage.backfill(history.results(at, at + dayMillis), {
        vantage: mainVantage,
        isRawDroppedWhenAged: false,
      });
    }
  }
  await maintainAll(storage, now, keepForEver);
}

/** Insights of every target at each resolution, numbers to ten digits: sums of many parts depend on their order, and jitter is kept to 2^-32 µs. */
async function answersOf(url: string): Promise<readonly unknown[]> {
  await using storage = await open(url);
  await maintainAll(storage, now, keepForEver);
  const windows = [
    [hourMillis, minuteMillis],
    [dayMillis, 10 * minuteMillis],
    [30 * dayMillis, 6 * hourMillis],
    [days * dayMillis, dayMillis],
  ] as const;
  const answers: unknown[] = [];
  for (const { id } of await storage.listTargets()) {
    for (const [length, bucketMillis] of windows) {
      const window = { targetId: id, vantage: 0 as const, from: endAt - length, to: endAt, bucketMillis };
      answers.push(JSON.parse(JSON.stringify(await storage.readWindow(window), rounded)));
    }
  }
  return answers;
}

function rounded(_name: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(10)) : value;
}

async function expectAnswers(name: string, url: string): Promise<void> {
  const answers = await answersOf(url);
  const same = answers.filter((answer, index) => isDeepStrictEqual(answer, expected[index])).length;
  print(name, `${same} of ${expected.length} windows the same`);
  if (same !== expected.length) process.exitCode = 1;
}

async function move(name: string, from: string, to: string): Promise<void> {
  await timed(name, async () => {
    const { signal } = new AbortController();
    const quiet = { isCheckOnly: false, signal, onProgress: () => {}, onNotice: () => {} };
    const outcome = await migrateStoreBetween(from, to, quiet);
    const { copied, countedResults, hourRollups, differences } = outcome;
    print(name, `${copied.toLocaleString('en')} results, ${hourRollups} aged hours, ${differences.length} differences`);
    if (copied !== results || countedResults !== results || differences.length > 0) process.exitCode = 1;
  });
}

async function timed(name: string, work: () => Promise<void>): Promise<void> {
  const before = performance.now();
  await work();
  print(name, `${((performance.now() - before) / 1000).toFixed(1)} s`);
}
