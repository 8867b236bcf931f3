import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { z } from 'zod';
import { fleetTarget, showFleet } from '../../src/contract/fleet.ts';
import { type Caller, logIn, type RunningServer, startServer, temporaryFolder } from './server.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningServer;
let call: Caller;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startServer(folder.path);
  call = await logIn(server.url);
});
afterAll(async () => {
  await server.stop();
  await folder[Symbol.asyncDispose]();
});

test('the author of a change sees it, however many have just asked for the same', async () => {
  for (let turn = 1; turn <= 20; turn++) {
    const asking = Array.from({ length: 20 }, () => call('GET', '/targets'));
    const added = await call('POST', '/targets', { ip: `127.4.0.${turn}`, frequency: 3600 });
    assert.equal(added.status, 200, added.text);
    const [list, fleet] = await Promise.all([call('GET', '/targets'), call('GET', '/fleet')]);
    assert.equal(list.json.length, turn);
    assert.equal(fleet.json.targets.length, turn);
    for (const answer of await Promise.all(asking)) assert.ok([turn - 1, turn].includes(answer.json.length));
  }
});

test('a refusal is nobody else\u2019s, and what is shared is packed for those who can unpack it', async () => {
  const authorization = { authorization: 'Bearer nothing' };
  const answers = await Promise.all([
    call('GET', '/targets'),
    call('GET', '/targets', undefined, authorization),
    call('GET', '/targets', undefined, { 'accept-encoding': 'identity' }),
    call('GET', '/targets', undefined, { 'accept-encoding': 'gzip' }),
    call('GET', '/targets/999999/insights?window_minutes=60'),
    call('GET', '/targets/999999/insights?window_minutes=60'),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 401, 200, 200, 404, 404],
  );
  const [plain, , identity, packed] = answers;
  assert.deepEqual(
    [identity, packed].map((answer) => answer?.headers.get('content-encoding') ?? null),
    [null, 'gzip'],
  );
  assert.ok(plain?.headers.get('vary')?.toLowerCase().includes('accept-encoding'));
  assert.equal(identity?.text, packed?.text);
});

test('a fleet answer made in slices is complete and follows the contract', async () => {
  const ips = Array.from({ length: 700 }, (_, index) => `127.5.${index >> 8}.${index & 255}`);
  const added = await call('POST', '/targets/many', { ips, frequency: 3600 });
  assert.equal(added.status, 200, added.text);
  const [list, { json }] = await Promise.all([call('GET', '/targets'), call('GET', '/fleet')]);
  showFleet.answer?.parse(json);
  const targets = z.array(z.strictObject(fleetTarget.shape)).parse(json.targets);
  const idsOf = (targets: readonly { readonly id: number }[]): readonly number[] => targets.map(({ id }) => id);
  assert.equal(targets.length, 720);
  assert.deepEqual(idsOf(targets), idsOf(list.json));
  const counts = z.record(z.string(), z.number()).parse(json.counts);
  assert.equal(
    Object.values(counts).reduce((sum, count) => sum + count, 0),
    720,
  );
});

test('a large answer is compressed for the network, not for a program on this machine', async () => {
  const rows = Array.from({ length: 4000 }, (_, index) => `10.9.${index >> 8}.${index & 255},3600,,,false`);
  const form = new FormData();
  form.set('file', new Blob([`ip,frequency,url,notes,is_active\n${rows.join('\n')}\n`]), 'targets.csv');
  assert.equal((await call('POST', '/targets/import', form)).status, 200);
  const [near, far, farther] = await Promise.all([
    call('GET', '/fleet'),
    call('GET', '/fleet', undefined, { 'x-forwarded-for': '192.0.2.7' }),
    call('GET', '/fleet', undefined, { 'x-forwarded-for': '192.0.2.7', 'accept-encoding': 'identity' }),
  ]);
  assert.ok(near.text.length > 1 << 20);
  assert.deepEqual(
    [near, far, farther].map((answer) => answer.headers.get('content-encoding')),
    [null, 'gzip', null],
  );
  assert.equal(near.json.targets.length, far.json.targets.length);
});
