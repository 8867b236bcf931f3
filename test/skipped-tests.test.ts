import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './e2e/server.ts';

/** A report of the runner, as `--reporter=json` writes it, of tests that ended so. */
function report(...statuses: readonly string[]): string {
  const count = (...wanted: readonly string[]): number => statuses.filter((status) => wanted.includes(status)).length;
  return JSON.stringify({
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending', 'skipped'),
    numTodoTests: count('todo'),
    testResults: [{ assertionResults: statuses.map((status, index) => ({ fullName: `test ${index}`, status })) }],
  });
}

test('CI fails on any test that did not pass by the runner’s own count, and on a run without tests', async () => {
  await using folder = await temporaryFolder();
  const count = (...reports: readonly string[]) => {
    const paths = reports.map((text, index) => join(folder.path, `${index}.json`));
    for (const [index, path] of paths.entries()) writeFileSync(path, reports[index] ?? '');
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/count-tests.ts', ...paths], {
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  expect(count(report('passed', 'passed'), report('passed'))).toEqual({
    ...{ status: 0, stdout: '3 passed, 0 failed, 0 skipped\n', stderr: '' },
  });
  for (const status of ['skipped', 'pending', 'todo']) {
    expect(count(report('passed'), report('passed', status))).toEqual({
      ...{ status: 1, stdout: '2 passed, 0 failed, 1 skipped\n', stderr: `${status}: test 1\n` },
    });
  }
  expect(count(report('passed', 'failed')).status).toBe(1);
  expect(count(report('passed'), report()).status).toBe(1);
});
