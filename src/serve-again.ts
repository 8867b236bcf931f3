import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from './config.ts';
import { Problem } from './core/problem.ts';
import { type StartedServer, startServer } from './serve.ts';
import { startStandby } from './standby.ts';

const retryMillis = 1000;

/**
 * Serves until the signal. A server whose database has been taken over by another one can no longer be sure of anything, neither
 * targets nor access rights: it is stopped, its results wait in the spool, and it is started anew when it may write.
 */
export async function serveUntilStopped(config: Config, folder: string, signal: AbortSignal): Promise<void> {
  const stopped = once(signal, 'abort').then(() => undefined);
  let server: StartedServer | undefined = await startServer(config, folder);
  // If a free port was requested, the server keeps the one that it got.
  const sameAddress = { ...config, port: Number(new URL(server.url).port) };
  while (server !== undefined && !signal.aborted) {
    const sentence: string | undefined = await Promise.race([server.superseded, stopped]);
    await server[Symbol.asyncDispose]();
    server = sentence === undefined ? undefined : await startWhenAllowed(sameAddress, folder, signal, sentence);
  }
  await server?.[Symbol.asyncDispose]();
}

async function startWhenAllowed(
  config: Config,
  folder: string,
  signal: AbortSignal,
  sentence: string,
): Promise<StartedServer | undefined> {
  await using standby = await startStandby(config, sentence);
  while (!signal.aborted) {
    try {
      return await startServer(config, folder, () => standby.close());
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'storage-unavailable') throw error;
      await delay(retryMillis, undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}
