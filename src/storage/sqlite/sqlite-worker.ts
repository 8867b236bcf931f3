import { parentPort, workerData } from 'node:worker_threads';
import { type ResultBatch, batchBuffers } from '../../core/probe-result.ts';
import { createStorageThread, type StorageThread } from './create-operations.ts';
import { explained, openDatabase } from './database.ts';
import { failureOf, type Reply, type Request } from './messages.ts';
import type { Operations } from './operations.ts';

/* The storage thread: owns the database, answers one request after the other. */

const { path } = workerData as { readonly path: string };
const port = parentPort;
if (port === null) throw new Error('the storage thread was started outside of a worker');

function open(): StorageThread | undefined {
  try {
    const thread = createStorageThread(openDatabase(path));
    send({ kind: 'opened' });
    return thread;
  } catch (error) {
    send({ kind: 'failed-to-open', failure: failureOf(explained(error, path)) });
    return undefined;
  }
}

function send(reply: Reply, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(reply, transfer);
}

const opened = open();

function answer({ id, name, args }: Request, thread: StorageThread): void {
  try {
    const operation = thread.operations[name] as (...args: readonly unknown[]) => unknown;
    const value = operation(...args);
    send({ kind: 'done', id, value }, buffersOf(name, value));
  } catch (error) {
    send({ kind: 'failed', id, failure: failureOf(explained(error, path)) });
  }
  if (name === 'close') port?.close();
  else thread.afterRequest();
}

function buffersOf(name: keyof Operations, value: unknown): ArrayBuffer[] {
  return name === 'readResultPage' ? batchBuffers((value as { readonly batch: ResultBatch }).batch) : [];
}

if (opened !== undefined) port.on('message', (request: Request) => answer(request, opened));
