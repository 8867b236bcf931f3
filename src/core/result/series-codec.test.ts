import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { decodeBatch, encodeBatch } from './batch-codec.ts';
import { noCompression, packBlock } from '../bytes/packed-block.ts';
import { createBatch, type ResultBatch } from './probe-result.ts';
import { decodeSeries, encodeSeries } from './series-codec.ts';
import { copyRow, createSeries, type Series, sortSeries } from './series.ts';

const row = fc.record({
  targetId: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  sentAt: fc.oneof(fc.nat(100_000), fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 })),
  outcome: fc.constantFrom(0, 0, 0, 1, 2, 3),
  rtt: fc.oneof(fc.integer({ min: 20_000, max: 20_200 }), fc.nat(70_000), fc.nat(0xffff_ffff)),
  detail: fc.nat(0xffff),
  interval: fc.oneof(fc.constant(1000), fc.nat(0xffff_ffff)),
});

const batch: fc.Arbitrary<ResultBatch> = fc.array(row, { maxLength: 120 }).map((rows) => {
  const columns = createBatch(rows.length);
  rows.forEach(({ targetId, sentAt, outcome, rtt, detail, interval }, index) => {
    columns.targetIds[index] = targetId;
    columns.sentAtMillis[index] = sentAt;
    columns.outcomes[index] = outcome;
    columns.rttMicros[index] = outcome === 0 ? rtt : 0;
    columns.details[index] = detail;
    columns.intervalMillis[index] = interval;
  });
  return columns;
});

function seriesOf(from: ResultBatch): Series {
  const series = createSeries(from.length);
  for (let index = 0; index < from.length; index++) copyRow(from, index, series, index);
  return sortSeries(series);
}

test('a series survives encoding and decoding', () => {
  fc.assert(
    fc.property(batch.map(seriesOf), (series) => {
      assert.deepEqual(decodeSeries(encodeSeries(series, noCompression), noCompression), series);
    }),
  );
});

test('a batch survives encoding and decoding in its order', () => {
  fc.assert(fc.property(batch, (columns) => assert.deepEqual(decodeBatch(encodeBatch(columns)), columns)));
});

test('drifting, constant and extreme round trips survive encoding and decoding', () => {
  const shapes = [
    (index: number) => 10_000 + index * 1000,
    () => 77,
    (index: number) => (index % 2 === 0 ? 0 : 0xffff_ffff),
    (index: number) => 0xffff_ffff - index * 40_000,
  ];
  for (const shape of shapes) {
    const series = createSeries(3600);
    for (let index = 0; index < 3600; index++) {
      series.sentAtMillis[index] = 1_700_000_000_000 + index * 1000;
      series.rttMicros[index] = shape(index);
    }
    assert.deepEqual(decodeSeries(encodeSeries(series, noCompression), noCompression), series);
  }
});

test('one changed byte or a cut end is an error, never other results', () => {
  fc.assert(
    fc.property(batch, fc.nat(), fc.integer({ min: 1, max: 255 }), (columns, position, flip) => {
      for (const [bytes, decode] of [
        [encodeSeries(seriesOf(columns), noCompression), (b: Uint8Array) => decodeSeries(b, noCompression)],
        [encodeBatch(columns), decodeBatch],
      ] as const) {
        const at = position % bytes.length;
        const damaged = Uint8Array.from(bytes);
        damaged[at] = (bytes[at] ?? 0) ^ flip;
        assert.throws(() => decode(damaged), { name: 'DamagedBytesError' });
        assert.throws(() => decode(bytes.subarray(0, at)), { name: 'DamagedBytesError' });
      }
    }),
  );
});

test('nonsense with a valid checksum is an error or an answer, never a hang or another error', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), (sections) => {
      const bytes = packBlock(1, sections, noCompression);
      for (const decode of [(b: Uint8Array) => decodeSeries(b, noCompression), decodeBatch]) {
        try {
          decode(bytes);
        } catch (error) {
          assert.equal(error instanceof Error && error.name, 'DamagedBytesError');
        }
      }
    }),
  );
});
