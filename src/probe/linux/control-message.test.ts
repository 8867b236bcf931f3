import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { createControlReading, readControl } from './control-message.ts';

function controlMessage(level: number, type: number, data: readonly number[]): number[] {
  const bytes = new Uint8Array((16 + data.length + 7) & ~7);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 16 + data.length, true);
  view.setInt32(8, level, true);
  view.setInt32(12, type, true);
  bytes.set(data, 16);
  return [...bytes];
}
const word = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];

test('stamp, TTL and drop count are read, in any order', () => {
  const stamp = controlMessage(1, 37, [...word(1_700_000_001), ...word(0), ...word(5000), ...word(0)]);
  const bytes = Uint8Array.from([...controlMessage(0, 2, word(57)), ...stamp, ...controlMessage(1, 40, word(3))]);
  const into = createControlReading();
  readControl(new DataView(bytes.buffer), 0, bytes.length, 1_700_000_000, into);
  assert.deepEqual([into.stampNanos, into.ttl, into.dropped], [1_000_005_000, 57, 3]);
});

test('no input makes it throw or loop for ever', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 128 }), fc.nat(200), (bytes, length) => {
      readControl(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, length, 0, createControlReading());
    }),
  );
});
