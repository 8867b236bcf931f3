import assert from 'node:assert/strict';
import { test } from 'vitest';
import { metricIn } from '../../bench/probed-fleet.ts';
import { type Caller, logIn, startServer, temporaryFolder, until } from './server.ts';

async function newestOf(call: Caller, id: number): Promise<string | undefined> {
  return (await call('GET', `/targets/${id}/logs?limit=1`)).json[0]?.time;
}

test('an address that a new PROBE_DENY forbids is not probed again, however it is requested', async () => {
  await using folder = await temporaryFolder();
  const ids = new Map<string, number>();
  const [allowed, running, paused, deleted] = ['127.0.0.5', '127.0.0.65', '127.0.0.66', '127.0.0.67'] as const;
  {
    await using before = await startServer(folder.path);
    const call = await logIn(before.url);
    for (const ip of [allowed, running, paused, deleted]) {
      ids.set(ip, (await call('POST', '/targets', { ip, frequency: 0.1 })).json.id);
    }
    for (const [ip, id] of ids) await until(`${ip} is probed`, () => newestOf(call, id));
    await call('POST', `/targets/${ids.get(paused)}/pause`);
    await call('DELETE', `/targets/${ids.get(deleted)}`);
  }
  await using server = await startServer(folder.path, { PROBE_DENY: '127.0.0.64/28' });
  const call = await logIn(server.url);
  const idOf = (ip: string): number => ids.get(ip) ?? 0;
  const newest = async (): Promise<readonly (string | undefined)[]> =>
    Promise.all([running, paused, deleted].map((ip) => newestOf(call, idOf(ip))));
  const known = await newest();
  const form = new FormData();
  form.set('file', new Blob([`ip\n127.0.0.68\n`]), 'targets.csv');
  const refused = {
    frequency: await call('PATCH', `/targets/${idOf(running)}`, { frequency: 0.2 }),
    port: await call('PATCH', `/targets/${idOf(running)}`, { probe: 'tcp', port: 9 }),
    packet: await call('PATCH', `/targets/${idOf(running)}`, { ttl: 3 }),
    resume: await call('POST', `/targets/${idOf(paused)}/resume`),
    again: await call('POST', '/targets', { ip: deleted }),
    trace: await call('POST', `/targets/${idOf(running)}/traceroute`),
    watched: await call('POST', `/targets/${idOf(running)}/traceroute?rounds=2`, undefined, {
      accept: 'text/event-stream',
    }),
  };
  for (const [what, { status, text }] of Object.entries(refused)) {
    assert.equal(status, 403, what);
    assert.match(text, /127\.0\.0\.6\d may not be probed: PROBE_ALLOW or PROBE_DENY/, what);
  }
  const bulk = await call('POST', '/targets/bulk', { action: 'resume', ids: [idOf(running), idOf(paused)] });
  assert.deepEqual([bulk.json.changed, bulk.json.refused.length], [[], 2]);
  const undone = await call('POST', '/targets/bulk', { action: 'restore', ids: [idOf(deleted)] });
  assert.deepEqual([undone.json.changed, undone.json.refused.length], [[], 1]);
  const imported = await call('POST', '/targets/import', form);
  assert.deepEqual([imported.json.created, imported.json.errors.length], [0, 1]);
  // What has nothing to do with probing can be changed as ever.
  assert.equal((await call('PATCH', `/targets/${idOf(running)}`, { notes: 'no longer ours' })).status, 200);
  // The allowed one shows that time has passed in which the others would have been probed.
  const since = (await newestOf(call, idOf(allowed))) ?? '';
  await until('the allowed one goes on', async () => {
    const time = await newestOf(call, idOf(allowed));
    return time !== undefined && Date.parse(time) > Date.parse(since) + 1000;
  });
  assert.deepEqual(await newest(), known);
  assert.equal(metricIn((await call('GET', '/metrics')).text, 'pingmedaddy_targets_probed'), 1);
});
