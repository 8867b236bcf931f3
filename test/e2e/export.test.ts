import { statSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, pmd, startPmd } from './pmd.ts';
import { type Caller, type RunningServer, logIn, startServer, temporaryFolder, until } from './server.ts';

// A history of its own, exported by the product in every format and read back by others' readers.

const rowCount = 120_000;
const startAt = Date.UTC(2026, 0, 5, 0, 30);
const columns = 'time,target_id,target_ip,latency_ms,hops,packet_loss';
/** What the command asks for. */
const header = `${columns},interval_seconds\n`;
const gzip = (bytes: Buffer): Buffer => gunzipSync(bytes);
const zstd = (bytes: Uint8Array): Buffer => zstdDecompressSync(bytes);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningServer;
let call: Caller;
let id: string;
let movedIn: Ended;
const history = csvRows(rowCount);

/** Replies of all sizes, one in 97 lost, one in 50 without hops; no latency ends in a zero, so texts can be compared. */
function csvRows(rows: number): string[] {
  return Array.from({ length: rows }, (_, index) => {
    const time = new Date(startAt + index * 1000 + (index % 3)).toISOString();
    if (index % 97 === 0) return `${time},,,1`;
    const latency = (index * 7919) % 2_000_000;
    return `${time},${latency / 1000},${index % 50 === 0 ? '' : index % 30},0`;
  });
}

const withoutInterval = (row: string): string => row.slice(0, row.lastIndexOf(','));

async function fileOf(name: string, rows: readonly string[]): Promise<string> {
  const file = join(folder.path, name);
  await writeFile(file, `time,latency_ms,hops,packet_loss\n${rows.join('\n')}\n`);
  return file;
}

/** The answer as it begins to come. */
async function download(url: string, path: string): Promise<Response> {
  const body = JSON.stringify({ username: 'admin', password: 'changeme' });
  const headers = { 'content-type': 'application/json' };
  const login = await fetch(`${url}/auth/login`, { method: 'POST', headers, body });
  const { access_token: token } = (await login.json()) as { access_token: string };
  return await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
}

let addresses = 0;
async function addTarget(): Promise<string> {
  const { json } = await call('POST', '/targets', { ip: `127.0.8.${++addresses}`, frequency: 3600 });
  await call('POST', `/targets/${String(json.id)}/pause`);
  return String(json.id);
}

