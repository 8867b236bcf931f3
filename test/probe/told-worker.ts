import { parentPort, workerData } from 'node:worker_threads';
import { batchBuffers } from '../../src/core/result/probe-result.ts';
import { startProbingThread } from '../../src/probe/thread/probing-thread.ts';
import type { ToWorker, WorkerStart } from '../../src/probe/thread/worker-messages.ts';

// The probing thread, but it stands still for ever when told to 'hang', and collects its garbage when told to 'collect'.
const port = parentPort;
if (port === null) throw new Error('started as a program of its own');
const receive = startProbingThread(workerData as WorkerStart, {
  post: (message) => port.postMessage(message),
  postBatch: (batch) => port.postMessage({ kind: 'results', batch }, batchBuffers(batch)),
  onStopped: () => port.close(),
});
port.on('message', (message: ToWorker | 'hang' | 'collect') => {
  if (message === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  else if (message === 'collect') globalThis.gc?.();
  else receive(message);
});
