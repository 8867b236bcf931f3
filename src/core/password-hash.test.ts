import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { formatPasswordHash, parsePasswordHash, passwordHashFault } from './password-hash.ts';

const text = '$argon2id$v=19$m=19456,t=2,p=1$rBuhdPgsQAk8FjodrAlWjg$fGPDWfOSrSR1cdUZDycx+dck0CEuBtaBnEZ7IjQ8N5U';

test('a hash is read as it was written', () => {
  const { salt, tag, ...costs } = parsePasswordHash(text);
  assert.deepEqual(costs, { variant: 'argon2id', memoryKibibytes: 19456, passes: 2, lanes: 1 });
  assert.deepEqual([salt.length, tag.length], [16, 32]);
  const bytes = (minLength: number) => fc.uint8Array({ minLength, maxLength: 64 });
  const hash = fc.record(
    {
      variant: fc.constantFrom('argon2id', 'argon2i', 'argon2d'),
      memoryKibibytes: fc.integer({ min: 128, max: 262_144 }),
      passes: fc.integer({ min: 1, max: 16 }),
      lanes: fc.integer({ min: 1, max: 16 }),
      salt: bytes(8),
      tag: bytes(16),
    },
    { noNullPrototype: true },
  );
  fc.assert(fc.property(hash, (each) => assert.deepEqual(parsePasswordHash(formatPasswordHash(each)), each)));
});

test.each([
  ['', 'It begins as no Argon2 hash does.'],
  ['changeme', 'It begins as no Argon2 hash does.'],
  [text.slice(1), 'It begins as no Argon2 hash does.'],
  [text.replace('argon2id', 'argon2x'), 'It begins as no Argon2 hash does.'],
  [text.replace('$v=19', ''), 'It is not of version 19 of Argon2.'],
  [text.replace('v=19', 'v=16'), 'It is not of version 19 of Argon2.'],
  [text.replace('m=', 'm=0'), 'Its costs are not m=…,t=…,p=… in whole numbers.'],
  [text.replace('m=19456,t=2', 't=2,m=19456'), 'Its costs are not m=…,t=…,p=… in whole numbers.'],
  [text.replace('p=1', 'p=1,keyid=x'), 'Its costs are not m=…,t=…,p=… in whole numbers.'],
  [text.replace('p=1', 'p=-1'), 'Its costs are not m=…,t=…,p=… in whole numbers.'],
  [text.replace('19456', '7'), 'It costs 7 KiB of memory, which is not within 8 to 262144.'],
  [text.replace('19456', '99456000'), 'It costs 99456000 KiB of memory, which is not within 8 to 262144.'],
  [text.replace('t=2', 't=200'), 'It costs 200 passes, which is not within 1 to 16.'],
  [text.replace('p=1', 'p=17'), 'It costs 17 lanes, which is not within 1 to 16.'],
  [text.replace('rBuh', 'rBu-'), 'Its salt is no base64 without padding.'],
  [text.replace('rBuh', 'rB h'), 'Its salt is no base64 without padding.'],
  [text.replace('rBuhdPgsQAk8FjodrAlWjg', 'rBuh'), 'Its salt has 3 bytes, which is not within 8 to 64.'],
  [text.slice(0, text.lastIndexOf('$')), 'Its tag has 0 bytes, which is not within 16 to 64.'],
  [text.slice(0, -24), 'Its tag has 14 bytes, which is not within 16 to 64.'],
  [`${text}=`, 'Its tag is no base64 without padding.'],
  [`${text}\n`, 'Its tag is no base64 without padding.'],
  // The last character with a bit beyond the last byte.
  [`${text.slice(0, -1)}V`, 'Its tag is no base64 without padding.'],
  [`${text}$`, 'It goes on behind its tag.'],
])('%s is damaged', (damaged, message) => {
  assert.throws(() => parsePasswordHash(damaged), { name: 'DamagedBytesError', message });
});

test('any text is either read or reported as damaged', () => {
  const broken = fc
    .record({ at: fc.nat(text.length - 1), by: fc.string({ maxLength: 3 }), cut: fc.nat(3) })
    .map(({ at, by, cut }) => text.slice(0, at) + by + text.slice(at + cut));
  fc.assert(
    fc.property(fc.oneof(broken, fc.string()), (each) => {
      const fault = passwordHashFault(each);
      if (fault === undefined) assert.equal(formatPasswordHash(parsePasswordHash(each)), each);
      else assert.match(fault, /^It.*\.$/);
    }),
  );
});
