import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { parseDotenv, readDotenv } from './dotenv.ts';

describe('.env is read as Docker Compose reads it', () => {
  test.each([
    ['A=abc#def', 'abc#def'],
    ['A=abc #def', 'abc'],
    ['A=#def', ''],
    ['A= abc  ', 'abc'],
    ['A=', ''],
    ['export A=abc', 'abc'],
    ['A: abc', 'abc'],
    ['  A = abc', 'abc'],
    ["A='abc #def' # comment", 'abc #def'],
    ['A="abc # def"', 'abc # def'],
    ['A="two\\nlines"', 'two\nlines'],
    ['A="two\nlines"', 'two\nlines'],
    ["A='two\\nlines'", 'two\\nlines'],
    ['A="say \\"hi\\""', 'say "hi"'],
    ['A=pa$word', 'pa$word'],
    ['A=a=b', 'a=b'],
    ['A="abc', '"abc'],
    ['A=http://x/#y', 'http://x/#y'],
    ['A=`x y`', 'x y'],
    ['A=1\r\nB=2', '1'],
  ])('%j', (text, value) => {
    const { values, warnings } = parseDotenv(text);
    assert.equal(values['A'], value);
    assert.deepEqual(warnings, []);
  });

  test('a line that is neither an assignment nor a comment is reported', () => {
    const { values, warnings } = parseDotenv('# fine\n\nA=1\n  just words\nB="x\ny"\n=5\n');
    assert.deepEqual(values, { A: '1', B: 'x\ny' });
    const ignored = 'is neither NAME=value nor a comment and is ignored.';
    assert.deepEqual(warnings, [`line 4 ${ignored}`, `line 7 ${ignored}`]);
  });

  test('with a byte order mark, in UTF-16, or refused with a sentence', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pmd-dotenv-'));
    try {
      const path = join(folder, '.env');
      const written = (bytes: Uint8Array): unknown => {
        writeFileSync(path, bytes);
        return readDotenv(path)?.values;
      };
      assert.equal(readDotenv(path), undefined);
      const utf16 = Buffer.from('\ufeffA=é\n', 'utf16le');
      assert.deepEqual(written(Buffer.from('\ufeffA=é\n')), { A: 'é' });
      assert.deepEqual(written(utf16), { A: 'é' });
      assert.deepEqual(written(Buffer.from(utf16).swap16()), { A: 'é' });
      const sentence = /is not a text in UTF-8 or UTF-16; save it as UTF-8\./;
      assert.throws(() => written(Buffer.from('A=é', 'latin1')), sentence);
      assert.throws(() => written(Buffer.from('A=1', 'utf16le')), sentence);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
