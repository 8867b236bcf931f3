import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { startNameServer } from '../../../test/e2e/name-server.ts';
import { addressesIn } from './hosts-file.ts';
import { createNameResolver, type NameResolver } from './name-resolver.ts';

let server: Awaited<ReturnType<typeof startNameServer>>;
let resolver: NameResolver;
beforeAll(async () => {
  server = await startNameServer(77);
  server.names.set('both.test', ['2001:db8::2', '192.0.2.9', '192.0.2.3', '224.0.0.1']);
  server.names.set('half.test', ['192.0.2.9', 'failure']);
  server.names.set('old.test', ['192.0.2.9']);
  server.names.set('none.test', []);
  server.names.set('group.test', ['224.0.0.1']);
  server.names.set('ill.test', 'failure');
  resolver = createNameResolver([server.address]);
});
afterAll(() => server[Symbol.asyncDispose]());

test('a name gives its addresses, best first, without invalid ones, and how long they are valid', async () => {
  const all = { ttlSeconds: 77, isPartial: false };
  const { addresses, unroutable, ...rest } = await resolver.resolve('both.test', null);
  assert.deepEqual(rest, all);
  // The routes of this machine are unknown; unreachable addresses come last.
  const expected = ['2001:db8::2', '192.0.2.9', '192.0.2.3'];
  const last = expected.filter((ip) => unroutable.includes(ip));
  assert.deepEqual(addresses.toSorted(), expected.toSorted());
  if (last.length > 0) assert.deepEqual(addresses.slice(-last.length).toSorted(), last.toSorted());
  server.names.set('here.test', ['127.0.0.9', '::1']);
  assert.deepEqual(await resolver.resolve('here.test', null), {
    ...{ ...all, addresses: ['::1', '127.0.0.9'], unroutable: [] },
  });
  assert.deepEqual((await resolver.resolve('both.test', 4)).addresses, ['192.0.2.9', '192.0.2.3']);
  assert.deepEqual(await resolver.resolve('both.test', 6), { ...all, addresses: ['2001:db8::2'], unroutable: [] });
});

test('an answer for one family, while the other query failed, is marked as incomplete', async () => {
  assert.deepEqual(await resolver.resolve('half.test', null), {
    ...{ addresses: ['192.0.2.9'], unroutable: [], ttlSeconds: 77, isPartial: true },
  });
  assert.equal((await resolver.resolve('old.test', null)).isPartial, false);
});

test.for([
  ['unknown.test', null, 'there is no such name (ENOTFOUND)'],
  ['none.test', null, 'it has no address that can be probed (ENODATA)'],
  ['group.test', null, 'it has no address that can be probed (ENODATA)'],
  ['old.test', 6, 'it has no IPv6 address (ENODATA)'],
  ['ill.test', null, 'the name server failed (ESERVFAIL)'],
  ['half.test', 6, 'the name server failed (ESERVFAIL)'],
] as const)('%s (%s): %s', async ([name, family, why]) => {
  const message = `cannot be resolved: ${why}.`;
  await assert.rejects(resolver.resolve(name, family), {
    ...{ code: 'name-unresolved', message: `${name} ${message}`, faults: [{ field: 'host', message }] },
  });
});

test('a missing name server is reported; an abort ends the query', async () => {
  // The port was free a moment ago, and is not assigned to anybody else so soon.
  const gone = await startNameServer(1);
  await gone[Symbol.asyncDispose]();
  await assert.rejects(createNameResolver([gone.address]).resolve('a.test', 4), /no name server is there|in time/);
  const stopping = new AbortController();
  const asked = createNameResolver(['127.0.0.1:9']).resolve('a.test', 4, stopping.signal);
  stopping.abort();
  await assert.rejects(asked, { code: 'name-unresolved' });
});

test('the hosts file gives all addresses of a name, in its order, and ignores comments', () => {
  const table = '127.0.0.1\tlocalhost\n# 192.0.2.1 www\n192.0.2.2 other WWW. # www\n::1 www www2\nwww\n\n';
  assert.deepEqual(addressesIn(table, 'www'), ['192.0.2.2', '::1']);
  assert.deepEqual(addressesIn(table, 'localhost'), ['127.0.0.1']);
  assert.deepEqual(addressesIn(table, '192.0.2.2'), []);
});
