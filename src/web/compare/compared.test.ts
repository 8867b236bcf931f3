import assert from 'node:assert/strict';
import { test } from 'vitest';
import { comparedOf, idsIn, isFound, weekMillis } from './compared.ts';

const target = (id: number) => ({
  ...{ id, ip: `192.0.2.${id}`, frequency: 1, is_active: true, created_at: '2026-01-01T00:00:00.000Z' },
  ...{ host: null, family: null, probe: 'icmp' as const, port: null },
  ...{ url: null, notes: null, tags: [], packet_size: null, dscp: null, ttl: null, dont_fragment: false },
  is_synthetic: false,
  name: null,
  ...{ state: 'up' as const, state_since: null, reason: { code: 'replies' as const, params: {} } },
});
const targets = Array.from({ length: 12 }, (_, index) => target(index + 1));

test('an address selects known targets, without duplicates and eight at most', () => {
  assert.deepEqual(idsIn('3,3,x,99,1', targets), { shown: [3, 1], beyond: [], unknown: ['x', '99'] });
  const nine = { shown: [1, 2, 3, 4, 5, 6, 7, 8], beyond: [9], unknown: [] };
  assert.deepEqual(idsIn('1,2,3,4,5,6,7,8,9', targets), nine);
  assert.deepEqual(idsIn(undefined, targets), { shown: [], beyond: [], unknown: [] });
});

test('a target is found by address, host name, note and tag', () => {
  const router = { ...target(1), host: 'router.test', notes: 'Rack 4', tags: ['core'] };
  for (const text of ['', '192.0.2', 'ROUTER', 'rack core', 'test 4']) assert.ok(isFound(router, text), text);
  assert.ok(!isFound(router, 'rack edge'));
});

test('with the previous week, one target is two lines', () => {
  const lines = comparedOf(targets, { idsText: '2', hasWeeks: true, beforeName: (name) => `${name} before` });
  assert.deepEqual(
    lines.map(({ name, shiftMillis }) => [name, shiftMillis]),
    [
      ['192.0.2.2', 0],
      ['192.0.2.2 before', weekMillis],
    ],
  );
});
