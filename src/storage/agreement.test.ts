import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, test } from 'vitest';
import {
  type PostgresServer,
  startPostgres,
  startTimescaleInWasm,
  type TestServer,
} from '../../test/database-servers.ts';
import { parseTargetId, type TargetId, mainVantage } from '../core/ids.ts';
import { batchFromRows, isLost, type ProbeResult, type ResultRow, rowsOf } from '../core/result/probe-result.ts';
import { jitterMicros, percentileOf } from '../core/result/statistics.ts';
import { dayMillis, floorTo, hourMillis, minuteMillis } from '../core/history/time-buckets.ts';
import type { SampleSummary } from '../core/history/window.ts';
import { openStorage, type Storage } from './storage.ts';

/* Windows must agree with an independent calculation over the results, whatever way the results came. */

// Two month ends, a leap day and a summer-time change of several zones lie near it.
const start = Date.UTC(2028, 1, 27, 5);
const keepAll = { rawDays: 0, minuteDays: 0, hourDays: 0 };
const zone = process.env['TZ'];

let folder = '';
let postgres: PostgresServer;
let timescale: TestServer;
beforeAll(async () => {
  [postgres, timescale] = await Promise.all([startPostgres(), startTimescaleInWasm()]);
  folder = await mkdtemp(join(tmpdir(), 'pmd-agreement-'));
});
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});
afterAll(async () => {
  await Promise.all([postgres[Symbol.asyncDispose](), timescale[Symbol.asyncDispose]()]);
  await rm(folder, { recursive: true, force: true });
});

const result: fc.Arbitrary<ProbeResult> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      outcome: fc.constant('reply' as const),
      rttMicros: fc.oneof(fc.integer({ min: 10_000, max: 30_000 }), fc.nat(4_000_000)),
      replyTtl: fc.constantFrom(undefined, 50, 120),
    }),
  },
  fc.constant({ outcome: 'timeout' } as const),
  fc.constant({ outcome: 'unreachable', icmpType: 3, icmpCode: 1 } as const),
  fc.constant({ outcome: 'refused' } as const),
  fc.constant({ outcome: 'not-sent', errno: 11 } as const),
);

/** Results at irregular steps from a time on: dense or sparse, in order or not. */
const rows = fc
  .record({
    fromHour: fc.nat(300),
    offset: fc.nat(3_600_000),
    stepMillis: fc.constantFrom(100, 1000, 7003, 60_000, 1_700_000),
    results: fc.array(result, { minLength: 1, maxLength: 150 }),
    isReversed: fc.boolean(),
  })
  .map(({ fromHour, offset, stepMillis, results, isReversed }) => {
    const at = start + fromHour * hourMillis + floorTo(offset, 100);
    const sent = results.map((each, index) => ({ sentAt: at + index * stepMillis, result: each, stepMillis }));
    return isReversed ? sent.toReversed() : sent;
  });

type Step =
  | {
      readonly kind: 'append' | 'backfill';
      readonly rows: readonly Omit<ResultRow & { stepMillis: number }, 'targetId' | 'intervalMillis'>[];
    }
  | { readonly kind: 'maintain'; readonly hours: number }
  | { readonly kind: 'reopen' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('append' as const), rows }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('backfill' as const), rows }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('maintain' as const), hours: fc.nat(400) }) },
  fc.constant({ kind: 'reopen' } as const),
);

const windows = fc.record({
  fromMillis: fc.oneof(
    fc.nat(100).map((hours) => hours * hourMillis),
    fc.nat(100 * hourMillis),
  ),
  length: fc.oneof(
    fc.integer({ min: minuteMillis, max: 5 * hourMillis }),
    fc.nat(100).map((hours) => (hours + 1) * hourMillis),
    fc.integer({ min: 7 * hourMillis, max: 360 * hourMillis }),
  ),
  bucketMillis: fc.constantFrom(30_000, minuteMillis, 90_000, 600_000, hourMillis, dayMillis, 7 * dayMillis),
});

function agree(actual: SampleSummary, expected: readonly ResultRow[], errorRatio: number): void {
  const sent = expected.filter(({ result: each }) => each.outcome !== 'not-sent');
  const rtts = sent.flatMap(({ result: each }) => (each.outcome === 'reply' ? [each.rttMicros] : []));
  const sorted = rtts.toSorted((a, b) => a - b);
  assert.equal(actual.sampleCount, sent.length);
  assert.equal(actual.lossCount, sent.filter(({ result: each }) => isLost(each)).length);
  assert.equal(actual.notSentCount, expected.length - sent.length);
  assert.equal(actual.rttMinMicros, sorted[0]);
  assert.equal(actual.rttMaxMicros, sorted.at(-1));
  const within = (value: number | undefined, exact: number | undefined, ratio: number): void => {
    if (exact === undefined || value === undefined) assert.equal(value, exact);
    else assert.ok(Math.abs(value - exact) <= exact * ratio + 1e-6, `${value} instead of ${exact}`);
  };
  const mean = rtts.length === 0 ? undefined : rtts.reduce((sum, rtt) => sum + rtt, 0) / rtts.length;
  within(actual.rttMeanMicros, mean, 1e-9);
  within(actual.rttP10Micros, percentileOf(sorted, 0.1), errorRatio);
  within(actual.rttP50Micros, percentileOf(sorted, 0.5), errorRatio);
  within(actual.rttP95Micros, percentileOf(sorted, 0.95), errorRatio);
  within(actual.rttP99Micros, percentileOf(sorted, 0.99), errorRatio);
}

