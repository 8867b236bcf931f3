import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { checksumOf } from '../../../test/netns/packets.ts';
import { quoteAt, readMplsLabels } from './mpls-labels.ts';

const header = 8;
const stack = [
  { label: 24_001, trafficClass: 5, isBottom: false, ttl: 1 },
  { label: 1_048_575, trafficClass: 0, isBottom: true, ttl: 255 },
];
const entries = stack.flatMap(({ label, trafficClass, isBottom, ttl }) => {
  const entry = label * 4096 + trafficClass * 512 + (isBottom ? 256 : 0) + ttl;
  return [(entry >>> 24) & 0xff, (entry >>> 16) & 0xff, (entry >>> 8) & 0xff, entry & 0xff];
});
const stackObject = [0, 4 + entries.length, 1, 1, ...entries];
const interfaceObject = [0, 8, 2, 15, 1, 2, 3, 4];

/** A time exceeded message: 8 bytes, a quote padded to `quoted` bytes, then an extension structure of these objects. */
function message(objects: readonly number[], quoted = 128, lengthWords = 32): DataView {
  const extension = Uint8Array.from([0x20, 0, 0, 0, ...objects]);
  const sum = checksumOf(extension);
  extension.set([sum >> 8, sum & 0xff], 2);
  const bytes = Uint8Array.from([11, 0, 0, 0, 0, lengthWords, 0, 0, ...new Uint8Array(quoted), ...extension]);
  return new DataView(bytes.buffer);
}

const read = (view: DataView, family: 4 | 6 = 4, end = view.byteLength) =>
  readMplsLabels(view, quoteAt(view, header, family), end);

describe('MPLS labels', () => {
  test('are read after the quote, even if other objects come first', () => {
    assert.deepEqual(read(message(stackObject)), stack);
    assert.deepEqual(read(message([...interfaceObject, ...stackObject])), stack);
    assert.deepEqual(read(message(stackObject, 160, 40)), stack);
    assert.deepEqual(read(message(stackObject, 128, 0)), stack);
  });

  test('of ICMPv6 are found by a length in words of 64 bits', () => {
    const view = message(stackObject, 160, 0);
    view.setUint8(4, 20);
    assert.deepEqual(read(view, 6), stack);
  });

  test('are absent if there is no extension, a damaged one, or one that ends too early', () => {
    const damaged = message(stackObject);
    damaged.setUint8(damaged.byteLength - 1, 7);
    const whole = message(stackObject);
    assert.deepEqual(read(damaged), []);
    assert.deepEqual(read(message(interfaceObject)), []);
    assert.deepEqual(read(message([0, 3, 1, 1])), []);
    assert.deepEqual(read(message([0, 40, 1, 1, ...entries])), []);
    assert.deepEqual(read(whole, 4, header + 128), []);
    assert.deepEqual(read(new DataView(new ArrayBuffer(44)), 4), []);
  });

  test('never throw and never read beyond the message, whatever it contains', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: header, maxLength: 260 }), fc.constantFrom(4, 6), (bytes, family) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const labels = readMplsLabels(view, quoteAt(view, header, family), bytes.byteLength);
        assert.ok(labels.every(({ label, ttl }) => label < 1 << 20 && ttl < 256));
      }),
    );
  });
});
