import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, test } from 'vitest';
import { seenEvent } from '../../../core/event/event.ts';
import { type TargetId, mainVantage } from '../../../core/ids.ts';
import { batchFromRows } from '../../../core/result/probe-result.ts';
import { checkDatabase, inspectBackup, noRefusals, openStorage, type Storage } from '../../storage.ts';

const start = Date.UTC(2026, 4, 5, 12);
const retention = { rawDays: 0, minuteDays: 0, hourDays: 0 };
const target = { ip: '192.0.2.1', intervalMillis: 1000, url: null, notes: null, isActive: true, isSynthetic: false };
const id = 1 as TargetId;

let folder = '';
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pmd-damage-'));
  await makeDatabase(join(folder, 'whole.db'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const open = (path: string): Promise<Storage> =>
  openStorage(`sqlite:${path}`, { retention, now: () => start, onNotice: () => undefined });

/** Three hours sealed and one that is not, an event, a trace, a user. */
async function makeDatabase(path: string): Promise<void> {
  await using storage = await open(path);
  await storage.addTargets([target], start, '');
  const rows = Array.from({ length: 4 * 360 }, (_, index) => ({
    targetId: id,
    sentAt: start + index * 10_000,
    intervalMillis: 10_000,
    result: { outcome: 'reply', rttMicros: 1000 + (index % 77), replyTtl: 60 } as const,
  }));
  for (const sequence of [1, 2]) {
    const half = rows.slice((sequence - 1) * 1080, sequence * 1080);
    await storage.append({ source: 's', sequence, vantage: mainVantage, results: batchFromRows(half), events: [] });
  }
  await storage.addEvents([
    seenEvent({ targetId: id, vantage: mainVantage }, 'down', { since: start, lostProbes: 5 }, start + 5000),
  ]);
  const hop = { ttl: 1, ip: '192.0.2.9', host: undefined, rttMicros: 1, sent: 1, answers: [] };
  const path1 = { startedAt: start, finishedAt: start + 1, isDestinationReached: true, hops: [hop] };
  await storage.addTrace({ targetId: id, vantage: mainVantage, path: path1 }, []);
  const hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo';
  const user = { username: 'alice', passwordHash: hash, isSeeded: false, role: 'viewer' } as const;
  await storage.saveUser({ ...user, tokensEndedAt: start, createdAt: start });
  while ((await storage.maintain(start + 3 * 3_600_000 + 120_000, retention)).hasMore);
  const job = await storage.imports.add({ targetId: id, fileName: undefined, username: 'alice', startedAt: start });
  const yesterday = rows.slice(0, 360).map((row) => ({ ...row, sentAt: row.sentAt - 86_400_000 }));
  const progress = { rowCount: 360, refused: noRefusals, faults: [], from: undefined, to: undefined };
  await storage.imports.store(job.id, id, batchFromRows(yesterday), progress);
  while ((await storage.maintain(start + 3 * 3_600_000 + 120_000, retention)).hasMore);
}

function copied(): string {
  const path = join(folder, `${count++}.db`);
  copyFileSync(join(folder, 'whole.db'), path);
  return path;
}

function change(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  assert.equal(database.prepare(sql).run().changes, 1);
  database.close();
}

/** One bit of the blob, far from its ends. */
function flip(path: string, table: string): void {
  const database = new DatabaseSync(path);
  const row = database.prepare(`select rowid as id, payload from ${table} order by rowid limit 1`).get();
  const payload = row?.['payload'] as Uint8Array;
  const at = Math.floor(payload.length / 2);
  payload[at] = (payload[at] ?? 0) ^ 16;
  database.prepare(`update ${table} set payload = ? where rowid = ?`).run(payload, Number(row?.['id']));
  database.close();
}

const places: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  [
    'raw results',
    (path) => flip(path, 'raw_blocks'),
    /^raw results of target 1 from 2026-05-05T12:00:00Z \(table raw_blocks, row \d+\): The checksum of the block is wrong$/,
  ],
  [
    'minutes',
    (path) => flip(path, 'minute_rollup_blocks'),
    /^1-minute rollups of target 1 from 2026-05-05T\d\d:00:00Z/,
  ],
  ['hours', (path) => flip(path, 'hour_rollup_blocks'), /^1-hour rollups of target 1 from 2026-05-0[45]T\d\d:00:00Z/],
  ['unsealed results', (path) => flip(path, 'unsealed_batches'), /^results of the last hours from 2026-05-05T\d\d/],
  [
    'the rows of an import',
    (path) => flip(path, 'import_hours'),
    /^results kept for undoing an import of target 1 from 2026-05-04T12:00:00Z \(table import_hours, row \d+\)/,
  ],
  [
    'the hours of a block',
    (path) =>
      change(path, 'update raw_blocks set joined_hours = joined_hours | 16 where joined_hours = 0 and rowid = 1'),
    /^raw results of target 1 from .*: The bytes end too early$|^raw results of target 1 from .*/,
  ],
  [
    'an event that is no JSON',
    (path) => change(path, `update events set data = '{"since":17' where type = 'down'`),
    /^an event of target 1 from 2026-05-05T12:00:05Z \(table events, row 2\): What should be JSON is none$/,
  ],
  [
    'an event of another shape',
    (path) => change(path, `update events set data = '{"sinse":1,"lostProbes":5}' where type = 'down'`),
    /^an event of target 1 .*: The data of the event has no valid since$/,
  ],
  [
    'the type of an event',
    (path) => change(path, `update events set type = 'dowm' where type = 'down'`),
    /^an event of target 1 .*: There is no type of event "dowm"$/,
  ],
  ['a trace', (path) => change(path, `update traces set hops = '[[1'`), /^a trace of target 1 from .*cannot be read$/],
  [
    'tags',
    (path) => change(path, `update targets set tags = '{"a":1}'`),
    /^the settings of target 1 \(.*: The tags are no list/,
  ],
  [
    'a kind of probe',
    (path) => change(path, `update targets set probe_kind = 'tcq'`),
    /^the settings of target 1 \(.*: The kind of its probes is unknown/,
  ],
  [
    'a kind of probe without its port',
    (path) => change(path, `update targets set probe_kind = 'tcp'`),
    /^the settings of target 1 \(.*: The kind of its probes is unknown, or does not go with its port/,
  ],
  [
    'a password',
    (path) => change(path, `update users set password_hash = replace(password_hash, '$v', '$w')`),
    /^a user \(table users, row \d+\): The password of alice cannot be read. It is not of version 19 of Argon2$/,
  ],
];

test.each(places)('%s: the check names the place, and a backup with it is refused', async (_, damage, place) => {
  const path = copied();
  assert.deepEqual((await checkDatabase(path, '')).damages, []);
  damage(path);
  const { damages } = await checkDatabase(undefined, `sqlite:${path}`);
  assert.equal(damages.length, 1);
  assert.match(damages[0]?.message ?? '', place);
  const first = damages[0]?.message ?? '';
  await assert.rejects(inspectBackup(path), {
    code: 'storage-unavailable',
    message: `${path} is damaged: ${first}. pmd check FILE lists all damage.`,
  });
});

test('the background check finds damage that nobody reads, and reports it until it is gone', async () => {
  const path = copied();
  await using storage = await open(path);
  flip(path, 'hour_rollup_blocks');
  flip(path, 'raw_blocks');
  const found = async (): Promise<readonly string[]> => (await storage.health()).damages.map(({ table }) => table);
  // Bounded each time, so that commits do not wait; each of the tables takes at most two here.
  for (let slice = 0; slice < 30; slice++) await storage.maintain(start + 3 * 3_600_000 + 120_000, retention);
  assert.deepEqual((await found()).toSorted(), ['hour_rollup_blocks', 'raw_blocks']);
  change(path, 'delete from hour_rollup_blocks where rowid = (select min(rowid) from hour_rollup_blocks)');
  assert.deepEqual(await found(), ['raw_blocks']);
  await storage.purgeTarget(id);
  assert.deepEqual(await found(), []);
});

test('a reader that meets damage gets an error with its place, which is reported from then on', async () => {
  const path = copied();
  await using storage = await open(path);
  change(path, `update events set data = '' where type = 'down'`);
  await assert.rejects(storage.listEvents(id, 10), {
    code: 'storage-unavailable',
    message: /is damaged \(an event of target 1 from 2026-05-05T12:00:05Z \(table events, row 2\): What should be JSON/,
  });
  const [damage, ...others] = (await storage.health()).damages;
  assert.deepEqual([damage?.table, damage?.row, damage?.targetId, others.length], ['events', 2, 1, 0]);
});
