import assert from 'node:assert/strict';
import { test } from 'vitest';
import { HostNames } from './reverse-dns.ts';

test('names arrive for addresses that have one in time; failures and slow ones are left out until they arrive', async () => {
  const asked: string[] = [];
  const slow = Promise.withResolvers<readonly string[]>();
  const names = new HostNames((ip) => {
    asked.push(ip);
    if (ip === '10.0.0.1') return Promise.resolve(['one.example', 'other.example']);
    return ip === '10.0.0.2' ? Promise.reject(new Error('ENOTFOUND')) : slow.promise;
  });
  const ips = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.1'];
  assert.deepEqual([...(await names.namesOf(ips, 50))], [['10.0.0.1', 'one.example']]);
  slow.resolve(['three.example']);
  const all = await names.namesOf(ips, 60_000);
  assert.deepEqual(Object.fromEntries(all), { '10.0.0.1': 'one.example', '10.0.0.3': 'three.example' });
  assert.deepEqual(asked, ['10.0.0.1', '10.0.0.2', '10.0.0.3']);
});

test('no server is asked for the name of a loopback address', async () => {
  assert.deepEqual([...(await new HostNames().namesOf(['127.0.0.9'], 60_000))], [['127.0.0.9', 'localhost']]);
});
