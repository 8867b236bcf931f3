import assert from 'node:assert/strict';
import stringWidth from 'string-width';
import { test } from 'vitest';
import { type FleetTarget, showFleet } from '../../contract/fleet.ts';
import { createColors } from '../output/output.ts';
import { frame } from './watch.ts';

const example = showFleet.example.answer as { readonly targets: readonly FleetTarget[]; readonly time: string };
const [one] = example.targets;
assert.ok(one !== undefined);
// Rising all hour long: the newest minute is the highest block.
const spark_latency_ms = Array.from({ length: 60 }, (_, minute) => minute);
const fleet = {
  ...{ time: example.time, counts: { up: 2 }, notices: [] },
  targets: [
    { ...one, spark_latency_ms },
    { ...one, id: 2, host: 'a-host-with-a-very-long-name.in.a.long.domain.example', spark_latency_ms },
  ],
};

test.each([60, 80, 100, 120, 200])(
  'in a terminal of %i columns the newest minute is visible, and nothing is cut',
  (columns) => {
    const lines = frame(fleet, { rows: 24, columns }, createColors(false));
    for (const line of lines) assert.ok(line.length < columns, `${line.length}: ${line}`);
    const rows = lines.filter((line) => line.startsWith('✓'));
    assert.equal(rows.length, 2);
    for (const row of rows) {
      assert.match(row, /0\.041 ms.*0\.00%.*█$/);
    }
    assert.match(lines.find((line) => line.includes('loss')) ?? '', /last (hour|\d+ min)$/);
  },
);

test.each([30, 60, 120])(
  'in a terminal of %i columns every row has the same width, whatever characters its name contains',
  (columns) => {
    const names = ['core', '核心路由器一號核心路由器一號', '👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦 home', `e${'\u0301'.repeat(90)}`, 'שלום עולם'];
    const targets = names.map((name, index) => ({ ...one, id: index + 1, name, spark_latency_ms }));
    const lines = frame({ ...fleet, targets }, { rows: 24, columns }, createColors(false));
    const rows = lines.filter((line) => line.startsWith('✓'));
    assert.deepEqual(
      rows.map((row) => stringWidth(row)),
      names.map(() => stringWidth(rows[0] ?? '')),
    );
    assert.ok(stringWidth(rows[0] ?? '') < columns);
    assert.equal(new Set(rows.map((row) => row.slice(-4))).size, 1);
  },
);