async function play(
  open: (now: () => number) => Promise<Storage>,
  steps: readonly Step[],
): Promise<{ storage: Storage; id: TargetId; model: ResultRow[] }> {
  let now = start;
  let storage = await open(() => now);
  const target = { ip: '192.0.2.9', intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false };
  const id = (await storage.addTargets([target], start, 'x'))[0]?.id ?? parseTargetId(1);
  assert.ok(id !== undefined);
  const model = new Map<number, ResultRow>();
  let sequence = 0;
  for (const each of steps) {
    if (each.kind === 'reopen') {
      await storage[Symbol.asyncDispose]();
      storage = await open(() => now);
    } else if (each.kind === 'maintain') {
      now = start + each.hours * hourMillis;
      while ((await storage.maintain(now, keepAll)).hasMore);
    } else {
      const added = each.rows.map(({ sentAt, result: got, stepMillis }) => ({
        targetId: id,
        sentAt,
        intervalMillis: stepMillis,
        result: { ...got },
      }));
      const results = batchFromRows(added);
      if (each.kind === 'backfill')
        await storage.backfill(results, { vantage: mainVantage, isRawDroppedWhenAged: false });
      else await storage.append({ source: 'p', sequence: ++sequence, vantage: mainVantage, results, events: [] });
      for (const row of added) if (!model.has(row.sentAt)) model.set(row.sentAt, row);
    }
  }
  return { storage, id, model: [...model.values()].toSorted((a, b) => a.sentAt - b.sentAt) };
}

let run = 0;

const newFile = (): Promise<string> => Promise.resolve(`sqlite:${join(folder, `${run++}.db`)}`);

test.each([
  { engine: 'SQLite', timeZone: 'UTC', runs: 15, newDatabase: newFile },
  { engine: 'SQLite', timeZone: 'Asia/Kathmandu', runs: 15, newDatabase: newFile },
  { engine: 'SQLite', timeZone: 'America/St_Johns', runs: 15, newDatabase: newFile },
  { engine: 'SQLite', timeZone: 'Pacific/Apia', runs: 15, newDatabase: newFile },
  { engine: 'PostgreSQL', timeZone: 'Asia/Kathmandu', runs: 15, newDatabase: () => postgres.newDatabase() },
  { engine: 'TimescaleDB in WASM', timeZone: 'Pacific/Apia', runs: 4, newDatabase: () => timescale.newDatabase() },
])(
  'windows agree with the results on $engine in $timeZone',
  async ({ timeZone, runs, newDatabase }) => {
    process.env['TZ'] = timeZone;
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 2, maxLength: 10 }),
      fc.array(windows, { minLength: 4, maxLength: 8 }),
      async (steps, queries) => {
        const url = await newDatabase();
        const open = (now: () => number): Promise<Storage> =>
          openStorage(url, { retention: keepAll, now, onNotice: () => {} });
        const { storage, id, model } = await play(open, steps);
        await using _closing = storage;
        const streamed: ResultRow[] = [];
        for await (const batch of storage.streamResults({ targetId: id, vantage: mainVantage }, 0, start * 2))
          streamed.push(...rowsOf(batch));
        assert.deepEqual(streamed, model);
        for (const { fromMillis, length, bucketMillis } of queries) {
          const [from, to] = [start + fromMillis, start + fromMillis + length];
          const window = await storage.readWindow({ targetId: id, vantage: 0, from, to, bucketMillis });
          const expected = model.filter(({ sentAt }) => sentAt >= from && sentAt < to);
          agree(window, expected, window.percentileErrorRatio);
          const rtts = expected.flatMap(({ result: each }) => (each.outcome === 'reply' ? [each.rttMicros] : []));
          const jitter = jitterMicros(rtts);
          assert.ok(
            jitter === window.jitterMicros ||
              Math.abs((window.jitterMicros ?? NaN) - (jitter ?? NaN)) <= 1e-9 * (jitter ?? 0) + 1e-8,
          );
          const buckets = Map.groupBy(expected, ({ sentAt }) => floorTo(sentAt, bucketMillis));
          assert.deepEqual(
            window.buckets.map(({ startAt }) => startAt),
            [...buckets.keys()],
          );
          for (const bucket of window.buckets)
            agree(bucket, buckets.get(bucket.startAt) ?? [], window.percentileErrorRatio);
          assert.ok(window.coverageRatio >= 0 && window.coverageRatio <= 1);
        }
      },
    );
    await fc.assert(property, { numRuns: Number(process.env['PMD_PROPERTY_RUNS'] ?? runs) });
  },
  120_000,
);