async function exported(target: string, ...options: readonly string[]): Promise<Buffer> {
  const file = join(folder.path, 'exported');
  const run = await pmd(
    server,
    'target',
    'export',
    target,
    '-o',
    file,
    '--force',
    '--to',
    '2026-06-01T00:00:00Z',
    ...options,
  );
  expect(run).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('Written to') });
  return readFile(file);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startServer(folder.path, { RETENTION_RAW_DAYS: '0' });
  call = await logIn(server.url);
  id = await addTarget();
  movedIn = await pmd(server, 'import', await fileOf('history.csv', history), '--target', id, '--json');
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe('export', () => {
  test('what was imported is exported: CSV, row for row', async () => {
    expect(movedIn).toMatchObject({ code: 0, stderr: '' });
    const counts = { row_count: rowCount, stored: rowCount, duplicates: 0, error_count: 0, errors: [] };
    expect(JSON.parse(movedIn.stdout)).toMatchObject({ ...counts, state: 'done', file_name: 'history.csv' });
    const [first, ...rows] = (await exported(id)).toString().trimEnd().split('\n');
    expect(`${first ?? ''}\n`).toBe(header);
    expect(rows.map((row) => withoutInterval(row).replace(`,${id},127.0.8.1,`, ','))).toEqual(history);
    const { text } = await call('GET', `/targets/${id}/logs/export?to=2026-01-05T01:00:00Z`);
    expect(text.split('\n').slice(0, 2)).toEqual([columns, withoutInterval(rows[0] ?? '')]);
  });

  test('Parquet, in row groups, contains the same as the CSV, with every codec', async () => {
    const csv = (await exported(id)).toString();
    for (const [options, codec] of [
      [[], 'ZSTD'],
      [['--compression', 'gzip'], 'GZIP'],
      [['--compression', 'none'], 'UNCOMPRESSED'],
    ] as const) {
      await exported(id, '--format', 'parquet', ...options);
      const file = await asyncBufferFromFile(join(folder.path, 'exported'));
      const metadata = await parquetMetadataAsync(file);
      expect(metadata.row_groups.length).toBeGreaterThan(1);
      expect(metadata.row_groups[0]?.columns[3]?.meta_data?.codec).toBe(codec);
      const compressors = { GZIP: (page: Uint8Array) => gzip(Buffer.from(page)), ZSTD: zstd };
      const rows = await parquetReadObjects({ file, metadata, compressors });
      expect(Object.keys(rows[0] ?? {}).join(',')).toBe(header.trim());
      const lines = rows.map(({ time, target_id, target_ip, latency_ms, hops, packet_loss, interval_seconds }) => {
        const cells = [(time as Date).toISOString(), target_id, target_ip, latency_ms, hops, packet_loss ? 1 : 0];
        return `${[...cells, interval_seconds].join(',')}\n`;
      });
      expect(header + lines.join('') === csv).toBe(true);
    }
  }, 60_000);

  test('a history without results is a valid file in each format', async () => {
    const empty = await addTarget();
    expect((await exported(empty, '--to', '2020-01-01T00:00:00Z')).toString()).toBe(header);
    expect(await exported(empty, '--to', '2020-01-01T00:00:00Z', '--format', 'ndjson')).toHaveLength(0);
    await exported(empty, '--to', '2020-01-01T00:00:00Z', '--format', 'parquet');
    const file = await asyncBufferFromFile(join(folder.path, 'exported'));
    expect(await parquetReadObjects({ file })).toEqual([]);
  });

  test('gzip and zstd decompress to the same text; media type and name match', async () => {
    const csv = await exported(id);
    const ndjson = await exported(id, '--format', 'ndjson');
    expect(gzip(await exported(id, '--compression', 'gzip')).equals(csv)).toBe(true);
    expect(zstd(await exported(id, '--compression', 'zstd')).equals(csv)).toBe(true);
    expect(zstd(await exported(id, '--compression', 'zstd', '--format', 'ndjson')).equals(ndjson)).toBe(true);
    for (const [query, type, ending] of [
      ['', 'text/csv; charset=utf-8', 'csv'],
      ['format=ndjson', 'application/x-ndjson', 'ndjson'],
      ['compression=gzip', 'application/gzip', 'csv.gz'],
      ['format=ndjson&compression=zstd', 'application/zstd', 'ndjson.zst'],
      ['format=parquet', 'application/vnd.apache.parquet', 'parquet'],
    ] as const) {
      const { headers } = await call('GET', `/targets/${id}/logs/export?to=2026-01-05T01:00:00Z&${query}`);
      expect(headers.get('content-type')).toBe(type);
      expect(headers.get('content-disposition')).toBe(`attachment; filename="pingmedaddy-target-${id}-logs.${ending}"`);
    }
    const faulty = await call('GET', `/targets/${id}/logs/export?compression=lzma`);
    expect([faulty.status, faulty.text]).toEqual([422, expect.stringContaining('must be none, gzip or zstd')]);
  });

  test('an existing file is kept without --force; wrong words are wrong usage', async () => {
    const file = join(folder.path, 'precious');
    await writeFile(file, 'mine');
    const refused = await pmd(server, 'target', 'export', id, '-o', file);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--force overwrites it') });
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect((await pmd(server, 'target', 'export', id, '-o', file, '--force', '--json')).stdout).toMatch(/"bytes":\d+/);
    expect((await readFile(file, 'utf8')).startsWith(header)).toBe(true);
    for (const args of [
      [id, '--format', 'xlsx'],
      [id, '--compression', 'rar'],
      ['--format', 'csv'],
    ]) {
      expect(await pmd(server, 'target', 'export', ...args)).toMatchObject({ code: 2, stdout: '' });
    }
  });

  test('an export whose target is erased, or whose server dies, is broken off, never completed, and reports what is missing', async () => {
    await using other = await temporaryFolder();
    await using victim = await startServer(other.path, { RETENTION_RAW_DAYS: '0' });
    const ask = await logIn(victim.url);
    await ask('POST', '/seed', { targets: 2, years: 0.1, interval_seconds: 1 });
    const [erased, left] = (await ask('GET', '/targets')).json as { id: number }[];
    const start = (target: number | undefined, file: string): Promise<Ended> =>
      startPmd(victim, ['target', 'export', String(target), '-o', file]).ended;
    const has = (file: string): Promise<true | undefined> =>
      until(
        `a part of ${file}`,
        async () => (statSync(join(other.path, file), { throwIfNoEntry: false })?.size ?? 0) > 0 || undefined,
      );
    const bodies = await Promise.all(
      ['format=csv', 'format=ndjson&compression=gzip'].map((query) =>
        download(victim.url, `/targets/${erased?.id}/logs/export?${query}`),
      ),
    );
    const ended = start(erased?.id, 'half.csv');
    await has('half.csv.partial');
    expect((await ask('DELETE', `/targets/${erased?.id}?purge=true`)).status).toBe(200);
    for (const { body } of bodies) await expect(new Response(body).arrayBuffer()).rejects.toThrow('terminated');
    const message =
      /The server broke the export off before its end: (\d+) rows up to (\S+) have come, later ones are missing\. They are kept in half\.csv\.partial\. If the target still exists, continue with: pmd target export \d+ --from (\S+)/;
    const broken = await ended;
    expect(broken).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(message) });
    const [, rows, last] = message.exec(broken.stderr) ?? [];
    const lines = (await readFile(join(other.path, 'half.csv.partial'), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(Number(rows) + 1);
    expect(lines.at(-1)?.split(',')).toEqual([last, ...Array.from({ length: 6 }, () => expect.any(String))]);

    const packed = start(left?.id, 'other.csv.gz');
    await has('other.csv.gz.partial');
    victim.process.kill('SIGKILL');
    const stderr = expect.stringContaining('before its end; other.csv.gz was not written. Try again.');
    expect(await packed).toMatchObject({ code: 1, stdout: '', stderr });
    expect((await readdir(other.path)).filter((name) => name.startsWith('other'))).toEqual([]);
  }, 60_000);
});

