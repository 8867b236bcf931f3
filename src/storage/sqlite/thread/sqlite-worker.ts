import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { batchBuffers } from '../../../core/result/probe-result.ts';
import { createStorageThread, type StorageThread } from './create-operations.ts';
import { DamagedRowError } from '../file/damage.ts';
import { explained, openDatabase } from '../file/database.ts';
import { failureOf, type Reply, type Request } from './messages.ts';
import type { ResultPage } from '../read/read-results.ts';

/** The storage thread: owns the database, answers one request after the other. */

const { path } = workerData as { readonly path: string };
// Limits how large a transaction of joined appends grows.
const joinedAppendsMax = 64;

function send(port: MessagePort, reply: Reply, transfer: ArrayBuffer[] = []): void {
  port.postMessage(reply, transfer);
}

function answer(port: MessagePort, { id, name, args }: Request, { operations, noteDamage }: StorageThread): void {
  try {
    const operation = operations[name] as (...args: readonly unknown[]) => unknown;
    const value = operation(...args);
    const transfer = name === 'readResultPage' ? batchBuffers((value as ResultPage).batch) : [];
    send(port, { kind: 'done', id, value }, transfer);
  } catch (error) {
    if (error instanceof DamagedRowError) noteDamage(error.damage);
    send(port, { kind: 'failed', id, failure: failureOf(explained(error, path)) });
  }
  if (name === 'close') port.close();
}

/** Consecutive appends share a transaction; if it fails, each is tried alone for its own error. */
function answerAppends(port: MessagePort, requests: readonly Request[], thread: StorageThread): void {
  const [first] = requests;
  if (first !== undefined && requests.length > 1) {
    try {
      const joined = { ...first, args: requests.flatMap(({ args }) => args) };
      (thread.operations.append as (...args: readonly unknown[]) => void)(...joined.args);
      for (const { id } of requests) send(port, { kind: 'done', id, value: undefined });
      return;
    } catch {
      // Which one was at fault shows below.
    }
  }
  for (const request of requests) answer(port, request, thread);
}

function answerAll(port: MessagePort, requests: readonly Request[], thread: StorageThread): void {
  for (let start = 0; start < requests.length;) {
    let end = start + 1;
    const isAppend = (at: number): boolean => requests[at]?.name === 'append';
    while (isAppend(start) && isAppend(end) && end - start < joinedAppendsMax) end++;
    answerAppends(port, requests.slice(start, end), thread);
    thread.afterReply();
    start = end;
  }
}

function serve(port: MessagePort): void {
  let thread: StorageThread;
  try {
    thread = createStorageThread(openDatabase(path, (message) => send(port, { kind: 'notice', message })));
  } catch (error) {
    send(port, { kind: 'failed-to-open', failure: failureOf(explained(error, path)) });
    return;
  }
  send(port, { kind: 'opened' });
  port.on('message', (request: Request) => {
    const requests = [request];
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      requests.push((next as { readonly message: Request }).message);
    }
    answerAll(port, requests, thread);
    const last = requests.at(-1)?.name;
    if (last !== 'close') thread.whenIdle(last === 'append');
  });
}

if (parentPort === null) throw new Error('the storage thread was started outside of a worker');
serve(parentPort);
