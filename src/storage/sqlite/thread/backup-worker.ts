import { closeSync, fsyncSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { explained } from '../file/database.ts';
import { inspectDatabaseFile } from '../checks/inspect-file.ts';
import { failureOf } from './messages.ts';

/** The backup's own thread: copies one consistent state into a new file while the storage thread continues to write. */

const { path, copyPath } = workerData as { readonly path: string; readonly copyPath: string };

try {
  {
    using source = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    // One read transaction: in a write-ahead log it neither waits for the writer nor holds it up. Space freed by retention is
    // left out, and the copy needs no log of its own.
    source.prepare('vacuum into ?').run(copyPath);
  }
  const file = openSync(copyPath, 'r+');
  fsyncSync(file);
  closeSync(file);
  parentPort?.postMessage({ contents: inspectDatabaseFile(copyPath) });
} catch (error) {
  parentPort?.postMessage({ failure: failureOf(explained(error, copyPath)) });
}
