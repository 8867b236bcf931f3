import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'vitest';
import { callerWith, logIn, startServer, temporaryFolder, until } from './server.ts';

test('files that a server creates in a checkout are ignored by git', async () => {
  await using folder = await temporaryFolder();
  execFileSync('git', ['init', '-q', folder.path]);
  cpSync('.gitignore', join(folder.path, '.gitignore'));
  await using server = await startServer(folder.path);
  const call = await logIn(server.url);
  assert.equal((await call('POST', '/targets', { ip: '127.0.0.1' })).status, 200);
  const untracked = execFileSync('git', ['-C', folder.path, 'status', '--porcelain', '-uall'], { encoding: 'utf8' });
  assert.equal(untracked, '?? .gitignore\n');
});

// SIGKILL: what a process manager does to one that takes too long; npm can pass nothing on then.
test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)('%s to npm start stops the server as well', async (signal) => {
  await using folder = await temporaryFolder();
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder.path, APP_PORT: '0' };
  const DATABASE_URL = `sqlite:${join(folder.path, 'x.db')}`;
  const npm = spawn('npm', ['start'], {
    ...{
      env: { ...environment, DATABASE_URL, SPOOL_DIR: join(folder.path, 'spool') },
      stdio: ['ignore', 'pipe', 'pipe'] as const,
    },
  });
  npm.stderr.resume();
  let url = '';
  for await (const line of createInterface({ input: npm.stdout })) {
    url = /listens on (http:[^"]+)/.exec(line)?.[1] ?? '';
    if (url !== '') break;
  }
  npm.stdout.resume();
  assert.equal((await callerWith(url, undefined)('GET', '/livez')).status, 200);
  const ended = once(npm, 'exit');
  npm.kill(signal);
  await ended;
  const isGone = (): Promise<boolean> =>
    fetch(`${url}/livez`).then(
      () => false,
      () => true,
    );
  await until('the end of the server', isGone);
  // The database is free again: a server that lived on would hold it.
  await using again = await startServer(folder.path, { DATABASE_URL });
  assert.equal((await fetch(`${again.url}/livez`)).status, 200);
});
