import { once } from 'node:events';
import { createServer } from 'node:http';
import type { z } from 'zod';
import type { Config } from './config.ts';
import { withoutBasePath } from './core/base-path.ts';
import type { readiness } from './contract/system.ts';

export interface Standby extends AsyncDisposable {
  /** Frees the port. */
  close(): Promise<void>;
}

/** Answers for a server that may not act: it is alive but not ready, and everything else is 503 with the reason. */
export async function startStandby(
  { host, port, basePath }: Pick<Config, 'host' | 'port' | 'basePath'>,
  reason: string,
): Promise<Standby> {
  process.stderr.write(`${reason}\n`);
  const sentence = 'Another PingMeDaddy writes to the database of this one, which waits until it may write again.';
  const check = { status: 'failing', message: sentence } as const;
  const answerOfReadiness: z.infer<typeof readiness> = {
    status: 'failing',
    checks: {
      database: { ...check, rolled_up_until: null, rollups_behind_seconds: null, damaged_rows: 0 },
      prober: { status: 'failing', message: 'Nothing is probed meanwhile.', not_sent_targets: 0 },
      recorder: {
        ...{ status: 'failing', message: 'Results that are not stored yet wait in the spool.' },
        ...{ pending_results: 0, spooled_results: 0, spooled_bytes: 0, dropped_results: 0 },
      },
    },
  };
  const problem = {
    ...{
      type: 'urn:pingmedaddy:problem:storage-unavailable',
      title: 'Service Unavailable',
      status: 503,
      code: 'storage-unavailable',
    },
    detail: sentence,
  };
  const server = createServer((request, response) => {
    const path = withoutBasePath(request.url ?? '', basePath)
      .replace(/[?#].*$/, '')
      .replace(/\/$/, '');
    const isAlive = path === '/livez';
    const type = isAlive || path === '/readyz' ? 'application/json' : 'application/problem+json';
    const answer = isAlive ? { status: 'ok' } : path === '/readyz' ? answerOfReadiness : problem;
    response.writeHead(isAlive ? 200 : 503, { 'content-type': `${type}; charset=utf-8`, 'retry-after': '5' });
    response.end(request.method === 'HEAD' ? undefined : JSON.stringify(answer));
  });
  server.listen(port, host);
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { close, [Symbol.asyncDispose]: close };
}
