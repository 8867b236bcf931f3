import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { type UplinkFacts, judgeUplink } from './uplink.ts';

type Probed = UplinkFacts['targets'][number];
const up = (ip: string): Probed => ({ ip, outage: { phase: 'up', since: 1, lastReplyAt: 2 } });
const down = (ip: string, since: number): Probed => ({ ip, outage: { phase: 'down', since, lastReplyAt: 1 } });
const judge = (targets: readonly Probed[], rest: Partial<UplinkFacts> = {}): unknown =>
  judgeUplink({ targets, gateway: '192.0.2.1', notSentTargets: 0, ...rest });

describe('our own uplink', () => {
  test('is unknown while only this machine itself is probed', () => {
    assert.deepEqual(judge([]), { status: 'unknown' });
    assert.deepEqual(judge([up('127.0.0.1'), up('::1')]), { status: 'unknown' });
    const waiting: Probed = { ip: '192.0.2.9', outage: { phase: 'unknown', since: undefined, lastReplyAt: undefined } };
    assert.deepEqual(judge([waiting]), { status: 'unknown' });
  });

  test('is fine while most answer, and while the gateway answers whatever else is down', () => {
    assert.deepEqual(judge([up('192.0.2.9'), down('192.0.2.8', 5)]), { status: 'ok' });
    const many = ['198.51.100.1', '198.51.100.2', '198.51.100.3'].map((ip) => down(ip, 1000));
    assert.deepEqual(judge([up('192.0.2.1'), ...many]), { status: 'ok' });
  });

  test('is down with its gateway, or with everything beyond this machine', () => {
    const expected = { status: 'down', gateway: '192.0.2.1', since: 7 };
    assert.deepEqual(judge([down('192.0.2.1', 7), up('192.0.2.9')]), expected);
    const all = [down('192.0.2.8', 5), down('192.0.2.9', 6), up('127.0.0.1')];
    assert.deepEqual(judge(all), { status: 'down', gateway: undefined, since: 6 });
    assert.deepEqual(judge([down('192.0.2.8', 5)]), { status: 'ok' }, 'one target says nothing of the way to it');
  });

  test('is suspect when many go down within the same seconds', () => {
    const together = [1000, 4000, 15_500].map((since, index) => down(`198.51.100.${index + 1}`, since));
    const others = ['203.0.113.1', '203.0.113.2', '203.0.113.3'].map(up);
    assert.deepEqual(judge([...together, ...others]), { status: 'suspect', count: 3, since: 1000 });
    const apart = [1000, 40_000, 90_000].map((since, index) => down(`198.51.100.${index + 1}`, since));
    assert.deepEqual(judge([...apart, ...others]), { status: 'ok' });
  });

  test('is not judged by losses when this machine could not even send', () => {
    assert.deepEqual(judge([down('192.0.2.1', 7)], { notSentTargets: 3 }), { status: 'not-sending', count: 3 });
  });
});
