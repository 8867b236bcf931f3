import assert from 'node:assert/strict';
import { test } from 'vitest';
import { Problem } from '../../core/problem.ts';
import { guardLogin } from './login-throttle.ts';

/** A throttle on a simulated clock; a refusal is reported as the seconds to wait. */
function createThrottle() {
  let now = Date.UTC(2026, 2, 10, 7);
  const throttle = guardLogin(() => now);
  return {
    pass: (seconds: number) => void (now += seconds * 1000),
    begin: (address: string, username: string) => throttle.begin(address, username),
    refusal: (address: string, username: string): number | undefined => {
      try {
        throttle.begin(address, username);
        return undefined;
      } catch (error) {
        if (error instanceof Problem && error.code === 'too-many-requests') return error.retryAfterSeconds;
        throw error;
      }
    },
  };
}

test('five failures for an account from an address, each answered later; other addresses and accounts are not locked out', () => {
  const { begin, refusal, pass } = createThrottle();
  const delays = Array.from({ length: 5 }, () => begin('192.0.2.1', 'anna').delayMillis);
  assert.deepEqual(delays, [200, 400, 800, 1600, 2000]);
  assert.equal(refusal('192.0.2.1', 'anna'), 300);
  assert.equal(refusal('192.0.2.2', 'anna'), undefined);
  assert.equal(refusal('192.0.2.1', 'bert'), undefined);
  pass(299);
  assert.equal(refusal('192.0.2.1', 'anna'), 1);
  pass(1);
  assert.equal(refusal('192.0.2.1', 'anna'), undefined, 'nobody is locked out for good');
});

test('a successful login clears earlier failures', () => {
  const { begin, refusal } = createThrottle();
  for (let failure = 0; failure < 4; failure++) begin('192.0.2.1', 'anna');
  begin('192.0.2.1', 'anna').succeeded();
  for (let failure = 0; failure < 5; failure++) assert.equal(refusal('192.0.2.1', 'anna'), undefined);
  assert.equal(refusal('192.0.2.1', 'anna'), 300);
});

test('an address is known after a successful login; its neighbours are not', () => {
  const { begin } = createThrottle();
  const first = begin('2001:db8:1:1::1', 'anna');
  assert.equal(first.isKnown, false);
  assert.equal(begin('2001:db8:1:1::1', 'anna').isKnown, false);
  first.succeeded();
  assert.equal(begin('2001:db8:1:1::2', 'bert').isKnown, true);
  assert.equal(begin('2001:db8:1:2::1', 'anna').isKnown, false);
});

test('twenty attempts a minute per address, for any number of accounts and whatever their outcome', () => {
  const { begin, refusal, pass } = createThrottle();
  for (let attempt = 0; attempt < 20; attempt++) begin('192.0.2.1', `user ${attempt}`).succeeded();
  assert.equal(refusal('192.0.2.1', 'somebody else'), 60);
  assert.equal(refusal('192.0.2.2', 'somebody else'), undefined);
  pass(60);
  assert.equal(refusal('192.0.2.1', 'somebody else'), undefined);
});
