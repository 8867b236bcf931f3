import type { ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';

export interface ChildRequest {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly timeoutMillis: number;
  /** For stdout and for stderr; a child that prints more is killed. */
  readonly outputBytes: number;
  readonly signal?: AbortSignal;
}

export type ChildOutcome =
  | { readonly kind: 'ended'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'too-slow'; readonly stdout: string }
  | { readonly kind: 'too-much-output' }
  | { readonly kind: 'aborted' }
  /** `code` as Node names it: ENOENT, EACCES, EAGAIN. */
  | { readonly kind: 'not-started'; readonly code: string };

/** Runs a program without a shell, in the C locale; it has been reaped when the promise resolves. */
export function runChild(request: ChildRequest, onChild?: (child: ChildProcess) => void): Promise<ChildOutcome> {
  return new Promise((resolve) => {
    const child = execFile(
      request.file,
      request.arguments,
      {
        timeout: request.timeoutMillis,
        killSignal: 'SIGKILL',
        maxBuffer: request.outputBytes,
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C' },
        windowsHide: true,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      },
      (error, stdout, stderr) => {
        const outcome = outcomeOf(error, stdout, stderr);
        const isGone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
        if (isGone) resolve(outcome);
        else child.once('exit', () => resolve(outcome));
      },
    );
    onChild?.(child);
  });
}

function outcomeOf(error: Error | null, stdout: string, stderr: string): ChildOutcome {
  if (error === null) return { kind: 'ended', exitCode: 0, stdout, stderr };
  const { code, killed, name } = error as Error & { readonly code?: number | string | null; readonly killed?: boolean };
  if (name === 'AbortError') return { kind: 'aborted' };
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return { kind: 'too-much-output' };
  if (typeof code === 'number') return { kind: 'ended', exitCode: code, stdout, stderr };
  if (killed === true) return { kind: 'too-slow', stdout };
  if (typeof code === 'string') return { kind: 'not-started', code };
  return { kind: 'ended', exitCode: -1, stdout, stderr };
}
