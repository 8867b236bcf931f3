import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asOther, untilReady } from './database-servers.ts';
import { freePort } from './free-port.ts';

export interface Pooler extends AsyncDisposable {
  /** The same database through the pooler. */
  address(direct: string): string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** A real PgBouncer in front of the server of these addresses, with its files in `folder` and few connections to share. */
export async function startPooler(
  folder: string,
  direct: string,
  settings: Readonly<Record<string, string>>,
): Promise<Pooler> {
  const { hostname, port: serverPort, username, password } = new URL(direct);
  const port = await freePort();
  const own = join(folder, `pgbouncer-${port}.ini`);
  const lines = Object.entries({
    ...{ listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', auth_type: 'any', default_pool_size: 6 },
    // So that it tells soon when the server is away, and looks for it again at once.
    ...{ server_login_retry: 1, query_wait_timeout: 5, max_client_conn: 100 },
    ...settings,
  }).map(([name, value]) => `${name} = ${value}`);
  const database = `* = host=${hostname} port=${serverPort} user=${username} password=${password}`;
  await writeFile(own, `[databases]\n${database}\n[pgbouncer]\n${lines.join('\n')}\n`);

  const address = (of: string): string => {
    const url = new URL(of);
    url.port = String(port);
    return url.href;
  };
  const launch = () => spawn(...asOther('pgbouncer', [own]), { stdio: 'ignore' });
  let child = launch();
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    // SIGTERM: at once, with whatever is under way.
    child.kill('SIGTERM');
    await ended;
  };
  await untilReady(address(direct));
  return {
    address,
    stop,
    start: async () => {
      child = launch();
      await untilReady(address(direct));
    },
    [Symbol.asyncDispose]: stop,
  };
}
