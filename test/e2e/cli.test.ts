import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, entry, startServer, temporaryFolder, until } from './server.ts';

// Every command as a child process, as a shell runs it.

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningServer;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startServer(folder.path);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ReturnType<typeof spawn> {
  return spawn(process.execPath, [entry, ...args], {
    cwd: folder.path,
    env: {
      PATH: process.env['PATH'] ?? '',
      XDG_CONFIG_HOME: folder.path,
      HOME: folder.path,
      PMD_URL: server.url,
      ...environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function pmd(
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
  input = '',
): Promise<Ended> {
  const child = start(args, environment);
  child.stdin?.end(input);
  const read = async (stream: NodeJS.ReadableStream | null): Promise<string> => {
    let text = '';
    for await (const chunk of stream ?? []) text += String(chunk);
    return text;
  };
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([read(child.stdout), read(child.stderr), ended]);
  return { code, stdout, stderr };
}

async function json(...args: readonly string[]): Promise<any> {
  const { code, stdout, stderr } = await pmd([...args, '--json'], credentials);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

const credentials = { PMD_USERNAME: 'admin', PMD_PASSWORD: 'changeme' };

describe('without a server', () => {
  test('pmd ping prints the outcome of one probe', async () => {
    for (const ip of ['127.0.0.1', '::1']) {
      const { code, stdout } = await pmd(['ping', ip, '--json'], { PMD_URL: 'http://127.0.0.1:1' });
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({ ip, latency_ms: expect.any(Number), hops: 0, packet_loss: false });
    }
    expect((await pmd(['ping', '127.0.0.1'])).stdout).toMatch(/^127\.0\.0\.1: reply in \d+\.\d+ ms, 0 hops away\n$/);
  });

  test('pmd config prints the effective settings, secrets masked, or every fault', async () => {
    const { stdout } = await pmd(['config', '--json'], { AUTH_SECRET: 'y'.repeat(32), APP_PORT: '8123' });
    expect(JSON.parse(stdout)).toMatchObject({ APP_PORT: '8123', AUTH_SECRET: '********', PING_TIMEOUT: '1.0' });
    const faulty = await pmd(['config'], { APP_PORT: 'x', PING_TIMEOUT: '-1' });
    expect(faulty.code).toBe(1);
    expect(faulty.stderr).toMatch(/APP_PORT must be[^]*PING_TIMEOUT must be/);
    expect(faulty.stdout).toBe('');
  });

  test('a missing server is reported with a remedy, and so is a port that Node refuses to call', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    holder.close();
    const nobody = await pmd(['target', 'list'], { ...credentials, PMD_URL: `http://127.0.0.1:${port}` });
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toMatch(/No server answers at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)\. Start it with/);
    const blocked = await pmd(['target', 'list'], { ...credentials, PMD_URL: 'http://127.0.0.1:6666' });
    expect(blocked.code).toBe(1);
    expect(blocked.stderr).toMatch(/refuses to call this port/);
  });

  test('wrong usage exits 2, with one sentence that says what is wrong', async () => {
    for (const [args, message] of [
      [['nonsense'], /unknown command 'nonsense'/],
      [['target', 'show'], /missing required argument 'id'/],
      [['target', 'show', 'x'], /An id is a whole number/],
      [['target', 'list', '--colour'], /unknown option '--colour'/],
      [['ping', '127.1'], /not an IPv4 or IPv6 address/],
      [['ping', '127.0.0.1', '--timeout', 'x'], /--timeout must be a number/],
    ] as const) {
      const { code, stdout, stderr } = await pmd(args, credentials);
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
      expect(stderr).toMatch(message);
    }
  });

  test('every command has a help text with an example', async () => {
    const { stdout } = await pmd(['--help']);
    expect(stdout).toContain('Exit codes');
    for (const args of [
      ['ping'],
      ['seed'],
      ['import'],
      ['watch'],
      ['traceroute'],
      ['login'],
      ['target', 'add'],
      ['target', 'logs'],
    ]) {
      const help = await pmd([...args, '--help']);
      expect(help.code).toBe(0);
      expect(help.stdout).toContain('Example:');
    }
  });

  test('completion knows the commands', async () => {
    expect((await pmd(['complete', 'bash'])).stdout).toContain('pmd');
    expect((await pmd(['complete', '--', 'tar'])).stdout).toContain('target');
  });
});

describe('authentication', () => {
  test('without credentials commands exit 3 and say how to get them', async () => {
    const { code, stderr } = await pmd(['target', 'list']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/pmd login/);
  });

  test('pmd login stores the token with mode 0600; pmd logout removes it', async () => {
    const wrong = await pmd(['login', '--username', 'admin', '--password-stdin'], {}, 'nope\n');
    expect(wrong.code).toBe(3);
    const { code, stdout } = await pmd(
      ['login', '--username', 'admin', '--password-stdin', '--json'],
      {},
      'changeme\n',
    );
    expect(code).toBe(0);
    const { file } = JSON.parse(stdout) as { file: string };
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await pmd(['target', 'list'])).code).toBe(0);
    expect((await pmd(['target', 'list'], { PMD_URL: server.url.replace('127.0.0.1', 'localhost') })).code).toBe(3);
    expect((await pmd(['logout'])).code).toBe(0);
    expect((await pmd(['target', 'list'])).code).toBe(3);
  });

  test('an expired stored token is renewed from the environment', async () => {
    expect((await pmd(['target', 'list'], credentials)).code).toBe(0);
    const file = join(folder.path, 'pingmedaddy', 'environment-session.json');
    const kept = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...kept, token: 'ended' }));
    expect((await pmd(['target', 'list'], credentials)).code).toBe(0);
  });

  test('PMD_TOKEN is used as it is', async () => {
    expect((await pmd(['target', 'list'], { PMD_TOKEN: 'nonsense' })).code).toBe(3);
  });
});

