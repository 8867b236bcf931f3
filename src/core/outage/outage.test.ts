import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lossesUntilDown, observe, unknownOutageState } from './outage.ts';
import { type OutcomeCode, outcomeCodes } from '../result/probe-result.ts';

const { reply, timeout, unreachable } = outcomeCodes;
const notSent = outcomeCodes['not-sent'];

/** `results`: one letter a second: r reply, t timeout, u unreachable, n not sent. */
function changes(results: string): string[] {
  const codes: Record<string, OutcomeCode> = { r: reply, t: timeout, u: unreachable, n: notSent };
  const state = unknownOutageState();
  return Array.from(results).flatMap((letter, index) => {
    const change = observe(state, index * 1000, codes[letter] ?? notSent);
    return change === undefined ? [] : [`${change.type}@${index}`];
  });
}

test('five losses in a row are down, the first reply after them is recovery', () => {
  expect(changes('rttttr')).toEqual([]);
  expect(changes('rttttt')).toEqual(['down@5']);
  expect(changes('rtutuutr')).toEqual(['down@5', 'recovery@7']);
});

test('a target that never answered goes down too, and its first reply is recovery', () => {
  expect(changes('ttttttttr')).toEqual(['down@4', 'recovery@8']);
});

test('probes that we failed to send neither count nor interrupt a run of losses', () => {
  expect(changes('rnnnnnnnn')).toEqual([]);
  expect(changes('rttnnttt')).toEqual(['down@7']);
});

test('losses that become known after a later reply change nothing', () => {
  const state = unknownOutageState();
  observe(state, 10_000, reply);
  for (let sentAt = 9000; sentAt < 9900; sentAt += 100) expect(observe(state, sentAt, timeout)).toBeUndefined();
  expect(state.phase).toBe('up');
});

test('an outage begins with the first loss of the run', () => {
  const state = unknownOutageState();
  observe(state, 0, reply);
  const seen = [1000, 2000, 3000, 4000, 5000].map((at) => observe(state, at, timeout));
  expect(seen.at(-1)).toEqual({ type: 'down', since: 1000, losses: lossesUntilDown });
});

test('down and recovery alternate, whatever the results', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('r', 't', 'u', 'n'), { maxLength: 300 }), (letters) => {
      const types = changes(letters.join('')).map((text) => text.split('@')[0]);
      expect(types).toEqual(types.map((_, index) => (index % 2 === 0 ? 'down' : 'recovery')));
    }),
  );
});
