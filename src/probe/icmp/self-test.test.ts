import assert from 'node:assert/strict';
import { test } from 'vitest';
import { methodMessage } from './self-test.ts';

const chosen = (method: 'raw-socket' | 'ping-socket' | 'system-ping' | 'none', refusedErrno = 0) => ({
  method,
  refusedErrno,
});

test('the best method needs no advice', () => {
  const message = methodMessage(chosen('raw-socket'), chosen('raw-socket'), '/usr/bin/node');
  assert.equal(message, 'Probing IPv4 and IPv6 with raw sockets.');
});

test('a lesser method says exactly what to set', () => {
  const message = methodMessage(chosen('none', 1), chosen('none', 1), '/usr/bin/node');
  assert.match(message, /sudo sysctl -w net\.ipv4\.ping_group_range="0 2147483647"/);
  assert.match(message, /setcap cap_net_raw\+ep \/usr\/bin\/node/);
});

test('a system without IPv6 is not told to set anything for it', () => {
  const message = methodMessage(chosen('raw-socket'), chosen('none', 97), '/usr/bin/node');
  assert.equal(message, 'Probing IPv4 with raw sockets; this system has no IPv6.');
});