describe('targets and their history', () => {
  test('add, list, show, update, pause, resume, delete', async () => {
    const added = await json('target', 'add', '127.0.7.1', '--frequency', '0.1', '--notes', 'a note');
    expect(added).toEqual({ message: 'Started tracking 127.0.7.1', id: expect.any(Number) });
    const id = String(added.id);
    expect((await json('target', 'list')).map((target: { ip: string }) => target.ip)).toContain('127.0.7.1');
    expect((await pmd(['target', 'list'], credentials)).stdout).toMatch(/id\s+ip[^]*127\.0\.7\.1\s+0\.1 s\s+up/);
    expect(await json('target', 'update', id, '--notes', '', '--url', 'https://x.example/')).toMatchObject({
      notes: null,
      url: 'https://x.example/',
    });
    expect((await json('target', 'pause', id)).message).toBe('Tracking paused');
    expect((await json('target', 'show', id)).is_active).toBe(false);
    expect((await json('target', 'resume', id)).message).toBe('Tracking resumed');
    expect((await json('target', 'events', id)).map((event: { event_type: string }) => event.event_type)).toEqual([
      'start',
      'stop',
      'update',
      'start',
    ]);
    const refused = await pmd(['target', 'delete', id, '--purge'], credentials);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    await json('target', 'delete', id);
    expect(await pmd(['target', 'show', id], credentials)).toMatchObject({ code: 4, stdout: '' });
    await json('target', 'delete', id, '--purge', '--yes');
    expect((await pmd(['target', 'events', id], credentials)).code).toBe(4);
  });

  test('an existing target exits 1, an invalid one exits 2 with the field named', async () => {
    await json('target', 'add', '127.0.7.2');
    expect(await pmd(['target', 'add', '127.0.7.2'], credentials)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already'),
    });
    expect(await pmd(['target', 'add', '224.0.0.1'], credentials)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('multicast'),
    });
  });

  test('logs, insights, traceroute and export of a target; logs --follow continues', async () => {
    const id = String((await json('target', 'add', '127.0.7.3', '--frequency', '0.1')).id);
    await until('results', async () => (await json('target', 'logs', id, '--limit', '5')).length === 5);
    expect((await pmd(['target', 'logs', id], credentials)).stdout).toMatch(/Z\s+\d\.\d{3} ms\s+0 hops/);
    expect(await json('target', 'insights', id, '--window-minutes', '5')).toMatchObject({
      loss_count: 0,
      resolution: 'raw',
    });
    expect((await pmd(['target', 'insights', id], credentials)).stdout).toMatch(/p99 {2,}\d/);
    expect((await json('traceroute', id)).hops).toHaveLength(1);
    expect((await pmd(['traceroute', id], credentials)).stdout).toMatch(/1 {2,}127\.0\.7\.3/);
    const watched = await pmd(['traceroute', id, '--watch', '--count', '2', '-n'], credentials);
    expect(watched.stdout).toMatch(/^Path to 127\.0\.7\.3, 2 rounds\n.*\n {2}1 {2}127\.0\.7\.3 +0\.0% +2 /);
    const rounds = await pmd(['traceroute', id, '--watch', '--count', '2', '--json'], credentials);
    const lines = rounds.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { round: 1, hops: [{ hop: 1, sent_count: 1, reply_count: 1, loss_rate: 0 }] },
      { round: 2, hops: [{ hop: 1, sent_count: 2, reply_count: 2, addresses: [{ ip: '127.0.7.3' }] }] },
    ]);
    const file = join(folder.path, 'history.csv');
    expect((await pmd(['target', 'export', id, '-o', file], credentials)).code).toBe(0);
    expect(await readFile(file, 'utf8')).toMatch(/^time,target_id,/);
    // The name of the file says what is wanted in it.
    const beginnings = {
      'h.parquet': 'PAR1',
      'h.ndjson': '{"time"',
      'h.csv.gz': '\u001f\u008b',
      'h.csv.zst': '(\u00b5/\u00fd',
    };
    for (const [name, beginning] of Object.entries(beginnings)) {
      expect((await pmd(['target', 'export', id, '-o', join(folder.path, name)], credentials)).code).toBe(0);
      expect((await readFile(join(folder.path, name), 'latin1')).slice(0, beginning.length)).toBe(beginning);
    }

    const following = start(['target', 'logs', id, '--follow', '--json', '--limit', '1'], credentials);
    const followed: string[] = [];
    following.stdout?.on('data', (chunk) => followed.push(...String(chunk).trim().split('\n')));
    await until('twenty lines of live results', async () => followed.length >= 20);
    const ended = new Promise((resolve) => following.once('exit', resolve));
    following.kill('SIGINT');
    expect(await ended).toBe(0);
    const times = followed.map((line) => (JSON.parse(line) as { time: string }).time);
    // Each result from the first to the last, where the stored ones end and the live ones begin too.
    const stored = await until('the last is stored', async () => {
      const logs: { time: string }[] = await json('target', 'logs', id, '--limit', '1000');
      return logs.some(({ time }) => time === times.at(-1)) && logs.map(({ time }) => time);
    });
    expect(times).toEqual(stored.slice(stored.indexOf(times[0] ?? ''), stored.indexOf(times.at(-1) ?? '') + 1));

    const other = String((await json('target', 'add', '127.0.7.4', '--frequency', '3600')).id);
    const rows = (await readFile(file, 'utf8')).trim().split('\n').length - 1;
    const forced = ['import', file, '--target', other, '--force'];
    expect(await json(...forced)).toMatchObject({ stored: rows, error_count: 0 });
    expect(await json(...forced)).toMatchObject({ stored: 0, duplicates: rows });
  });

  test('targets are exported and imported as CSV; faults are reported by row and the exit code', async () => {
    const file = join(folder.path, 'targets.csv');
    await writeFile(file, 'ip,frequency\n127.0.7.5,2\nx,1\n');
    const { code, stdout, stderr } = await pmd(['target', 'import', file], credentials);
    expect(code).toBe(1);
    expect(stdout).toContain('1 created');
    expect(stderr).toContain('row 3: ip:');
    expect((await pmd(['target', 'export'], credentials)).stdout).toContain('127.0.7.5,2,,,true');
    expect((await pmd(['target', 'export', '--template'], credentials)).stdout).toMatch(
      /^ip,frequency,url,notes,is_active/,
    );
    expect((await pmd(['target', 'import', '/no/such/file'], credentials)).code).toBe(2);
  });

  test('watch shows the fleet, worst first', async () => {
    const watching = start(['watch', '--json'], credentials);
    const line = await new Promise<string>((resolve) =>
      watching.stdout?.once('data', (chunk) => resolve(String(chunk))),
    );
    const ended = new Promise((resolve) => watching.once('exit', resolve));
    watching.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(JSON.parse(line.split('\n')[0] ?? '')).toMatchObject({ counts: { up: expect.any(Number) } });
    const once = await pmd(['watch', '--once'], credentials);
    expect(once.code).toBe(0);
    expect(once.stdout).toMatch(/\d up.* {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC[^]*✓ 127\.0\.7\.3/);
  });
});

