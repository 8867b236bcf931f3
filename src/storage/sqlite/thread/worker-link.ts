import { Worker } from 'node:worker_threads';
import { Problem, messageOf } from '../../../core/problem.ts';
import { errorFrom, type Reply, type Request } from './messages.ts';
import type { OperationName, Operations } from './operations.ts';

interface Pending {
  readonly request: Request;
  readonly isRepeatable: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The storage thread seen from outside: requests in, promises out, and a new thread when the old one dies. */
export interface WorkerLink {
  /**
   * `isRepeatable`: may be sent again to a new thread when the old one died before it answered; otherwise the promise is rejected
   * with a Problem, because nobody knows whether it was done.
   */
  call<Name extends OperationName>(
    name: Name,
    args: Parameters<Operations[Name]>,
    isRepeatable: boolean,
  ): Promise<ReturnType<Operations[Name]>>;
  readonly restarts: number;
  readonly isUp: boolean;
  close(): Promise<void>;
  /** For tests: the thread itself. */
  readonly worker: Worker | undefined;
}

const youngGenerationMebibytes = 16;
const restartDelaysMillis = [0, 100, 1000, 5000, 30_000];

export async function openWorkerLink(path: string, onNotice: (message: string) => void): Promise<WorkerLink> {
  const pending = new Map<number, Pending>();
  let worker: Worker | undefined;
  let isClosed = false;
  let restarts = 0;
  let failedStarts = 0;
  let lastId = 0;
  let restartTimer: NodeJS.Timeout | undefined;

  const settle = (reply: Reply): void => {
    if (reply.kind !== 'done' && reply.kind !== 'failed') return;
    const request = pending.get(reply.id);
    pending.delete(reply.id);
    if (reply.kind === 'done') request?.resolve(reply.value);
    else request?.reject(errorFrom(reply.failure));
  };

  const start = async (): Promise<void> => {
    const started = await startWorker(path, onNotice);
    started.on('message', settle);
    started.on('exit', () => {
      if (worker === started) onDeath();
    });
    worker = started;
    failedStarts = 0;
    for (const { request } of pending.values()) started.postMessage(request);
  };

  const onDeath = (): void => {
    worker = undefined;
    if (isClosed) return;
    restarts++;
    for (const [id, { isRepeatable, reject }] of pending) {
      if (isRepeatable) continue;
      pending.delete(id);
      reject(unavailable('The storage thread died during the request; whether it was done is unknown.'));
    }
    onNotice('The storage thread died and is started again.');
    restartLater();
  };

  const restartLater = (): void => {
    const delay = restartDelaysMillis[Math.min(failedStarts, restartDelaysMillis.length - 1)] ?? 0;
    restartTimer = setTimeout(() => {
      start().catch((error: unknown) => {
        failedStarts++;
        const reason = messageOf(error);
        onNotice(`The storage thread cannot be started again: ${reason}`);
        for (const { reject } of pending.values()) reject(unavailable(reason));
        pending.clear();
        restartLater();
      });
    }, delay);
  };

  const call = (name: OperationName, args: readonly unknown[], isRepeatable: boolean): Promise<unknown> => {
    if (isClosed) return Promise.reject(unavailable('The storage is closed.'));
    if (worker === undefined && failedStarts > 0) return Promise.reject(unavailable('The storage cannot be opened.'));
    const request: Request = { id: ++lastId, name, args };
    const promise = new Promise<unknown>((resolve, reject) => {
      pending.set(request.id, { request, isRepeatable, resolve, reject });
    });
    worker?.postMessage(request);
    return promise;
  };

  await start();
  return {
    call: call as WorkerLink['call'],
    get restarts() {
      return restarts;
    },
    get isUp() {
      return worker !== undefined;
    },
    get worker() {
      return worker;
    },
    close: async () => {
      if (isClosed) return;
      clearTimeout(restartTimer);
      const closing = worker === undefined ? undefined : call('close', [], true);
      isClosed = true;
      await closing;
      await worker?.terminate();
    },
  };
}

function unavailable(message: string): Problem {
  return new Problem('storage-unavailable', message, { retryAfterSeconds: 5 });
}

/** Resolves once the thread has opened the database. */
function startWorker(path: string, onNotice: (message: string) => void): Promise<Worker> {
  // The built files are .js, the sources .ts: the thread's file has the same extension as this one.
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const worker = new Worker(new URL(`./sqlite-worker${extension}`, import.meta.url), {
    workerData: { path },
    // Columns and blocks live for one request and outside the heap: a small young generation frees them in many short steps, a
    // large one lets them accumulate until a long one that a commit has to wait for.
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMebibytes },
  });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => {
      reject(new Problem('storage-unavailable', 'The storage thread ended before it had opened the database.'));
    });
    worker.on('message', (reply: Reply) => {
      if (reply.kind === 'notice') onNotice(reply.message);
      else if (reply.kind === 'opened') resolve(worker);
      else if (reply.kind === 'failed-to-open') {
        reject(errorFrom(reply.failure));
        void worker.terminate();
      }
    });
    // After the opening an error is followed by the exit, which is handled.
    worker.on('error', () => {});
  });
}
