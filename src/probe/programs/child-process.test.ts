import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { test } from 'vitest';
import { runChild } from './child-process.ts';

const script = (code: string, timeoutMillis = 5000, signal?: AbortSignal) => ({
  file: process.execPath,
  arguments: ['-e', code],
  timeoutMillis,
  outputBytes: 1000,
  ...(signal === undefined ? {} : { signal }),
});
const isAlive = (child: ChildProcess | undefined): boolean => child?.exitCode === null && child.signalCode === null;

test('a child that ends gives its exit code and both streams', async () => {
  const outcome = await runChild(script('console.log(process.env.LC_ALL); console.error("e"); process.exitCode = 3'));
  assert.deepEqual(outcome, { kind: 'ended', exitCode: 3, stdout: 'C\n', stderr: 'e\n' });
});

test('a child that takes too long, prints too much or is aborted is gone when the promise resolves', async () => {
  const sleep = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)';
  const kinds: [ReturnType<typeof script>, string][] = [
    [script(sleep, 300), 'too-slow'],
    [script('for (;;) process.stdout.write("x".repeat(1000))'), 'too-much-output'],
    [script(sleep, 5000, AbortSignal.timeout(300)), 'aborted'],
  ];
  for (const [request, kind] of kinds) {
    let child: ChildProcess | undefined;
    const outcome = await runChild(request, (started) => (child = started));
    assert.equal(outcome.kind, kind);
    assert.ok(!isAlive(child));
  }
});

test('a missing program is reported as such', async () => {
  const outcome = await runChild({ ...script(''), file: '/nowhere/ping' });
  assert.deepEqual(outcome, { kind: 'not-started', code: 'ENOENT' });
});