test('seed makes the same history for the same seed; its targets are never probed', async () => {
  const options = ['--targets', '2', '--years', '0.02', '--interval-seconds', '60', '--seed', '7'];
  const first = await json('seed', ...options);
  expect(first).toMatchObject({ stage: 'done', targets: 2, fraction: 1 });
  expect(first.results).toBeGreaterThan(2 * 0.019 * 365.25 * 1440);
  const synthetic = async (): Promise<{ id: number; ip: string }[]> =>
    (await json('target', 'list')).filter((target: { is_synthetic: boolean }) => target.is_synthetic);
  const [target] = await synthetic();
  if (target === undefined) throw new Error('there is no synthetic target');
  expect(target).toMatchObject({ ip: '198.18.0.1', is_active: false, notes: expect.stringContaining('never probed') });
  const window = ['--start', new Date(Date.now() - 6 * 86_400_000).toISOString(), '--bucket-seconds', '3600'];
  const insights = await json('target', 'insights', String(target.id), ...window);
  expect(insights.coverage).toBeGreaterThan(0.98);
  const events: { event_type: string }[] = await json('target', 'events', String(target.id));
  expect(new Set(events.map((event) => event.event_type))).toEqual(
    new Set(['start', 'down', 'recovery', 'path-change']),
  );
  expect(await pmd(['target', 'resume', String(target.id)], credentials)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('never probed'),
  });
  expect(await pmd(['traceroute', String(target.id)], credentials)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('never probed'),
  });
  expect(await pmd(['seed', ...options], credentials)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--reset'),
  });
  await json('seed', ...options, '--reset');
  const [again] = await synthetic();
  const end = ['--end', insights.window_end as string];
  const repeated = await json('target', 'insights', String(again?.id), ...window, ...end);
  expect(repeated.latency_p50_ms).toBe(insights.latency_p50_ms);
});

