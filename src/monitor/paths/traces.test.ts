import { mainVantage } from '../../core/ids.ts';
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import type { NewEvent } from '../../core/event/event.ts';
import type { Path } from '../../core/path/path.ts';
import { openStorage } from '../../storage/storage.ts';
import { openTraces } from './traces.ts';

const at = Date.UTC(2026, 2, 10, 7);
const asked = { maxHops: 9, timeoutMillis: 1000, rounds: 1, isNamed: true, isKeptAlways: true };

/** What the network answers, one address per hop; `*` is silence. */
function pathOver(ips: readonly string[]): Path {
  const hops = ips.map((ip, index) => {
    if (ip === '*') {
      return { ttl: index + 1, ip: undefined, host: undefined, rttMicros: undefined, sent: 3, answers: [] };
    }
    const answers = [{ ip, host: undefined, rttMicros: 900, mplsLabels: [] }];
    return { ttl: index + 1, ip, host: undefined, rttMicros: 900, sent: 1, answers };
  });
  return { startedAt: at, finishedAt: at + 20, hops, isDestinationReached: true };
}

test('a changed route is reported once, in the log and to listeners; silence and the way back are not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pmd-traces-'));
  const retention = { rawDays: 3, minuteDays: 31, hourDays: 1827 };
  const url = `sqlite:${join(folder, 'history.db')}`;
  try {
    await using storage = await openStorage(url, { retention, now: () => at, onNotice: () => {} });
    const plain = { intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false };
    const [target] = await storage.addTargets([{ ip: '192.0.2.9', ...plain }], at, 'Started tracking');
    assert.ok(target !== undefined);
    const routes = [
      ['10.0.0.1', '10.0.1.1', '192.0.2.9'],
      ['10.0.0.1', '*', '192.0.2.9'],
      ['10.0.0.1', '10.0.1.2', '192.0.2.9'],
      ['10.0.0.1', '10.0.1.1', '192.0.2.9'],
    ];
    const heard: NewEvent[] = [];
    const traces = await openTraces({
      vantage: mainVantage,
      storage,
      feed: { onEvent: (event) => heard.push(event) },
      prober: { trace: () => Promise.resolve(pathOver(routes.shift() ?? [])) },
      onNotice: (message) => assert.fail(message),
    });
    const { signal } = new AbortController();
    while (routes.length > 0) {
      const { stored } = await traces.trace(target, asked, { signal });
      assert.ok(stored !== undefined);
    }
    const [changed] = await storage.listTraces(
      { targetId: target.id, vantage: mainVantage },
      9,
      (await storage.listTraces({ targetId: target.id, vantage: mainVantage }, 1))[0]?.id ?? 0,
    );
    const data = { ttl: 2, before: ['10.0.1.1'], after: ['10.0.1.2'], traceId: changed?.id };
    assert.deepEqual(heard, [
      { targetId: target.id, vantage: mainVantage, type: 'path-change', data, createdAt: at + 20 },
    ]);
    const logged = await storage.listEvents(target.id, 9, { types: ['path-change'] });
    assert.deepEqual(
      logged.map((event) => event.data),
      [data],
    );
    assert.equal((await storage.listTraces({ targetId: target.id, vantage: mainVantage }, 9)).length, 4);

    routes.push(['10.0.0.1', '10.0.1.2', '192.0.2.9'], ['10.0.0.1', '10.0.1.3', '192.0.2.9']);
    const watched = { ...asked, isKeptAlways: false };
    assert.equal((await traces.trace(target, watched, { signal })).stored, undefined);
    assert.ok((await traces.trace(target, watched, { signal })).stored !== undefined);
    assert.equal((await storage.listTraces({ targetId: target.id, vantage: mainVantage }, 9)).length, 5);
    assert.equal(heard.length, 2);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
