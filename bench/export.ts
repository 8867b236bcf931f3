// Ten million rows of one target exported in every format and imported again: npm run bench:export -- [rows]
// Each peak is shown beside those of a tenth and of half the rows: memory that does not grow with them is constant.
import { createWriteStream, openAsBlob, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Caller, type RunningServer, logIn, startServer, temporaryFolder } from '../test/e2e/server.ts';

const rows = Number(process.argv[2] ?? 10_000_000);
const years = rows / (365.25 * 86_400);
const ways = [
  ['csv', 'none'],
  ['csv', 'gzip'],
  ['csv', 'zstd'],
  ['ndjson', 'none'],
  ['ndjson', 'zstd'],
  ['parquet', 'zstd'],
] as const;
const binary = { 'content-type': 'application/octet-stream' };

await using folder = await temporaryFolder();
const secret = 'a secret of this run and of no other one';

/** A server of its own for each figure: memory left over from an earlier run is not part of the next one's. */
async function measure<T>(work: (server: RunningServer, call: Caller) => Promise<T>): Promise<Measured<T>> {
  await using server = await startServer(folder.path, { RETENTION_RAW_DAYS: '0', AUTH_SECRET: secret });
  const call = await logIn(server.url);
  const startedAt = performance.now();
  const result = await work(server, call);
  const seconds = (performance.now() - startedAt) / 1000;
  const status = readFileSync(`/proc/${server.process.pid ?? 0}/status`, 'utf8');
  return { result, seconds, peakMebibytes: Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024) };
}

interface Measured<T> {
  readonly result: T;
  readonly seconds: number;
  readonly peakMebibytes: number;
}

const print = (name: string, text: string): boolean => process.stdout.write(`${name.padEnd(16)} ${text}\n`);
const speedOf = (seconds: number): string => `${(rows / seconds / 1000).toFixed(0).padStart(4)} k rows/s`;

const { result: setup, peakMebibytes: idlePeak } = await measure(async (_, call) => {
  const seeded = await call('POST', '/seed', { targets: 1, years, interval_seconds: 1, loss_rate: 0.005, seed: 7 });
  if (seeded.status !== 200) throw new Error(seeded.text);
  const [target] = (await call('GET', '/targets')).json as { id: number }[];
  const path = `/targets/${target?.id ?? 0}/logs/export`;
  const nearStart = new Date(Date.now() - (rows - 60) * 1000).toISOString();
  const { text } = await call('GET', `${path}?to=${nearStart}`);
  const other = await call('POST', '/targets', { ip: '127.0.9.9', frequency: 3600 });
  await call('POST', `/targets/${String(other.json.id)}/pause`);
  const login = await call('POST', '/auth/login', { username: 'admin', password: 'changeme' });
  const headers = { authorization: `Bearer ${String(login.json.access_token)}` };
  const startAt = Date.parse(text.split('\n')[1]?.slice(0, 24) ?? '');
  return { path, startAt, headers, importPath: `/targets/${String(other.json.id)}/logs/import` };
});
const { path, startAt, headers, importPath } = setup;
const { peakMebibytes: base } = await measure(async () => undefined);
print('rows', `${rows} of one target at 1 Hz; peak RSS ${idlePeak} MiB while seeding, ${base} MiB just started`);

async function exported(url: string, way: (typeof ways)[number], count: number): Promise<number> {
  const [format, compression] = way;
  const to = new Date(startAt + count * 1000).toISOString();
  const query = `format=${format}&compression=${compression}&to=${to}`;
  const { body } = await fetch(`${url}${path}?${query}`, { headers });
  if (body === null) throw new Error('no body');
  const file = join(folder.path, way.join('.'));
  await pipeline(Readable.fromWeb(body), createWriteStream(file));
  return (await stat(file)).size;
}

for (const way of ways) {
  const tenth = await measure(({ url }) => exported(url, way, rows / 10));
  const half = await measure(({ url }) => exported(url, way, rows / 2));
  const all = await measure(({ url }) => exported(url, way, rows));
  const size = `${(all.result / rows).toFixed(2).padStart(6)} bytes/row`;
  const peaks = [tenth, half, all].map((each) => each.peakMebibytes).join(', ');
  const memory = `peak RSS for 1/10, 1/2 and all rows: ${peaks} MiB`;
  print(way.join(', '), `${speedOf(all.seconds)}  ${size}  ${memory}`);
}

for (const name of ['import', 'import again']) {
  const { result, seconds, peakMebibytes } = await measure(async ({ url }) => {
    const body = await openAsBlob(join(folder.path, 'csv.zstd'));
    const response = await fetch(url + importPath, { method: 'POST', headers: { ...headers, ...binary }, body });
    return (await response.json()) as { stored: number; duplicates: number };
  });
  const counts = `${result.stored} stored, ${result.duplicates} duplicates`;
  print(name, `${speedOf(seconds)}  ${counts}, peak RSS ${peakMebibytes} MiB`);
}