describe('easy mistakes', () => {
  /** In a terminal of its own, with what is typed into it; what the terminal showed. */
  async function inTerminal(
    command: string,
    talk: readonly (readonly [asked: string, typed: string])[],
  ): Promise<string> {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder.path,
      XDG_CONFIG_HOME: folder.path,
      PMD_URL: server.url,
    };
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env,
      cwd: folder.path,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    child.stdout.on('data', (chunk) => (shown += String(chunk)));
    for (const [asked, typed] of talk) {
      await until(asked, async () => shown.includes(asked));
      child.stdin.write(typed);
    }
    await once(child, 'close');
    return shown;
  }

  test('pmd login shows its questions', async () => {
    const talk = [
      ['User name: ', 'admin\r'],
      ['Password: ', 'changeme\r'],
    ] as const;
    const shown = await inTerminal(`"${process.execPath}" "${entry}" login`, talk);
    // Drawn behind what clears the line, not before it.
    expect(shown).toContain('\u001b[0JUser name: ');
    expect(shown).not.toContain('changeme');
    expect(shown).toMatch(/Logged in to http/);
  });

  test('an empty value resets a field', async () => {
    const { id } = await json('target', 'add', 'localhost', '--packet-size', '100', '--dscp', '8', '--ttl', '9');
    const emptied = ['--packet-size', '', '--dscp', '', '--ttl', '', '--host', ''];
    const updated = await json('target', 'update', String(id), ...emptied);
    expect(updated).toMatchObject({ packet_size: null, dscp: null, ttl: null, host: null });
    await json('target', 'update', String(id), '--tcp', '80');
    expect(await json('target', 'update', String(id), '--tcp', '')).toMatchObject({ probe: 'icmp', port: null });
    expect((await pmd(['target', 'delete', String(id), '--purge', '--yes'], credentials)).code).toBe(0);
  });

  test('the list says since when a target has been in its state, not since when it exists', async () => {
    const { id } = await json('target', 'add', '127.0.7.96');
    await until('a second that is another one', async () => {
      const { created_at } = await json('target', 'show', String(id));
      return new Date().toISOString().slice(0, 19) > String(created_at).slice(0, 19);
    });
    await json('target', 'pause', String(id));
    const { created_at, state_since } = await json('target', 'show', String(id));
    expect(String(state_since).slice(0, 19) > String(created_at).slice(0, 19)).toBe(true);
    const { stdout } = await pmd(['target', 'list'], credentials);
    const row = stdout.split('\n').find((line) => line.includes('127.0.7.96')) ?? '';
    expect(row.split(/ {2,}/)).toContain(String(state_since).slice(0, 19).replace('T', ' '));
  });

  test.each([
    [['--probe', 'tcp'], '--probe tcp needs a port: --tcp <port>.'],
    [['--probe', 'tcp', '--tcp', ''], '--probe tcp needs a port: --tcp <port>.'],
    [['--probe', 'icmp', '--tcp', '80'], '--tcp 80 contradicts --probe icmp: give one of the two.'],
  ])('%j is refused instead of being read as one of the two', async (options, message) => {
    const added = await pmd(['target', 'add', '127.0.7.97', ...options], credentials);
    expect(added).toEqual({ code: 2, stdout: '', stderr: `pmd: ${message}\n` });
  });

  test('--server names the server everywhere; --url is the link of a target, elsewhere its old name', async () => {
    const nobody = { ...credentials, PMD_URL: 'http://127.0.0.1:9' };
    const added = await pmd(
      ['target', 'add', '127.0.7.99', '--server', server.url, '--url', 'http://router.example', '--json'],
      nobody,
    );
    const { id } = JSON.parse(added.stdout) as { id: number };
    const shown = await pmd(['target', 'show', String(id), '--url', server.url, '--json'], nobody);
    expect(shown.stderr).toBe('pmd: --url is deprecated here; use --server.\n');
    expect(JSON.parse(shown.stdout)).toMatchObject({ url: 'http://router.example' });
    const updated = await pmd(['target', 'update', String(id), '--server', server.url, '--url', '', '--json'], nobody);
    expect(JSON.parse(updated.stdout)).toMatchObject({ url: null });
    const command = ['target', 'delete', String(id), '--purge', '--yes', '--server', server.url];
    expect(await pmd(command, nobody)).toMatchObject({ code: 0, stderr: '' });
  });

  test('an export of targets has everything that an import accepts, and no file has a misleading name', async () => {
    const look = ['--tag', 'core', '--packet-size', '100', '--dscp', '8', '--ttl', '9', '--tcp', '', '--dont-fragment'];
    const { id } = await json('target', 'add', '127.0.7.98', ...look.filter((word) => word !== '--tcp' && word !== ''));
    const { stdout } = await pmd(['target', 'export'], credentials);
    expect(stdout.split('\n')[0]).toBe(
      'ip,frequency,url,notes,is_active,tags,host,family,probe,port,packet_size,dscp,ttl,dont_fragment',
    );
    expect(stdout).toMatch(/^127\.0\.7\.98,1,,,true,core,,,icmp,,100,8,9,true$/m);
    await pmd(['target', 'delete', String(id), '--purge', '--yes'], credentials);
    const file = join(folder.path, 'all.csv');
    await writeFile(file, stdout);
    expect(await json('target', 'import', file)).toMatchObject({ created: 1, errors: [] });
    const again = (await json('target', 'list')).find(({ ip }: { ip: string }) => ip === '127.0.7.98');
    expect(again).toMatchObject({ tags: ['core'], packet_size: 100, dscp: 8, ttl: 9, dont_fragment: true });
    await pmd(['target', 'delete', String(again.id), '--purge', '--yes'], credentials);
    for (const [args, endings] of [
      [['target', 'export', '-o', 'x.xlsx'], '.csv'],
      [
        ['target', 'export', '1', '-o', 'x.json'],
        '.csv, .csv.gz, .csv.zst, .ndjson, .ndjson.gz, .ndjson.zst, .parquet',
      ],
    ] as const) {
      const { code, stderr } = await pmd([...args], credentials);
      expect([code, stderr]).toEqual([
        2,
        `pmd: ${args.at(-1)} names a format in which this export cannot be written; known endings are ${endings}.\n`,
      ]);
    }
  });

  test('a file name that does not fit its content is refused before a request is sent', async () => {
    for (const [args, sentence] of [
      [['backup', 'pmd.zip'], 'pmd: A backup is an SQLite database and no .zip file; name it .db, for example.\n'],
      [['backup', 'nowhere/pmd.db'], 'pmd: There is no folder nowhere; make it first.\n'],
      [['target', 'export', '-o', 'nowhere/x.csv'], 'pmd: There is no folder nowhere; make it first.\n'],
    ] as const) {
      const { code, stderr } = await pmd([...args], { PMD_URL: 'http://127.0.0.1:9' });
      expect([code, stderr]).toEqual([2, sentence]);
    }
  });

  test('no message shows a secret', async () => {
    for (const environment of [
      { PMD_TOKEN: 'pmd_very\nsecret' },
      { PMD_URL: 'http://anna:very-secret@127.0.0.1:9' },
      { PMD_URL: 'htp://anna:very-secret@127.0.0.1:9' },
    ] as Record<string, string>[]) {
      const { code, stdout, stderr } = await pmd(['target', 'list'], environment);
      expect(code).not.toBe(0);
      expect(stdout + stderr).not.toMatch(/secret/);
      expect(stderr).toMatch(/PMD_TOKEN has|set PMD_USERNAME and PMD_PASSWORD|is not an http or https address/);
    }
    for (const url of ['postgresql://u:12#secret@127.0.0.1:9/x', 'postgres://u:12/secret@127.0.0.1:9/x']) {
      const { code, stderr } = await pmd(['serve'], { DATABASE_URL: url });
      expect(code).toBe(1);
      expect(stderr).not.toMatch(/secret/);
      expect(stderr).toMatch(/DATABASE_URL .*write # as %23/);
    }
    const moved = await pmd(['migrate-store', 'postgresql://u:12?secret@127.0.0.1:9/x', 'sqlite:./moved.db'], {});
    expect(moved.code).toBe(1);
    expect(moved.stderr).not.toMatch(/12|secret/);
    expect(moved.stderr).toMatch(/must be like postgresql:.* write # as %23/);
  });

  test('a full disk is reported in a sentence, and completion can be sourced twice', async () => {
    const environment = Object.entries({ ...credentials, PMD_URL: server.url, HOME: folder.path }).map(
      ([n, v]) => `${n}=${v}`,
    );
    const command = `"${process.execPath}" "${entry}" target list --json > /dev/full`;
    const full = spawn('env', [...environment, 'sh', '-c', command], { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    full.stderr.on('data', (chunk) => (text += String(chunk)));
    const [code] = (await once(full, 'close')) as [number];
    expect([code, text]).toEqual([1, 'pmd: The output cannot be written: there is no space left on the device.\n']);
    const { stdout } = await pmd(['complete', 'bash']);
    const file = join(folder.path, 'complete.bash');
    await writeFile(file, stdout);
    const bash = spawn('bash', ['-c', `source '${file}'; source '${file}'`], { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    bash.stderr.on('data', (chunk) => (complaint += String(chunk)));
    expect(await once(bash, 'close')).toEqual([0, null]);
    expect(complaint).toBe('');
  });
});
