import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'vitest';

const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header;

/** How much the memory of a separate process has grown after 16 password hashes, two at a time. */
function growthMebibytes(before: string): number {
  const script = `
    import { hashPassword } from './src/api/access/password-hash.ts';
    import { returnLargeBlocks } from './src/large-blocks.ts';
    ${before}
    const rss = process.memoryUsage.rss();
    for (let round = 0; round < 8; round++) await Promise.all([hashPassword('one'), hashPassword('other')]);
    console.log((process.memoryUsage.rss() - rss) / 1024 / 1024);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
}

test.skipIf(glibcVersionRuntime === undefined)('no thread keeps the memory that a password hash took', () => {
  const [kept, returned] = [growthMebibytes(''), growthMebibytes('returnLargeBlocks();')];
  assert.ok(kept > 30, `without it ${kept} MiB stay`);
  assert.ok(returned < 19, `${returned} MiB stay`);
});
