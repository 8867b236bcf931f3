import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'vitest';
import { isSkipped } from '../netns/requirements.ts';

interface Left {
  readonly known: number;
  readonly unanswered: number;
  readonly sentAfter: number;
  readonly resultsAfter: number;
  readonly residentKibibytes: number;
  /** The heaps and buffers of all threads, after they have collected their garbage. */
  readonly usedKibibytes: number;
}

function assertFlat(kibibytes: readonly number[], most: number): void {
  const [first = 0, last = 0] = [kibibytes[0], kibibytes.at(-1)];
  assert.ok(first > 0 && last < first * most, `from ${first} to ${last} KiB: ${kibibytes.join(' ')}`);
}

const rounds = 10;
/** The first rounds are those in which tables and the heap grow to what the work needs. */
const warmUpRounds = 8;

test.skipIf(isSkipped('10,000 targets coming and going', 'root'))(
  'adding and removing 10,000 targets ten times leaves nothing behind and does not grow',
  async () => {
    const script = new URL('./churn.ts', import.meta.url).pathname;
    const argv = ['--expose-gc', script, String(warmUpRounds + rounds)];
    const { stdout } = await promisify(execFile)(process.execPath, argv);
    const { left, results, sent } = JSON.parse(stdout) as { left: readonly Left[]; results: number; sent: number };
    assert.equal(results, sent, 'every probe has one result');
    for (const { known, unanswered, sentAfter, resultsAfter } of left) {
      assert.deepEqual(
        { known, unanswered, sentAfter, resultsAfter },
        { known: 0, unanswered: 0, sentAfter: 0, resultsAfter: 0 },
      );
    }
    const warm = left.slice(warmUpRounds);
    assertFlat(
      warm.map(({ usedKibibytes }) => usedKibibytes),
      1.03,
    );
    // The process takes and gives back memory in pieces of megabytes, also where nothing is left behind.
    assertFlat(
      warm.map(({ residentKibibytes }) => residentKibibytes),
      1.25,
    );
  },
  90_000,
);
