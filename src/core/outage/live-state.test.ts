import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { advance, type LiveState, pendingState, restoredState, storedFrom } from './live-state.ts';
import { type OutcomeCode, outcomeCodes } from '../result/probe-result.ts';
import { stateOfTarget } from './target-state.ts';

const codes: Record<string, OutcomeCode> = {
  r: outcomeCodes.reply,
  t: outcomeCodes.timeout,
  n: outcomeCodes['not-sent'],
};
const noRoute = 101;

/** One letter a second from `from` on: r reply, t timeout, n not sent. Each new state and each change with its second. */
function run(live: LiveState, letters: string, from = 0): string[] {
  return Array.from(letters).flatMap((letter, index) => {
    const { changes, isNewState } = advance(
      live,
      (from + index) * 1000,
      codes[letter] ?? 0,
      letter === 'n' ? noRoute : 0,
    );
    const since = (live.since ?? 0) / 1000;
    return [...changes.map(({ type }) => `${type}!`), ...(isNewState ? [`${live.state}@${since}`] : [])];
  });
}

const facts = { isActive: true, isSynthetic: false, isDeleted: false, isAllowed: true, createdAt: 7 };

describe('a target’s states', () => {
  test('up with its first reply, degraded after two losses in a row, down after five, counted from the first of them', () => {
    assert.deepEqual(run(pendingState(0), 'tr'), ['up@1']);
    // What was lost in the last hour still counts after the reply.
    assert.deepEqual(run(pendingState(0), 'rttr'), ['up@0', 'degraded@1']);
    assert.deepEqual(run(pendingState(0), `${'r'.repeat(99)}ttr`), ['up@0', 'degraded@99', 'up@101']);
    assert.deepEqual(run(pendingState(0), 'rtttttr'), [
      'up@0',
      'degraded@1',
      'down!',
      'down@1',
      'recovery!',
      'degraded@6',
    ]);
  });

  test('degraded by more than 2 % of the last hour, until those losses are an hour old', () => {
    const live = pendingState(0);
    run(live, 'r'.repeat(49));
    assert.deepEqual(run(live, 'trt', 49), ['degraded@51']);
    assert.deepEqual(stateOfTarget(facts, live).reason, {
      code: 'loss-ratio',
      params: { losses: 2, probes: 52, window_minutes: 60 },
    });
    assert.deepEqual(run(live, 'r', 3599), []);
    assert.deepEqual(run(live, 'r', 3600), ['up@3600']);
  });

  test('not-sent after two probes in a row that this machine failed to send, from whatever state, and back', () => {
    assert.deepEqual(run(pendingState(0), 'nnnr'), ['not-sent!', 'not-sent@0', 'sent!', 'up@3']);
    assert.deepEqual(run(pendingState(0), 'rnrnn'), ['up@0', 'not-sent!', 'not-sent@3']);
    const live = pendingState(0);
    run(live, 'rttttt');
    assert.deepEqual(run(live, 'nnt', 6), ['not-sent!', 'not-sent@6', 'sent!', 'down@1']);
    assert.deepEqual(run(live, 'r', 20), ['recovery!', 'degraded@20']);
  });
});

describe('a state survives a restart', () => {
  const restarted = (letters: string): LiveState => {
    const live = pendingState(0);
    run(live, letters);
    return restoredState(structuredClone(storedFrom(live)));
  };

  test('including when it began', () => {
    for (const letters of ['rrrr', 'rttttttt', 'rrnnnn']) {
      const [live, again] = [pendingState(0), restarted(letters)];
      run(live, letters);
      assert.deepEqual([again.state, again.since], [live.state, live.since], letters);
    }
  });

  test('an outage ends with the first reply after it, and begins where it began', () => {
    const live = restarted('rttttt');
    const { changes } = advance(live, 1_201_000, outcomeCodes.reply, 0);
    assert.deepEqual(changes, [{ type: 'recovery', since: 1000, at: 1_201_000, losses: undefined }]);
  });

  test('a target that was lossy for long is down since its own first loss, not since it became lossy', () => {
    const live = restarted(`${'r'.repeat(60)}trtrt`);
    assert.equal(live.state, 'degraded');
    assert.deepEqual(run(live, 'rttttt', 3000).at(-1), 'down@3001');
  });

  test('a target that could not be sent to returns to its previous state', () => {
    assert.deepEqual(run(restarted('rtttttnn'), 'tr', 60), ['sent!', 'down@1', 'recovery!', 'up@61']);
  });
});

describe('what is reported of a target', () => {
  const stateWith = (letters: string, change: Partial<typeof facts> = {}) => {
    const live = pendingState(0);
    run(live, letters);
    return stateOfTarget({ ...facts, ...change }, live);
  };

  test('is its state, since when and why', () => {
    assert.deepEqual(stateWith('rr'), { state: 'up', since: 0, reason: { code: 'replies', params: {} } });
    const down = { state: 'down', since: 1000, reason: { code: 'no-reply', params: { losses: 6 } } };
    assert.deepEqual(stateWith('rtttttt'), down);
    const params = { errno: noRoute, errno_name: 'ENETUNREACH' };
    assert.deepEqual(stateWith('nn'), { state: 'not-sent', since: 0, reason: { code: 'no-route', params } });
  });

  test('is paused, synthetic or forbidden, whatever its results were', () => {
    assert.deepEqual(stateWith('rr', { isActive: false }).reason.code, 'paused');
    assert.deepEqual(stateWith('rr', { isAllowed: false }).reason.code, 'not-allowed');
    const synthetic = { state: 'synthetic', since: 7, reason: { code: 'synthetic', params: {} } };
    assert.deepEqual(stateWith('rr', { isActive: false, isSynthetic: true }), synthetic);
  });
});
