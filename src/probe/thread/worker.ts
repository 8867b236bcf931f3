import { parentPort, workerData } from 'node:worker_threads';
import { batchBuffers } from '../../core/result/probe-result.ts';
import { startProbingThread } from './probing-thread.ts';
import type { ToWorker, WorkerStart } from './worker-messages.ts';

const port = parentPort;
if (port === null) throw new Error('the probing thread was started as a program of its own');

const receive = startProbingThread(workerData as WorkerStart, {
  post: (message) => port.postMessage(message),
  postBatch: (batch) => port.postMessage({ kind: 'results', batch }, batchBuffers(batch)),
  onStopped: () => port.close(),
});
port.on('message', (message: ToWorker) => receive(message));
