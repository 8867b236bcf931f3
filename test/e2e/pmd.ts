import { type ChildProcess, spawn } from 'node:child_process';
import type { RunningServer } from './server.ts';
import { entry } from './server.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command as a shell runs it against `server`, with the seed credentials; `child` can be signalled meanwhile. */
export function startPmd(
  server: RunningServer,
  args: readonly string[],
  {
    environment = {},
    input,
  }: { readonly environment?: Readonly<Record<string, string>>; readonly input?: string } = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: server.folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      ...{ XDG_CONFIG_HOME: server.folder, HOME: server.folder },
      ...{ PMD_URL: server.url, PMD_USERNAME: 'admin', PMD_PASSWORD: 'changeme' },
      ...environment,
    },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(input);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
  return { child, ended };
}

export function pmd(server: RunningServer, ...args: readonly string[]): Promise<Ended> {
  return startPmd(server, args).ended;
}
