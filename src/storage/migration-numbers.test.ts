import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'vitest';

test.for([
  ['sqlite', ''],
  ['postgres', 'plain'],
  ['postgres', 'timescale'],
] as const)('migrations of %s %s have one number each', ([engine, flavour]) => {
  const names = readdirSync(new URL(`./${engine}/migrations/`, import.meta.url));
  const own = names.filter((name) => /^\d{4}_\w+\.sql$/.test(name) || name.endsWith(`.${flavour}.sql`));
  const numbers = own.map((name) => Number(name.slice(0, 4)));
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  );
  assert.deepEqual(
    names.filter((name) => !/^\d{4}_\w+(\.plain|\.timescale)?\.sql$/.test(name)),
    [],
  );
});
