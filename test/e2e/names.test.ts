import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { pmd, startPmd } from './pmd.ts';
import { startNameServer } from './name-server.ts';
import { type Caller, type RunningServer, logIn, startServer, temporaryFolder, until } from './server.ts';

describe('names and ports', () => {
  const stack = new AsyncDisposableStack();
  let names: Awaited<ReturnType<typeof startNameServer>>;
  let server: RunningServer;
  let call: Caller;
  let port = 0;
  beforeAll(async () => {
    names = stack.use(await startNameServer(1));
    const folder = stack.use(await temporaryFolder());
    const listener: Server = createServer((socket) => void socket.on('error', () => undefined));
    stack.defer(() => void listener.close());
    // Of all the addresses of loopback only one has the port open.
    listener.listen(0, '127.0.0.6');
    await once(listener, 'listening');
    port = (listener.address() as AddressInfo).port;
    server = await startServer(folder.path, {
      ...{ DNS_SERVERS: names.address, DNS_MIN_TTL: '1', PROBE_DENY: '127.0.0.66/32,fd00::/8' },
    });
    stack.defer(async () => void (await server.stop()));
    call = await logIn(server.url);
  });
  afterAll(() => stack.disposeAsync());

  const messagesOf = async (id: number, type: string): Promise<readonly string[]> =>
    (await call('GET', `/targets/${id}/events`)).json
      .filter((event: { event_type: string }) => event.event_type === type)
      .map(({ message }: { message: string }) => message)
      .toReversed();
  const placeOf = async (id: number): Promise<readonly unknown[]> => {
    const { json } = await call('GET', `/targets/${id}`);
    return [json.ip, json.host, json.family, json.probe, json.port];
  };
  const lastIsLost = async (id: number): Promise<boolean | undefined> =>
    (await call('GET', `/targets/${id}/logs?limit=1`)).json[0]?.packet_loss;
  async function add(body: object): Promise<number> {
    const { status, json } = await call('POST', '/targets', { frequency: 0.1, ...body });
    assert.equal(status, 200, JSON.stringify(json));
    return json.id;
  }

  test('an address is one target for ICMP and one for each port; a port that refuses is a loss', async () => {
    const plain = await add({ ip: '127.0.0.6' });
    const { json } = await call('POST', '/targets', { ip: '127.0.0.6', probe: 'tcp', port, frequency: 0.1 });
    assert.equal(json.message, `Started tracking 127.0.0.6, TCP port ${port}`);
    const closed = await add({ ip: '127.0.0.7', port });
    assert.deepEqual(await placeOf(plain), ['127.0.0.6', null, null, 'icmp', null]);
    assert.deepEqual(await placeOf(json.id), ['127.0.0.6', null, null, 'tcp', port]);
    const again = await call('POST', '/targets', { ip: '127.0.0.6', port });
    assert.deepEqual([again.status, again.json.detail], [400, `127.0.0.6 tcp/${port} is already monitored.`]);
    await until('all are answered for', async () => {
      const losses = await Promise.all([plain, json.id, closed].map(lastIsLost));
      return !losses.includes(undefined) && losses;
    });
    assert.deepEqual(await Promise.all([plain, json.id, closed].map(lastIsLost)), [false, false, true]);
    const reasonOf = async (id: number): Promise<unknown> =>
      (await call('GET', `/targets/${id}/logs?limit=1`)).json[0].loss_reason;
    assert.deepEqual(await Promise.all([plain, json.id, closed].map(reasonOf)), [undefined, undefined, 'port-closed']);
  });

  test('the kind of probe changes from the next probe on, with an event that says so', async () => {
    const id = await add({ ip: '127.0.0.8' });
    await until('ICMP is answered', async () => (await lastIsLost(id)) === false);
    await call('PATCH', `/targets/${id}`, { probe: 'tcp', port });
    await until('the port refuses', async () => (await lastIsLost(id)) === true);
    await call('PATCH', `/targets/${id}`, { probe: 'icmp' });
    await until('ICMP is answered again', async () => (await lastIsLost(id)) === false);
    const name = `TCP port ${port}`;
    assert.deepEqual(await messagesOf(id, 'update'), [
      `Changed: probe ICMP → ${name}`,
      `Changed: probe ${name} → ICMP`,
    ]);
    const taken = await call('PATCH', `/targets/${await add({ ip: '127.0.0.7' })}`, { port });
    assert.equal(taken.status, 400);
  });

  test.for([
    [{ ip: '127.0.0.9', probe: 'tcp' }, 'port', 'must be given for tcp probes.'],
    [{ ip: '127.0.0.9', probe: 'icmp', port: 80 }, 'port', 'is for tcp probes only.'],
    [{ ip: '127.0.0.9', port: 0 }, 'port', 'must be a whole number from 1 to 65535, or null.'],
    [{ ip: '127.0.0.9', port: 65_536 }, 'port', 'must be a whole number from 1 to 65535, or null.'],
    [{ ip: '127.0.0.9', probe: 'udp' }, 'probe', 'must be icmp or tcp.'],
    [{ ip: '127.0.0.9', family: 'ipv4' }, 'family', 'is for a host only.'],
    [{ host: 'no name' }, 'host', '"no name" is not a host name.'],
    [{ host: '192.0.2.1' }, 'host', '"192.0.2.1" is not a host name.'],
    [{}, 'ip', 'must be the text of an IPv4 or IPv6 address.'],
  ] as const)('%j is refused for its %s', async ([body, field, message]) => {
    const { status, json } = await call('POST', '/targets', body);
    assert.deepEqual([status, json.errors], [422, [{ field, message }]]);
  });

  test('a name whose address changes is an event in log and stream, and the probes follow', async () => {
    names.names.set('moving.test', ['127.0.0.5']);
    const id = await add({ host: 'Moving.test.', port });
    assert.deepEqual(await placeOf(id), ['127.0.0.5', 'moving.test', 'any', 'tcp', port]);
    await until('nothing listens there', async () => (await lastIsLost(id)) === true);
    const following = new AbortController();
    const headers = await bearer();
    const stream = await fetch(`${server.url}/stream?targets=${id}`, { headers, signal: following.signal });
    const told = readUntil(stream, /"address-change","message":"([^"]*)"/);
    names.names.set('moving.test', ['127.0.0.6']);
    const message = 'Address of moving.test changed: 127.0.0.5 → 127.0.0.6';
    assert.equal(await told, message);
    following.abort();
    assert.deepEqual(await messagesOf(id, 'address-change'), [message]);
    assert.deepEqual((await placeOf(id))[0], '127.0.0.6');
    await until('it is answered there', async () => (await lastIsLost(id)) === false);
    // Several addresses, in whatever order: the one in use stays.
    names.names.set('moving.test', ['127.0.0.5', '::1', '127.0.0.6']);
    const asked = names.asked.get('moving.test') ?? 0;
    await until('it is asked for again', async () => (names.asked.get('moving.test') ?? 0) > asked + 3);
    assert.deepEqual((await messagesOf(id, 'address-change')).length, 1);
  });

  test('the family decides which addresses are used', async () => {
    names.names.set('both.test', ['::1', '127.0.0.5']);
    const ids = [];
    for (const family of ['any', 'ipv4', 'ipv6']) ids.push(await add({ host: 'both.test', family }));
    const places = await Promise.all(ids.map(placeOf));
    assert.deepEqual(
      places.map(([ip, host, family]) => [ip, host, family]),
      [
        ['::1', 'both.test', 'any'],
        ['127.0.0.5', 'both.test', 'ipv4'],
        ['::1', 'both.test', 'ipv6'],
      ],
    );
    names.names.set('old.test', ['127.0.0.5']);
    const { status, json } = await call('POST', '/targets', { host: 'old.test', family: 'ipv6' });
    assert.equal(status, 422);
    assert.equal(json.detail, 'old.test cannot be resolved: it has no IPv6 address (ENODATA).');
  });

  test('the probe policy applies to every address; a forbidden one is not used', async () => {
    names.names.set('inside.test', ['127.0.0.66']);
    const { status, json } = await call('POST', '/targets', { host: 'inside.test' });
    assert.equal(status, 403);
    assert.match(json.detail, /^inside\.test is 127\.0\.0\.66, which PROBE_ALLOW or PROBE_DENY/);
    names.names.set('inside.test', ['127.0.0.66', '127.0.0.5']);
    const id = await add({ host: 'inside.test' });
    assert.equal((await placeOf(id))[0], '127.0.0.5');
    names.names.set('inside.test', ['127.0.0.66']);
    const [message] = await until('it is said', async () => {
      const messages = await messagesOf(id, 'address-failure');
      return messages.length > 0 && messages;
    });
    assert.match(message ?? '', /^inside\.test is 127\.0\.0\.66, .* forbids; 127\.0\.0\.5 stays in use\.$/);
    assert.equal((await placeOf(id))[0], '127.0.0.5');
  });

  test('a name that cannot be resolved keeps its address, which is reported once, and so is its return', async () => {
    names.names.set('fading.test', ['127.0.0.5']);
    const id = await add({ host: 'fading.test' });
    for (const gone of ['failure', undefined] as const) {
      if (gone === undefined) names.names.delete('fading.test');
      else names.names.set('fading.test', gone);
      const asked = names.asked.get('fading.test') ?? 0;
      await until('it is asked for again', async () => (names.asked.get('fading.test') ?? 0) > asked + 4);
    }
    await until('the failure is said', async () => (await messagesOf(id, 'address-failure')).length > 0);
    assert.deepEqual(await messagesOf(id, 'address-failure'), [
      'fading.test cannot be resolved: the name server failed (ESERVFAIL); 127.0.0.5 stays in use.',
    ]);
    assert.equal(await lastIsLost(id), false);
    names.names.set('fading.test', ['127.0.0.5']);
    await until('it is back', async () => (await messagesOf(id, 'update')).length > 0);
    assert.deepEqual(await messagesOf(id, 'update'), ['fading.test is resolved again; its address is 127.0.0.5.']);
    const unknown = await call('POST', '/targets', { host: 'unknown.test' });
    assert.deepEqual(
      [unknown.status, unknown.json.detail],
      [422, 'unknown.test cannot be resolved: there is no such name (ENOTFOUND).'],
    );
    // With an address to begin with, a name may come later.
    assert.equal((await placeOf(await add({ host: 'unknown.test', ip: '127.0.0.5' })))[0], '127.0.0.5');
  });

  test('a paused or deleted target resolves nothing; resumed, it does so at once', async () => {
    names.names.set('resting.test', ['127.0.0.5']);
    const id = await add({ host: 'resting.test' });
    await call('POST', `/targets/${id}/pause`);
    const paused = names.asked.get('resting.test') ?? 0;
    names.names.set('resting.test', ['127.0.0.6']);
    names.names.set('other.test', ['127.0.0.5']);
    await add({ host: 'other.test' });
    await until('others are asked for', async () => (names.asked.get('other.test') ?? 0) > 4);
    assert.ok((names.asked.get('resting.test') ?? 0) <= paused + 2, 'one answer may have been under way');
    await call('POST', `/targets/${id}/resume`);
    await until('it has moved', async () => (await placeOf(id))[0] === '127.0.0.6');
  });

  test('a target can get another name, or none, with its address', async () => {
    names.names.set('first.test', ['127.0.0.5']);
    names.names.set('second.test', ['127.0.0.6']);
    const id = await add({ host: 'first.test', probe: 'tcp', port: 9 });
    await call('PATCH', `/targets/${id}`, { host: 'second.test', family: 'ipv4' });
    assert.deepEqual(await placeOf(id), ['127.0.0.6', 'second.test', 'ipv4', 'tcp', 9]);
    await call('PATCH', `/targets/${id}`, { host: null });
    assert.deepEqual(await placeOf(id), ['127.0.0.6', null, null, 'tcp', 9]);
    assert.deepEqual(await messagesOf(id, 'update'), [
      'Changed: host first.test → second.test (127.0.0.6), family any → IPv4',
      'Changed: host second.test → none, family IPv4 → any',
    ]);
    const { status } = await call('PATCH', `/targets/${id}`, { family: 'ipv6' });
    assert.equal(status, 422);
  });

  test('a name of the machine itself needs no name server', async () => {
    const id = await add({ host: 'localhost', family: 'ipv4' });
    assert.equal((await placeOf(id))[0], '127.0.0.1');
    assert.equal(names.asked.has('localhost'), false);
  });

  test('an internationalised name is resolved in ASCII and shown as it was written', async () => {
    names.names.set('xn--mnchen-3ya.test', ['127.0.0.5']);
    const { json } = await call('POST', '/targets', { host: 'MÜNCHEN.test' });
    assert.equal(json.message, 'Started tracking münchen.test (127.0.0.5)');
    assert.deepEqual((await placeOf(json.id)).slice(0, 2), ['127.0.0.5', 'münchen.test']);
    const fleet = (await call('GET', '/fleet')).json.targets.find(({ id }: { id: number }) => id === json.id);
    assert.equal(fleet.host, 'münchen.test');
    assert.match((await call('GET', '/targets/export')).text, /,münchen\.test,/);
    const again = await call('POST', '/targets/many', { hosts: ['münchen.test', 'xn--mnchen-3ya.test'] });
    assert.deepEqual(
      again.json.results.map(({ status, host }: { status: string; host: string }) => [status, host]),
      [
        ['exists', 'münchen.test'],
        ['repeated', 'münchen.test'],
      ],
    );
    const refused = await call('POST', '/targets', { host: 'mün chen.test' });
    assert.deepEqual([refused.status, refused.json.errors[0].message], [422, '"mün chen.test" is not a host name.']);
  });

  test('lists and CSV accept names; a plain list is unchanged', async () => {
    names.names.set('listed.test', ['127.0.0.5']);
    const body = { hosts: ['listed.test', 'LISTED.test', 'nowhere.test', 'a b'], port: 443 };
    const dry = await call('POST', '/targets/many', { ...body, dry_run: true });
    const statuses = ({ json }: typeof dry): unknown => json.results.map(({ status }: { status: string }) => status);
    assert.deepEqual(statuses(dry), ['new', 'repeated', 'new', 'faulty']);
    const done = await call('POST', '/targets/many', body);
    assert.deepEqual(statuses(done), ['created', 'repeated', 'faulty', 'faulty']);
    assert.deepEqual([done.json.results[0].ip, done.json.results[0].host], ['127.0.0.5', 'listed.test']);
    assert.match(done.json.results[2].message, /nowhere\.test cannot be resolved/);
    const form = new FormData();
    const csv =
      'ip,host,family,probe,port\n,listed.test,ipv4,,\n127.0.0.9,,,tcp,22\n,,,,\n,nowhere.test,,,\n127.0.0.9,,,tcp,\n';
    form.set('file', new Blob([csv]), 'targets.csv');
    const { json } = await call('POST', '/targets/import', form);
    assert.equal(json.created, 2);
    assert.deepEqual(
      json.errors.map(({ row, message }: { row: number; message: string }) => [row, message.split(':')[0]]),
      // The fourth is an empty row of a spreadsheet.
      [
        [5, 'host'],
        [6, 'port'],
      ],
    );
    const { text } = await call('GET', '/targets/export');
    assert.match(text, /^ip,frequency,url,notes,is_active,host,family,probe,port\n/);
    assert.match(text, /^127\.0\.0\.5,1,,,true,listed\.test,ipv4,icmp,$/m);
    assert.match(text, /^127\.0\.0\.9,1,,,true,,,tcp,22$/m);
  });

  test('the command line accepts names and ports', async () => {
    names.names.set('cli.test', ['127.0.0.6']);
    const added = await pmd(server, 'targets', 'add', 'cli.test', '--tcp', String(port));
    assert.match(added.stdout, new RegExp(`^Started tracking cli\\.test \\(127\\.0\\.0\\.6\\), TCP port ${port} `));
    const listed = await pmd(server, 'target', 'list');
    assert.match(listed.stdout, new RegExp(`cli\\.test \\(127\\.0\\.0\\.6\\) tcp/${port}`));
    const ping = await startPmd(server, ['ping', 'cli.test', '--tcp', String(port), '--json'], {
      environment: { DNS_SERVERS: names.address },
    }).ended;
    const { ip, host, packet_loss: isLost } = JSON.parse(ping.stdout);
    assert.deepEqual([ip, host, isLost], ['127.0.0.6', 'cli.test', false]);
    const refused = await pmd(server, 'ping', '127.0.0.7', '--tcp', String(port));
    assert.equal(refused.stdout, `127.0.0.7 tcp/${port}: the port is closed, the host is up\n`);
  });

  async function bearer(): Promise<Record<string, string>> {
    const { json } = await call('POST', '/auth/login', { username: 'admin', password: 'changeme' });
    return { authorization: `Bearer ${json.access_token}` };
  }
});

