import { createReadStream, type ReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DatabaseBackup, DatabaseContents } from '../../port.ts';
import { errorFrom, type Failure } from './messages.ts';

const suffix = '.backup-';
let lastNumber = 0;

/** Copies the database into a file beside it, checks the copy, and opens it for reading; the copy is removed afterwards. */
export async function openBackup(path: string): Promise<DatabaseBackup> {
  const copyPath = `${path}${suffix}${process.pid}-${++lastNumber}`;
  try {
    const contents = await copyInThread(path, copyPath);
    return { ...contents, content: readThenRemove(copyPath) };
  } catch (error) {
    await rm(copyPath, { force: true });
    throw error;
  }
}

/** Removes copies left by a process that was killed; to be called by the holder of the lock on the database. */
export async function removeLeftCopies(path: string): Promise<void> {
  const [folder, prefix] = [dirname(path), `${basename(path)}${suffix}`];
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  await Promise.all(names.map((name) => rm(join(folder, name), { force: true })));
}

type Answer = { readonly contents: DatabaseContents } | { readonly failure: Failure };

async function copyInThread(path: string, copyPath: string): Promise<DatabaseContents> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const worker = new Worker(new URL(`./backup-worker${extension}`, import.meta.url), {
    workerData: { path, copyPath },
  });
  const answer = await new Promise<Answer>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread of the backup ended without an answer')));
  });
  if ('failure' in answer) throw errorFrom(answer.failure);
  return answer.contents;
}

function readThenRemove(copyPath: string): ReadStream {
  const content = createReadStream(copyPath, { highWaterMark: 1024 * 1024 });
  content.once('close', () => void rm(copyPath, { force: true }).catch(() => undefined));
  return content;
}
