import { mainVantage } from '../src/core/ids.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { ResultBatch } from '../src/core/result/probe-result.ts';
import { hourMillis, minuteMillis } from '../src/core/history/time-buckets.ts';
import type { Storage } from '../src/storage/storage.ts';
import { addTargets, type Engine, keepForEver, maintainAll } from './store-engine.ts';
import { makeSeconds, type Seconds, startAt } from './store-input.ts';
import { type Report, reportRate, reportSize, reportSpread, timed } from './store-report.ts';

/** Commits second after second, `inFlight` of them at a time: each promise resolves when its second is durable. */
async function appendSeconds(
  storage: Storage,
  input: Seconds,
  { from, to, inFlight }: { readonly from: number; readonly to: number; readonly inFlight: number },
): Promise<void> {
  const waiting: Promise<void>[] = [];
  for (let second = from; second < to; second++) {
    if (waiting.length >= inFlight) await waiting.shift();
    const results = input.second(second);
    waiting.push(storage.append({ source: 'bench', sequence: second + 1, vantage: mainVantage, results, events: [] }));
  }
  await Promise.all(waiting);
}

/** Results per second in durable commits of one second each, in an hour that is not over. */
export async function measureThroughput(
  engine: Engine,
  report: Report,
  { targets, seconds }: { readonly targets: number; readonly seconds: number },
): Promise<void> {
  for (const inFlight of [1, targets < 1000 ? 64 : 8]) {
    await using store = await engine.open(keepForEver, () => startAt);
    const input = makeSeconds(await addTargets(store.storage, targets, startAt), Math.min(seconds, 600));
    const made = Array.from({ length: seconds }, (_, second) => input.second(second));
    const second = (index: number): ResultBatch => made[index] ?? input.second(index);
    const millis = await timed(() => appendSeconds(store.storage, { second }, { from: 0, to: seconds, inFlight }));
    const way = inFlight === 1 ? 'one commit at a time' : `${inFlight} commits under way`;
    reportRate(report, `append ${targets} targets, ${way}`, targets * seconds, millis / 1000);
  }
}

/** How long a commit takes while a full hour of many targets is sealed, as maintenance does. */
export async function measureCommitsWhileSealing(
  engine: Engine,
  report: Report,
  { targets, seconds }: { readonly targets: number; readonly seconds: number },
): Promise<void> {
  const hourEnd = startAt + hourMillis;
  await using store = await engine.open(keepForEver, () => hourEnd);
  const { storage } = store;
  // The input's last second is the hour's last; what follows repeats it in the next hour.
  const ids = await addTargets(storage, targets, startAt);
  const input = makeSeconds(ids, seconds, hourEnd - seconds * 1000);
  const filled = await timed(() => appendSeconds(storage, input, { from: 0, to: seconds, inFlight: 2 }));
  reportRate(report, `fill an hour of ${targets} targets`, targets * seconds, filled / 1000);
  const calm: number[] = [];
  const busy: number[] = [];
  let second = seconds;
  const commitOnce = async (into: number[]): Promise<void> => {
    const results = input.second(second++);
    into.push(
      await timed(() =>
        storage.append({ source: 'bench', sequence: second, vantage: mainVantage, results, events: [] }),
      ),
    );
    await delay(pauseMillis);
  };
  while (calm.length < 100) await commitOnce(calm);
  const sealingState = { isDone: false };
  const sealing = timed(async () => {
    while ((await storage.maintain(hourEnd + 2 * minuteMillis, keepForEver)).hasMore) await delay(5);
    sealingState.isDone = true;
  });
  while (!sealingState.isDone) await commitOnce(busy);
  const sealed = await sealing;
  reportSpread(report, `commit of ${targets} results, five a second`, calm);
  reportSpread(report, `the same while the hour is sealed`, busy);
  reportRate(report, `sealing beside these commits`, targets * seconds, sealed / 1000);
}
// Five times as often as the recorder commits, for more measurements: the load is thus five times the real one.
const pauseMillis = 200;

/** Disk space of a day that was stored second by second and is sealed. */
export async function measureSize(
  engine: Engine,
  report: Report,
  { targets, hours }: { readonly targets: number; readonly hours: number },
): Promise<void> {
  await using store = await engine.open(keepForEver, () => startAt);
  const ids = await addTargets(store.storage, targets, startAt);
  const input = makeSeconds(ids, hours * 3600);
  for (let hour = 0; hour < hours; hour++) {
    const [from, to] = [hour * 3600, (hour + 1) * 3600];
    await appendSeconds(store.storage, input, { from, to, inFlight: 64 });
    await maintainAll(store.storage, startAt + to * 1000 + 2 * minuteMillis, keepForEver);
  }
  const results = targets * hours * 3600;
  // The maintenance of the following hours joins what it can.
  await maintainAll(store.storage, startAt + (hours + 3) * hourMillis, keepForEver);
  await store.settle();
  const [target] = ids;
  if (target !== undefined) {
    const window = { targetId: target, vantage: 0 as const, from: startAt, to: startAt + hours * hourMillis };
    const { sampleCount } = await store.storage.readWindow({ ...window, bucketMillis: hourMillis });
    if (sampleCount !== hours * 3600) throw new Error(`${sampleCount} results were stored, not ${hours * 3600}`);
  }
  const { bytes, rawBytes } = await store.closeAndMeasure();
  const what = `at rest, ${targets} targets, ${hours} h`;
  reportSize(report, `${what}, rollups included`, bytes, results);
  if (rawBytes !== undefined) reportSize(report, `${what}, raw results`, rawBytes, results);
}
