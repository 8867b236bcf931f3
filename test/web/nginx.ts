import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../e2e/server.ts';
import { freePort } from '../free-port.ts';

export interface Nginx extends AsyncDisposable {
  readonly url: string;
  /** The address of every request so far, as it came. */
  requested(): Promise<readonly string[]>;
}

/** A real nginx with these locations, on a free port of 127.0.0.1, with all of its files in `folder`. */
export async function startNginx(folder: string, locations: string): Promise<Nginx> {
  const port = await freePort();
  const [own, temporary] = [join(folder, 'nginx.conf'), join(folder, 'nginx-temporary')];
  await mkdir(temporary);
  await writeFile(own, configuration({ port, folder, temporary, locations }));
  const child = spawn('nginx', ['-p', folder, '-c', own, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk) => (told += String(chunk)));
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
  const url = `http://127.0.0.1:${port}`;
  await Promise.race([failed, until('nginx', () => isThere(child, url, () => told))]);
  return {
    url,
    requested: async () => (await readFile(join(folder, 'requested'), 'utf8')).split('\n').filter(Boolean),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function isThere(child: ChildProcess, url: string, told: () => string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}: ${told()}`);
  return fetch(`${url}/is-nginx-there`).then(
    () => true,
    () => false,
  );
}

interface Place {
  readonly port: number;
  readonly folder: string;
  readonly temporary: string;
  readonly locations: string;
}

const configuration = ({ port, folder, temporary, locations }: Place): string => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
events {}
http {
  log_format requested '$request_uri';
  access_log ${folder}/requested requested;
  client_body_temp_path ${temporary}/body;
  proxy_temp_path ${temporary}/proxy;
  fastcgi_temp_path ${temporary}/fastcgi;
  uwsgi_temp_path ${temporary}/uwsgi;
  scgi_temp_path ${temporary}/scgi;
  server {
    listen 127.0.0.1:${port};
    location = /is-nginx-there { return 204; access_log off; }
    ${locations}
  }
}
`;
