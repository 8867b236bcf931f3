import assert from 'node:assert/strict';
import { chmod, copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { pmd } from './pmd.ts';
import { logIn, startServer, temporaryFolder } from './server.ts';

/** As most machines have it: without a word of ours, everybody may read what is written. */
const usualUmask = ['sh', '-c', 'umask 022; exec "$@"', 'sh'];

async function modesIn(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('pingmedaddy.db') || name.endsWith('.copy'));
  const modes = names.map(async (name) => [name, ((await stat(join(folder, name))).mode & 0o777).toString(8)] as const);
  return Object.fromEntries(await Promise.all(modes));
}

test('files of the server, a backup and a restore are readable by their owner alone, older ones from the next start', async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const database = join(path, 'pingmedaddy.db');
  const ofServer = Object.fromEntries(
    ['', '-wal', '-shm', '-lock', '.secret'].map((end) => [`pingmedaddy.db${end}`, '600']),
  );
  await using server = await startServer(path, {}, usualUmask);
  await (
    await logIn(server.url)
  )('POST', '/targets', { ip: '127.0.0.1' });
  assert.deepEqual(await modesIn(path), ofServer);
  // The spool and copies on their way out come later, from the same process.
  const status = await readFile(`/proc/${server.process.pid}/status`, 'utf8');
  assert.match(status, /^Umask:\s+0077$/m);
  assert.equal((await pmd(server, 'backup', 'one.copy')).code, 0);
  assert.equal((await modesIn(path))['one.copy'], '600');
  await server.stop();

  // As an earlier version has left them.
  await copyFile(join(path, 'one.copy'), join(path, 'old.copy'));
  for (const file of [database, join(path, 'old.copy')]) await chmod(file, 0o644);
  assert.equal((await pmd(server, 'restore', 'old.copy')).code, 0);
  const { 'one.copy': made, 'old.copy': old, ...restored } = await modesIn(path);
  assert.deepEqual([made, old], ['600', '644']);
  assert.deepEqual(new Set(Object.values(restored)), new Set(['600']));
  assert.ok('pingmedaddy.db.before-restore' in restored);

  // Opened to everybody by nobody's wish, to a group by somebody's.
  await chmod(database, 0o644);
  await (await startServer(path, {}, usualUmask)).stop();
  assert.equal((await modesIn(path))['pingmedaddy.db'], '600');
  await chmod(database, 0o640);
  await using again = await startServer(path, {}, usualUmask);
  const { 'pingmedaddy.db': ofGroup, 'pingmedaddy.db-wal': log } = await modesIn(again.folder);
  assert.deepEqual([ofGroup, log], ['640', '640']);
});