test('an address that a name had is not in use if a new setting forbids it, and is replaced by an allowed one', async () => {
  await using names = await startNameServer(1);
  await using folder = await temporaryFolder();
  const settings = { DNS_SERVERS: names.address, DNS_MIN_TTL: '1' };
  names.names.set('denied.test', ['127.0.0.5']);
  {
    await using before = await startServer(folder.path, settings);
    assert.equal((await (await logIn(before.url))('POST', '/targets', { host: 'denied.test' })).status, 200);
  }
  await using server = await startServer(folder.path, { ...settings, PROBE_DENY: '127.0.0.5/32' });
  const call = await logIn(server.url);
  const newest = async (type: string): Promise<string | undefined> =>
    (await call('GET', '/targets/1/events')).json.find((event: { event_type: string }) => event.event_type === type)
      ?.message;
  assert.equal(
    await until('it is said', () => newest('address-failure')),
    'denied.test is 127.0.0.5, which PROBE_ALLOW or PROBE_DENY of this server forbids; ' +
      '127.0.0.5, which it was before, is forbidden as well, so it is not probed.',
  );
  // Half an answer keeps the address in use only where it may be used.
  names.names.set('denied.test', ['127.0.0.6', 'failure']);
  await until('it has moved', async () => (await newest('address-change'))?.endsWith('127.0.0.5 → 127.0.0.6'));
});

/** The first group of what the pattern finds in the stream. */
async function readUntil({ body }: Response, pattern: RegExp): Promise<string> {
  let text = '';
  assert.ok(body !== null);
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`the stream ended without it:\n${text}`);
}