describe('import', () => {
  test('every exported format can be imported again, whatever the file is called', async () => {
    for (const options of [
      ['--format', 'ndjson'],
      ['--compression', 'gzip'],
      ['--compression', 'zstd', '--format', 'ndjson'],
    ]) {
      await exported(id, ...options);
      const other = await addTarget();
      const run = await pmd(server, 'import', join(folder.path, 'exported'), '--target', other, '--force', '--json');
      expect(JSON.parse(run.stdout)).toMatchObject({ stored: rowCount, duplicates: 0, error_count: 0 });
      const [first, ...rows] = (await exported(other)).toString().trimEnd().split('\n');
      expect(first).toBe(header.trim());
      const plain = rows.map((row) => withoutInterval(row).replace(/,\d+,127\.0\.8\.\d+,/, ','));
      expect(plain.join() === history.join()).toBe(true);
      expect(new Set(rows.map((row) => row.slice(row.lastIndexOf(',') + 1)))).toEqual(new Set(['1.001', '0.998']));
    }
    await exported(id, '--format', 'parquet');
    const parquet = await pmd(server, 'import', join(folder.path, 'exported'), '--target', id);
    expect(parquet).toMatchObject({ code: 1, stderr: expect.stringContaining('Parquet cannot be imported') });
  }, 60_000);

  test('bad rows are reported by line and left out, the rest is stored', async () => {
    const file = join(folder.path, 'bad.csv');
    const rows = [
      '\uFEFFtime,target_id,target_ip,latency_ms,hops,packet_loss',
      '2026-03-01T00:00:00.000Z,9,x,2147483,7,0',
      '2026-03-01T00:00:01.000Z,9,x,2147483.001,7,0',
      '',
      '2026-03-01T00:00:02.000Z,9,x,"1.5",7,"0"',
      '"2026-03-01T00:00:03.000Z,9,x,1.5,7,0',
      '2026-03-01T00:00:04.000Z,9,x,1.5,7.5,0',
      '1926-03-01T00:00:05.000Z,9,x,,,1',
      '2026-03-01T00:00:06.000Z,9,x,-1,7,0',
    ];
    await writeFile(file, rows.join('\r\n'));
    const other = await addTarget();
    const run = await pmd(server, 'import', file, '--target', other, '--force', '--json');
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('5 row(s) left out') });
    const answer = JSON.parse(run.stdout) as { errors: { row: number; message: string }[] };
    expect(answer).toMatchObject({ row_count: 7, stored: 2, duplicates: 0, error_count: 5 });
    expect(answer.errors.map(({ row }) => row)).toEqual([3, 6, 7, 8, 9]);
    expect(answer.errors[0]?.message).toBe('latency_ms: must be a number of milliseconds from 0 to 2147483, or empty.');
    const ndjson = '{"time":"2026-03-01T00:01:00Z","latency_ms":2147484,"packet_loss":false}\n\n7\n{"time":\n';
    await writeFile(file, ndjson);
    const lines = await pmd(server, 'import', file, '--target', other);
    expect(lines.stderr).toMatch(/row 1: latency_ms[^]*row 3: is not a JSON object[^]*row 4: is not valid JSON/);
  });

  test('a damaged or endless file is reported, and costs no row before the damage', async () => {
    const whole = await exported(id, '--compression', 'gzip');
    const file = join(folder.path, 'cut.gz');
    await writeFile(file, whole.subarray(0, whole.length / 2));
    const other = await addTarget();
    const run = await pmd(server, 'import', file, '--target', other, '--force', '--json');
    const answer = JSON.parse(run.stdout) as { row_count: number; stored: number; errors: unknown[] };
    expect(run.code).toBe(1);
    expect(answer.stored).toBe(answer.row_count);
    expect(answer.stored).toBeGreaterThan(rowCount / 4);
    expect(answer.errors).toEqual([
      { row: expect.any(Number), message: 'The compressed file is damaged or cut off here.' },
    ]);
    await writeFile(file, 'x'.repeat(200_000));
    expect(await pmd(server, 'import', file, '--target', other)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('longer than 65536 characters'),
    });
    expect(await pmd(server, 'import', file, '--target', '4711')).toMatchObject({ code: 4, stdout: '' });
  });

  test('an import that is interrupted, by either side, ends with the same data when it is run again', async () => {
    await using other = await temporaryFolder();
    // Enough batches that the first ones are stored while the others are on their way.
    const file = await fileOf('long.csv', csvRows(600_000));
    const expected = await readFile(file, 'utf8');
    let victim = await startServer(other.path, { RETENTION_RAW_DAYS: '0' });
    try {
      let ask = await logIn(victim.url);
      await ask('POST', '/targets', { ip: '127.0.8.99', frequency: 3600 });
      await ask('POST', '/targets/1/pause');
      const january = 'start=2026-01-01T00:00:00Z&end=2026-02-01T00:00:00Z&bucket_seconds=86400';
      const stored = async (): Promise<number> =>
        (await ask('GET', `/targets/1/insights?${january}`)).json.sample_count as number;
      const caller = startPmd(victim, ['import', file, '--target', '1']);
      await until('the first results', async () => (await stored()) > 0);
      caller.child.kill('SIGKILL');
      expect((await caller.ended).signal).toBe('SIGKILL');
      await until('it has ended', async () => (await ask('GET', '/imports/1')).json.state === 'failed');
      const before = await stored();
      expect(before).toBeLessThan(600_000);

      const served = startPmd(victim, ['import', file, '--target', '1']);
      await until('more results', async () => (await stored()) > before);
      // A caller that went away is not the server's fault.
      expect(victim.log.filter((line) => /"level":50|"level":60/.test(line))).toEqual([]);
      victim.process.kill('SIGKILL');
      expect(await served.ended).toMatchObject({ code: 1 });
      victim = await startServer(other.path, { RETENTION_RAW_DAYS: '0' });
      ask = await logIn(victim.url);

      const last = await pmd(victim, 'import', file, '--target', '1', '--json');
      const answer = JSON.parse(last.stdout) as { stored: number; duplicates: number };
      expect(answer).toMatchObject({ row_count: 600_000, error_count: 0 });
      expect(answer.stored + answer.duplicates).toBe(600_000);
      expect(answer.duplicates).toBeGreaterThan(0);
      const { text } = await ask('GET', '/targets/1/logs/export?to=2026-02-01T00:00:00Z');
      const rows = text.replaceAll(',1,127.0.8.99,', ',').replace('time,target_id,target_ip,', 'time,');
      expect(rows === expected).toBe(true);

      // Those that broke off are jobs like any other: all of them together have stored each row once.
      const jobs = (await ask('GET', '/imports')).json as {
        id: number;
        state: string;
        stored: number;
        failure: string;
      }[];
      expect(jobs.map(({ state, failure }) => [state, failure])).toEqual([
        ['done', null],
        ['failed', 'The server stopped during the import.'],
        ['failed', 'The upload was broken off.'],
      ]);
      expect(jobs.map((job) => job.stored).reduce((sum, count) => sum + count)).toBe(600_000);
      // An undo that is killed continues at the next start.
      const undoing = ask('POST', `/imports/${jobs[2]?.id}/undo`).catch(() => undefined);
      await until('some of it undone', async () => (await stored()) < 600_000);
      victim.process.kill('SIGKILL');
      await undoing;
      victim = await startServer(other.path, { RETENTION_RAW_DAYS: '0' });
      ask = await logIn(victim.url);
      const path = `/imports/${jobs[2]?.id}`;
      await until('it is undone', async () => (await ask('GET', path)).json.state === 'undone');
      expect(await stored()).toBe(600_000 - (jobs[2]?.stored ?? 0));
      for (const job of jobs.slice(0, 2)) expect((await ask('POST', `/imports/${job.id}/undo`)).status).toBe(200);
      expect(await stored()).toBe(0);
      expect((await ask('GET', '/targets/1/logs/export?to=2026-02-01T00:00:00Z')).text).toBe(`${columns}\n`);
    } finally {
      await victim[Symbol.asyncDispose]();
    }
  }, 120_000);

  const job = async (...args: string[]) => JSON.parse((await pmd(server, ...args, '--json')).stdout);
  const minuteRows = (count: number, lost: (index: number) => boolean = () => false): string[] =>
    Array.from({ length: count }, (_, index) => {
      const time = new Date(Date.UTC(2026, 1, 3) + index * 60_000).toISOString();
      return lost(index) ? `${time},,,1` : `${time},12.5,4,0`;
    });
  const insights = async (target: string, query: string) =>
    (await call('GET', `/targets/${target}/insights?${query}&bucket_seconds=86400`)).json;
  const february3 = 'start=2026-02-03T00:00:00Z&end=2026-02-04T00:00:00Z';

  test('history with one row per minute covers its time in a target probed every second, including outages, until it is undone', async () => {
    const { json } = await call('POST', '/targets', { ip: '127.0.8.100', frequency: 1 });
    const target = String(json.id);
    await call('POST', `/targets/${target}/pause`);
    const gap = (index: number): boolean => index >= 600 && index < 660;
    const rows = minuteRows(1440, (index) => index >= 100 && index < 110).filter((_, index) => !gap(index));
    const file = await fileOf('minutes.csv', rows.toReversed());
    const moved = await pmd(server, 'import', file, '--target', target);
    const range = 'from 2026-02-03T00:00:00.000Z to 2026-02-03T23:59:00.000Z; pmd import undo';
    expect(moved).toMatchObject({ code: 0, stdout: expect.stringContaining(range) });
    const [{ id: newest }] = await job('import', 'list', '--target', target);
    expect(await job('import', 'show', String(newest))).toMatchObject({
      ...{ state: 'done', file_name: 'minutes.csv', started_by: 'admin', row_count: 1380, stored: 1380, refused: 0 },
      ...{ from: '2026-02-03T00:00:00.000Z', to: '2026-02-03T23:59:00.000Z' },
    });
    expect((await insights(target, february3)).coverage).toBeCloseTo(1380 / 1440, 3);
    const outages = async () => (await call('GET', `/targets/${target}/outages`)).json.outages;
    expect(await outages()).toMatchObject([
      { start: '2026-02-03T01:40:00.000Z', end: '2026-02-03T01:50:00.000Z', lost_probes: 10, ended_by: 'recovery' },
    ]);
    expect((await insights(target, february3)).availability_percent).toBeLessThan(99.5);
    expect(await pmd(server, 'import', 'undo', String(newest))).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('add --yes') },
    });
    expect(await pmd(server, 'import', 'undo', String(newest), '--yes')).toMatchObject({
      ...{ code: 0, stdout: `Import ${newest} undone: 1380 results removed\n` },
    });
    expect([await outages(), (await insights(target, february3)).sample_count]).toEqual([[], 0]);
    const again = await pmd(server, 'import', 'undo', String(newest), '--yes');
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('has been undone already') });
    expect(await pmd(server, 'import', 'show', '4711')).toMatchObject({ code: 4 });
    expect(await pmd(server, 'import', file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--target ID'),
    });
  });

  test('an outage is found across the seam of two files', async () => {
    const target = await addTarget();
    const rows = minuteRows(120, (index) => index >= 57 && index < 64);
    for (const half of [rows.slice(60), rows.slice(0, 60)]) {
      expect(await job('import', await fileOf('half.csv', half), '--target', target)).toMatchObject({ stored: 60 });
    }
    const { outages } = (await call('GET', `/targets/${target}/outages`)).json;
    expect(outages).toMatchObject([{ start: '2026-02-03T00:57:00.000Z', lost_probes: 7, ended_by: 'recovery' }]);
  });

  test('an interval in the file counts, in seconds', async () => {
    const target = await addTarget();
    const file = join(folder.path, 'intervals.csv');
    await writeFile(
      file,
      '\uFEFFtime;latency_ms;packet_loss;interval_seconds\n2026-02-03T02:00:00+02:00;1,5;0;30,5\n' +
        '2026-02-03T00:01:00Z;1,5;0;\n2026-02-03T00:02:00Z;1,5;0;0\n2026-02-03T00:02:00Z;1,5;0;x\n',
    );
    const run = await pmd(server, 'import', file, '--target', target, '--json');
    const fault = 'interval_seconds: must be a number of seconds from 0.001 to 86400, or empty.';
    expect(JSON.parse(run.stdout)).toMatchObject({
      ...{ stored: 2, refused: 2, refused_reasons: { invalid: 2 } },
      errors: [4, 5].map((row) => ({ row, message: fault })),
    });
    expect((await insights(target, february3)).coverage * 86_400).toBeCloseTo(90.5, 3);
  });

  test('a file of another target is refused and named, unless forced', async () => {
    const target = await addTarget();
    const address = `127.0.8.${addresses}`;
    const theirs = (index: number): string => `2026-02-03T00:00:0${index}Z,${target},127.0.8.250,1,0,0`;
    const ours = (index: number): string => `2026-02-03T00:00:0${index}Z,99,${address},1,0,0`;
    const file = join(folder.path, 'theirs.csv');
    const write = (...rows: string[]): Promise<void> => writeFile(file, `${columns}\n${rows.join('\n')}\n`);
    await write(theirs(0), ours(1));
    const before = (await call('GET', '/imports')).json.length;
    const refused = await pmd(server, 'import', file, '--target', target);
    expect(refused).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: expect.stringContaining(`holds results of 127.0.8.250, not of target ${target} (${address})`),
    });
    // A large file is refused while the rest of it is still being sent.
    await write(`${theirs(0)}\n`.repeat(400_000));
    expect(await pmd(server, 'import', file, '--target', target)).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('nothing was imported. To import it all the same, add --force') },
    });
    expect((await call('GET', '/imports')).json).toHaveLength(before);
    const csv = { 'content-type': 'text/csv' };
    const { status, json } = await call('POST', `/targets/${target}/logs/import`, `${columns}\n${theirs(0)}\n`, csv);
    expect([status, json.type]).toEqual([409, 'urn:pingmedaddy:problem:other-target']);
    const idsOnly = 'time,target_id,latency_ms,packet_loss\n2026-02-03T00:00:09Z,99,1,0\n';
    expect((await call('POST', `/targets/${target}/logs/import`, idsOnly, csv)).status).toBe(409);
    await write(ours(1), theirs(2), ours(3), ours(3));
    expect(await job('import', file, '--target', target)).toMatchObject({
      ...{ row_count: 4, stored: 2, duplicates: 1, refused: 1, refused_reasons: { other_target: 1, invalid: 0 } },
      errors: [{ row: 3, message: `is of 127.0.8.250, not of target ${target} (${address}).` }],
    });
    await write(theirs(4), theirs(5));
    expect(await job('import', file, '--target', target, '--force')).toMatchObject({ stored: 2, refused: 0 });
    // Another target here of the same address, probed by TCP: its results are its own.
    const twin = (await call('POST', '/targets', { ip: address, port: 9, frequency: 3600 })).json.id;
    const twins = `${columns}\n2026-02-03T00:00:08Z,${twin},${address},1,0,0\n`;
    const given = await call('POST', `/targets/${target}/logs/import`, twins, csv);
    expect([given.status, given.json.type]).toEqual([409, 'urn:pingmedaddy:problem:other-target']);
    expect((await call('POST', `/targets/${twin}/logs/import`, twins, csv)).json.stored).toBe(1);
  });
});
