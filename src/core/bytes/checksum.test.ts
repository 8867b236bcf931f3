import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { crc32 as crc32OfZlib } from 'node:zlib';
import { test } from 'vitest';
import { crc32 } from './checksum.ts';

test('the checksum equals that of zip, whatever the length and alignment', () => {
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
  for (let length = 0; length < 70; length++) {
    const bytes = randomBytes(length + 5);
    assert.equal(crc32(bytes, 3, 3 + length), crc32OfZlib(bytes.subarray(3, 3 + length)));
  }
});
