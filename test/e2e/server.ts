import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const entry = resolve('src/main.ts');

export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  readonly process: ChildProcess;
  readonly log: readonly string[];
  /** SIGTERM, then the exit code and how long it took. */
  stop(): Promise<{ readonly code: number | null; readonly millis: number }>;
}

/** A folder that is removed with everything in it. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'pmd-e2e-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The product as users start it: a process of its own, on a free port, with its data in `folder`. */
export async function startServer(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
  /** Put before the command, such as `ip netns exec NAME`. */
  within: readonly string[] = [],
): Promise<RunningServer> {
  const child = spawn('/usr/bin/env', [...within, process.execPath, entry, 'serve'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', APP_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const url = await new Promise<string>((found, failed) => {
    child.once('exit', (code) => failed(new Error(`the server ended with ${code}:\n${log.join('\n')}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.push(line);
      const address = /PingMeDaddy \S+ listens on (http:[^"]+)/.exec(line)?.[1];
      if (address !== undefined) found(address);
    });
  });
  async function stop(): Promise<{ readonly code: number | null; readonly millis: number }> {
    if (child.exitCode !== null || child.signalCode !== null) return { code: child.exitCode, millis: 0 };
    const startedAt = performance.now();
    const ended = once(child, 'exit') as Promise<[number | null]>;
    child.kill('SIGTERM');
    const [code] = await ended;
    return { code, millis: performance.now() - startedAt };
  }
  return {
    ...{ url, folder, process: child, log, stop },
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

/** A caller that speaks plain HTTP, as users' scripts do: with nothing of ours in between. */
export async function logIn(url: string, password = 'changeme', username = 'admin'): Promise<Caller> {
  const response = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return callerWith(url, token);
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON of the answer; whatever the test looks at in it is part of what it checks. */
  readonly json: any;
}

export type Caller = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

export function callerWith(url: string, token: string | undefined): Caller {
  return async (method, path, body, headers = {}) => {
    const isText = typeof body === 'string' || body instanceof FormData;
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined || isText ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '' && !text.includes('\n{');
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };
}

/** Waits for something to become true by polling; a timeout says what never happened. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>, millis = 15_000): Promise<T> {
  const giveUpAt = performance.now() + millis;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > giveUpAt) throw new Error(`${what} did not happen in ${millis} ms`);
    await new Promise((wait) => setTimeout(wait, 50));
  }
}
