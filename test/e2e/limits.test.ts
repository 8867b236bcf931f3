import assert from 'node:assert/strict';
import { test } from 'vitest';
import { logIn, startServer, temporaryFolder } from './server.ts';

test('no more targets and probes a second than the settings allow, in whichever way they are added', async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path, { MAX_TARGETS: '3', MAX_PROBES_PER_SECOND: '4' });
  const call = await logIn(server.url);
  const add = async (ip: string, frequency: number) => call('POST', '/targets', { ip, frequency });
  assert.equal((await add('127.3.0.1', 1)).status, 200);
  const { json: second } = await add('127.3.0.2', 0.5);
  const tooFast = await add('127.3.0.3', 0.5);
  assert.equal(tooFast.status, 403);
  assert.match(tooFast.json.detail, /That would be 5.0 probes a second; MAX_PROBES_PER_SECOND of this server allows 4/);
  // Never "4.0 is too much where 4 is allowed".
  assert.match((await add('127.3.0.3', 0.99)).json.detail, /That would be 4.1 probes a second/);
  const faster = await call('PATCH', `/targets/${second.id}`, { frequency: 0.1 });
  assert.match(faster.json.detail, /11.0 probes a second/);
  // Less is always allowed, and what is paused costs nothing until it is resumed.
  assert.equal((await call('POST', `/targets/${second.id}/pause`)).status, 200);
  assert.equal((await call('PATCH', `/targets/${second.id}`, { frequency: 0.2 })).status, 200);
  assert.equal((await call('POST', `/targets/${second.id}/resume`)).status, 403);
  const bulk = await call('POST', '/targets/bulk', { action: 'resume', ids: [second.id] });
  assert.equal(bulk.status, 403);
  assert.equal((await add('127.3.0.3', 1)).status, 200);
  const tooMany = await call('POST', '/targets/many', { ips: ['127.3.0.4', '127.3.0.5'], frequency: 3600 });
  assert.equal(tooMany.status, 403);
  assert.match(tooMany.json.detail, /That would be 5 targets; MAX_TARGETS of this server allows 3/);
  assert.equal((await call('GET', '/targets')).json.length, 3);
  // One that goes makes room, and does not come back into a full house.
  assert.equal((await call('POST', '/targets/bulk', { action: 'delete', ids: [second.id] })).status, 200);
  assert.equal((await add('127.3.0.4', 3600)).status, 200);
  assert.equal((await call('POST', '/targets/bulk', { action: 'restore', ids: [second.id] })).status, 403);
});

test('a file of targets is read up to its hundred thousandth row, whatever its rows contain', async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  const call = await logIn(server.url);
  const send = async (rows: string): Promise<{ row_count: number; created: number; errors: { message: string }[] }> => {
    const form = new FormData();
    form.set('file', new Blob([`ip,notes\n${rows}127.4.0.1,last\n`]), 'targets.csv');
    return (await call('POST', '/targets/import', form)).json;
  };
  for (const faulty of ['x,\n', '"x"y"\n']) {
    const { created, errors } = await send(faulty.repeat(300_000));
    assert.deepEqual([created, errors.length], [0, 100_001]);
    assert.match(errors.at(-1)?.message ?? '', /more than 100000 rows; what follows was not read/);
  }
  const { created, errors } = await send(`127.4.0.2,${'x'.repeat(5_000_000)}\n`);
  assert.deepEqual([created, errors.length], [1, 1]);
});
