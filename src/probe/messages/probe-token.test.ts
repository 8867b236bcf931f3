import assert from 'node:assert/strict';
import { test } from 'vitest';
import { createTokenSigner } from './probe-token.ts';

test('a token equals the published HalfSipHash-2-4-64 of the serial', () => {
  // Key 00 01 … 07, message 00 01 02 03: vectors.h of the reference implementation, entry 4.
  const signer = createTokenSigner(new Uint32Array([0x03020100, 0x07060504]));
  signer.sign(0x03020100);
  const bytes = Buffer.alloc(8);
  bytes.writeInt32LE(signer.low, 0);
  bytes.writeInt32LE(signer.high, 4);
  assert.equal(bytes.toString('hex'), 'd5e78a175be52ea1');
});

test('two workers sign the same serial differently', () => {
  const [one, other] = [createTokenSigner(), createTokenSigner()];
  one.sign(1);
  other.sign(1);
  assert.notDeepEqual([one.low, one.high], [other.low, other.high]);
});
