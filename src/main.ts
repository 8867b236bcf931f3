#!/usr/bin/env node
import { runCli } from './cli/cli.ts';
import { parseConfig } from './config.ts';
import { stopWithParent } from './stop-with-parent.ts';
import { version } from './version.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
// When started for another process, such as npm, the program stops with it, however that one ended.
const starter = Number(
  process.env['PMD_PARENT'] ?? (process.env['npm_lifecycle_event'] === 'start' ? process.ppid : 0),
);
if (starter === process.ppid) stopWithParent(() => stopping.abort());
// A reader that went away (pmd … | head) is not our failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  const why = error.code === 'ENOSPC' ? 'there is no space left on the device' : error.message;
  process.stderr.write(`pmd: The output cannot be written: ${why}.\n`);
  process.exit(1);
});

/** Databases, logs, spools and copies contain password hashes and history: only their owner may read them. */
function writeForOwnerAlone(): void {
  process.umask(0o077);
}

async function serve(signal: AbortSignal): Promise<void> {
  writeForOwnerAlone();
  const config = parseConfig(process.env, process.cwd());
  // Loaded only here: the other commands start faster without the server's parts.
  const { serveUntilStopped } = await import('./serve-again.ts');
  await serveUntilStopped(config, process.cwd(), signal);
}

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  version,
  serve,
  readSettings: () => parseConfig(process.env, process.cwd()),
  inspectBackup: async (file) => (await import('./storage/storage.ts')).inspectBackup(file),
  checkDatabase: async (file) => {
    // Only when it is needed: a file can be checked anywhere.
    const url = file === undefined ? parseConfig(process.env, process.cwd()).databaseUrl : '';
    return (await import('./storage/storage.ts')).checkDatabase(file, url);
  },
  restoreBackup: async (file) => {
    writeForOwnerAlone();
    const { databaseUrl } = parseConfig(process.env, process.cwd());
    return (await import('./storage/storage.ts')).restoreBackup(file, databaseUrl);
  },
  migrateStore: async (from, to, options) => {
    writeForOwnerAlone();
    return (await import('./storage/storage.ts')).migrateStoreBetween(from, to, options);
  },
  signal: stopping.signal,
});
