import assert from 'node:assert/strict';
import { test } from 'vitest';
import { name } from './target-fields.ts';

test.each([
  ['core-router-1', 'core-router-1'],
  ['  核心路由器  ', '核心路由器'],
  ['שלום', 'שלום'],
  // Joined by invisible characters.
  ['👨‍👩‍👧 home', '👨‍👩‍👧 home'],
  // Identical to readers, and thus to a search.
  ['cafe\u0301', 'caf\u00e9'],
  ['', null],
  [' \t ', null],
  [null, null],
])('the name %j is stored as %j', (given, kept) => {
  assert.equal(name.parse(given), kept);
});

test.each([
  ['a\nb', 'must not contain line breaks or control characters.'],
  ['a\u202eb', 'must not contain line breaks or control characters.'],
  // Half of a character: each database would store it differently.
  ['a\ud800', 'must not contain line breaks or control characters.'],
  // A target would be listed without anything to see or to click on.
  ['\u200b', 'must have a visible character.'],
  ['\u00ad \u3164', 'must have a visible character.'],
  ['x'.repeat(101), 'must have at most 100 characters.'],
])('the name %j is refused', (given, message) => {
  assert.equal(name.safeParse(given).error?.issues[0]?.message, message);
});
