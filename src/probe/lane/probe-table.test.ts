import assert from 'node:assert/strict';
import { test } from 'vitest';
import { ProbeTable, entryStates, serialSpan } from './probe-table.ts';

const entry = { targetId: 1, slotMillis: 2, intervalMillis: 3 };
const words = new Uint32Array([0x0100007f, 2, 3, 4]);

test('more than 65,536 probes in flight are all distinguished, across the wrap of serials', () => {
  const table = new ProbeTable(4, 0xffffff00);
  const serials: number[] = [];
  for (let id = 1; id <= 200_000; id++) {
    serials.push(table.nextSerial);
    const index = table.add({ ...entry, targetId: id }, words, 0);
    table.sentMonotonic[index] = id;
  }
  assert.equal(table.inFlight, 200_000);
  serials.forEach((serial, at) => assert.equal(table.targetIds[table.find(serial)], at + 1));
});

test('the table refuses probes for which no identifier and sequence are left', () => {
  const table = new ProbeTable(6, 5);
  for (let count = 0; count < serialSpan; count++) assert.notEqual(table.add(entry, words, 0), -1);
  assert.equal(table.add(entry, words, 0), -1);
});

test('probes expire in sending order, ended ones are skipped, and nothing expires before it was sent', () => {
  const table = new ProbeTable(4, 0);
  const indexes = [1, 2, 3].map((targetId) => table.add({ ...entry, targetId }, words, 0));
  assert.equal(table.oldestSentBefore(1e9), -1);
  indexes.forEach((index, at) => (table.sentMonotonic[index] = 100 + at));
  table.end(indexes[0] ?? -1, entryStates.answered);
  assert.equal(table.oldestSentBefore(100), -1);
  assert.equal(table.oldestSentBefore(101), indexes[1]);
  table.end(indexes[1] ?? -1, entryStates.expired);
  assert.equal(table.oldestSentBefore(200), indexes[2]);
  assert.equal(table.inFlight, 1);
});

test('an ended entry is still found until the ring comes round', () => {
  const table = new ProbeTable(4, 10);
  const index = table.add(entry, words, 0);
  table.end(index, entryStates.answered);
  assert.equal(table.find(10), index);
  assert.equal(table.find(11), -1);
});

test('addresses are compared in full', () => {
  const table = new ProbeTable(6, 0);
  const index = table.add(entry, words, 0);
  const view = new DataView(words.slice().buffer);
  assert.ok(table.isAddress(index, view, 0));
  view.setUint8(15, 99);
  assert.ok(!table.isAddress(index, view, 0));
});
