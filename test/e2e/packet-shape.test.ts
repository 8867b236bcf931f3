import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { pmd } from './pmd.ts';
import { type Caller, type RunningServer, logIn, startServer, temporaryFolder, until } from './server.ts';

describe('size, DSCP and TTL of probes', () => {
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

  async function shapeOf(id: number): Promise<readonly (number | null)[]> {
    const { json } = await call('GET', `/targets/${id}`);
    return [json.packet_size, json.dscp, json.ttl];
  }

  async function lastEventOf(id: number): Promise<string> {
    return (await call('GET', `/targets/${id}/events`)).json[0].message;
  }

  test('are plain by default, and stored as given', async () => {
    await call('POST', '/targets', { ip: '127.0.0.1' });
    const body = { ip: '127.0.0.2', frequency: 0.1, packet_size: 1400, dscp: 46, ttl: 9 };
    assert.equal((await call('POST', '/targets', body)).status, 200);
    assert.deepEqual(await shapeOf(1), [null, null, null]);
    assert.deepEqual(await shapeOf(2), [1400, 46, 9]);
    await until('it is answered', async () => {
      const { json } = await call('GET', '/targets/2/logs');
      return json.length > 5 && json.every((entry: { packet_loss: boolean }) => !entry.packet_loss);
    });
  });

  test('change individually, with an event that says what; null resets', async () => {
    await call('PATCH', '/targets/2', { ttl: 64, packet_size: 0 });
    assert.deepEqual(await shapeOf(2), [0, 46, 64]);
    assert.equal(await lastEventOf(2), 'Changed: packet size 1400 → 0, TTL 9 → 64');
    await call('PATCH', '/targets/2', { dscp: null });
    assert.deepEqual(await shapeOf(2), [0, null, 64]);
    assert.equal(await lastEventOf(2), 'Changed: DSCP 46 → plain');
    await call('PATCH', '/targets/2', { dscp: null });
    assert.equal((await call('GET', '/targets/2/events')).json.length, 3, 'no change, no event');
  });

  test('may be fragmented unless that is forbidden, in the API and by the CLI', async () => {
    const isWhole = async (): Promise<boolean> => (await call('GET', '/targets/2')).json.dont_fragment;
    assert.equal(await isWhole(), false);
    await call('PATCH', '/targets/2', { dont_fragment: true });
    assert.equal(await isWhole(), true);
    assert.equal(await lastEventOf(2), 'Changed: fragmentation forbidden');
    await pmd(server, 'target', 'update', '2', '--no-dont-fragment');
    assert.equal(await isWhole(), false);
    await pmd(server, 'target', 'update', '2', '--dont-fragment');
    assert.equal(await isWhole(), true);
    await call('PATCH', '/targets/2', { dont_fragment: false });
    assert.equal(await lastEventOf(2), 'Changed: fragmentation allowed');
  });

  test('survive deletion and are replaced when the address is added again', async () => {
    await call('DELETE', '/targets/2');
    await call('POST', '/targets/bulk', { action: 'restore', ids: [2] });
    assert.deepEqual(await shapeOf(2), [0, null, 64]);
    await call('DELETE', '/targets/2');
    await call('POST', '/targets', { ip: '127.0.0.2', dscp: 8 });
    assert.deepEqual(await shapeOf(2), [null, 8, null]);
  });

  test.for([
    ['packet_size', 1473, 'must be a whole number of bytes from 0 to 1472, or null.'],
    ['packet_size', 1.5, 'must be a whole number of bytes from 0 to 1472, or null.'],
    ['dscp', 64, 'must be a whole number from 0 to 63, or null.'],
    ['dscp', -1, 'must be a whole number from 0 to 63, or null.'],
    ['ttl', 0, 'must be a whole number from 1 to 255, or null.'],
    ['ttl', '64', 'must be a whole number from 1 to 255, or null.'],
    ['dont_fragment', 'yes', 'must be true or false.'],
    ['dont_fragment', null, 'must be true or false.'],
  ] as const)('%s %s is refused', async ([field, value, message]) => {
    for (const [method, path, body] of [
      ['POST', '/targets', { ip: '127.0.0.3', [field]: value }],
      ['PATCH', '/targets/1', { [field]: value }],
      ['POST', '/targets/many', { ips: ['127.0.0.3'], [field]: value }],
    ] as const) {
      const { status, json } = await call(method, path, body);
      assert.equal(status, 422);
      assert.deepEqual(json.errors, [{ field, message }], `${method} ${path}`);
    }
  });

  test('go to link-local addresses by their zone, which API, CSV and CLI show', async () => {
    const { json, status } = await call('POST', '/targets', { ip: 'FE80::0:1%eth0', frequency: 3600 });
    assert.equal(status, 200);
    assert.equal((await call('GET', `/targets/${json.id}`)).json.ip, 'fe80::1%eth0');
    assert.match((await call('GET', '/targets/export')).text, /^fe80::1%eth0,3600,/m);
    assert.match((await pmd(server, 'target', 'show', String(json.id))).stdout, /^ip +fe80::1%eth0$/m);
    const form = new FormData();
    form.set('file', new Blob(['ip\nfe80::1%eth1\n2001:db8::1%eth0\n']), 't.csv');
    const imported = (await call('POST', '/targets/import', form)).json;
    assert.equal(imported.created, 1);
    assert.match(imported.errors[0].message, /zone, which only link-local addresses/);
  });

  test('and unexpected replies are counted by target', async () => {
    const { json } = await call('GET', '/targets/1/counters');
    const names = ['replies_duplicate', 'replies_late', 'replies_wrong_source', 'replies_wrong_token'];
    assert.deepEqual(Object.keys(json), ['target_id', ...names, 'icmp_errors', 'drops_local']);
    assert.deepEqual([json.target_id, json.replies_wrong_token], [1, 0]);
    assert.equal((await call('GET', '/targets/99/counters')).status, 404);
    const { text } = await call('GET', '/metrics');
    for (const name of ['replies_wrong_source', 'replies_wrong_token', 'icmp_errors']) {
      assert.match(text, new RegExp(`^pingmedaddy_${name}_total 0$`, 'm'));
    }
  });

  test('are in CSV files', async () => {
    const csv =
      'ip,dscp,packet_size,ttl,dont_fragment\n127.0.0.4,10,56,,yes\n127.0.0.5,64,,x,\n127.0.0.6,,,,\n127.0.0.7,,,,maybe\n';
    const form = new FormData();
    form.set('file', new Blob([csv]), 't.csv');
    const { json } = await call('POST', '/targets/import', form);
    assert.equal(json.created, 2);
    assert.deepEqual(json.errors, [
      { row: 3, message: 'dscp: must be a whole number from 0 to 63, or null.' },
      { row: 3, message: 'ttl: must be a whole number from 1 to 255, or null.' },
      { row: 5, message: 'dont_fragment: must be true or false.' },
    ]);
    const { text } = await call('GET', '/targets/export?packets=true');
    assert.match(text, /^ip,frequency,url,notes,is_active,packet_size,dscp,ttl,dont_fragment\n/);
    assert.match(text, /^127\.0\.0\.4,1,,,true,56,10,,true$/m);
    assert.match(text, /^127\.0\.0\.6,1,,,true,,,,false$/m);
  });
});
