import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, type RunningServer, callerWith, logIn, startServer, temporaryFolder, until } from './server.ts';

// Every row of the outer interface that users' scripts rely on, over plain HTTP against the running product.

/** Dashboards and alerts of others name them. */
const metricNames = {
  counter: `icmp_errors_total probe_replies_total probe_timeouts_total probe_unreachable_total
    probes_not_sent_total probes_sent_total probing_thread_restarts_total receive_overflows_total
    replies_duplicate_total replies_late_total replies_wrong_source_total replies_wrong_token_total
    replies_wrong_total results_dropped_total results_stored_total streams_dropped_total
    target_oddities_total`,
  gauge: `open_streams results_pending results_spooled rollups_behind_seconds send_lateness_p50_seconds
    send_lateness_p99_seconds spool_bytes storage_bytes stream_readers targets targets_probed`,
};
const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningServer;
let call: Caller;
let anonymous: Caller;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startServer(folder.path, { PROBE_DENY: '127.66.0.0/16' });
  call = await logIn(server.url);
  anonymous = callerWith(server.url, undefined);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function add(ip: string, more: object = {}): Promise<number> {
  const { status, json } = await call('POST', '/targets', { ip, ...more });
  expect(status).toBe(200);
  return json.id;
}

async function withLogs(id: number, count = 3): Promise<readonly Record<string, unknown>[]> {
  return until(`${count} results of target ${id}`, async () => {
    const { json } = await call('GET', `/targets/${id}/logs`);
    return json.length >= count && json;
  });
}

function expectProblem(answer: Awaited<ReturnType<Caller>>, status: number, detail: RegExp): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.json).toMatchObject({ status, title: expect.any(String), type: expect.any(String) });
  expect(answer.json.detail).toMatch(detail);
}

describe('authentication', () => {
  test('POST /auth/login answers a bearer token and its lifetime', async () => {
    const { status, json } = await anonymous('POST', '/auth/login', { username: 'admin', password: 'changeme' });
    expect(status).toBe(200);
    expect(json).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 86_400 });
  });

  test('a wrong password and an unknown user are 401 in the same words', async () => {
    const wrong = await anonymous('POST', '/auth/login', { username: 'admin', password: 'nope' });
    const unknown = await anonymous('POST', '/auth/login', { username: 'nobody', password: 'nope' });
    expectProblem(wrong, 401, /wrong/);
    expect(unknown.json.detail).toBe(wrong.json.detail);
  });

  test('too many failures are 429 with Retry-After, and do not lock the account for others', async () => {
    const guess = (): ReturnType<Caller> => anonymous('POST', '/auth/login', { username: 'guessed', password: 'x' });
    for (let attempt = 0; attempt < 5; attempt++) expect((await guess()).status).toBe(401);
    const refused = await guess();
    expectProblem(refused, 429, /try again in/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await anonymous('POST', '/auth/login', { username: 'admin', password: 'changeme' })).status).toBe(200);
  });

  test.each([
    ['GET', '/targets'],
    ['POST', '/targets'],
    ['GET', '/targets/1'],
    ['PATCH', '/targets/1'],
    ['DELETE', '/targets/1'],
    ['POST', '/targets/1/pause'],
    ['POST', '/targets/1/resume'],
    ['GET', '/targets/1/logs'],
    ['GET', '/targets/1/logs/export'],
    ['GET', '/targets/1/events'],
    ['GET', '/targets/1/insights'],
    ['POST', '/targets/1/traceroute'],
    ['GET', '/targets/import/template'],
    ['GET', '/targets/export'],
    ['POST', '/targets/import'],
    ['GET', '/fleet'],
    ['GET', '/stream'],
    ['GET', '/config'],
    ['GET', '/metrics'],
    ['GET', '/docs'],
    ['GET', '/redoc'],
    ['GET', '/openapi.json'],
    ['GET', '/docs/static/index.html'],
    ['GET', '/nothing/here'],
  ])('%s %s without a token is 401', async (method, path) => {
    expectProblem(await anonymous(method, path), 401, /needs a token/);
  });

  test('a forged, altered or foreign token is 401', async () => {
    const { json } = await anonymous('POST', '/auth/login', { username: 'admin', password: 'changeme' });
    const [header, payload] = json.access_token.split('.');
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`;
    for (const token of ['x', `${header}.${payload}.x`, unsigned, `${json.access_token}x`]) {
      expectProblem(await callerWith(server.url, token)('GET', '/targets'), 401, /log in again/);
    }
  });

  test('a trailing slash is optional', async () => {
    expect((await call('GET', '/targets/')).status).toBe(200);
    expect((await anonymous('GET', '/livez/')).status).toBe(200);
  });
});

describe('targets', () => {
  test('POST /targets returns what it started; GET /targets and /targets/{id} show it', async () => {
    const { status, json } = await call('POST', '/targets', { ip: '127.0.1.1', url: '', notes: 'first' });
    expect(status).toBe(200);
    expect(json).toEqual({ message: 'Started tracking 127.0.1.1', id: expect.any(Number) });
    const shape = {
      id: json.id,
      ip: '127.0.1.1',
      frequency: 1,
      is_active: true,
      created_at: expect.stringMatching(utc),
      url: null,
      notes: 'first',
    };
    expect((await call('GET', `/targets/${json.id}`)).json).toMatchObject(shape);
    expect((await call('GET', '/targets')).json).toContainEqual(expect.objectContaining(shape));
  });

  test('an address in use is 400, however it is written', async () => {
    await add('::1');
    expectProblem(await call('POST', '/targets', { ip: '0:0:0:0:0:0:0:1' }), 400, /already/);
  });

  test.each([
    [{ ip: 'router.example' }, 'ip', /not an IPv4 or IPv6 address/],
    [{ ip: '0.0.0.0' }, 'ip', /unspecified/],
    [{ ip: '224.0.0.1' }, 'ip', /multicast/],
    [{ ip: '255.255.255.255' }, 'ip', /broadcast/],
    [{ ip: '::ffff:127.0.0.1' }, 'ip', /IPv4-mapped/],
    [{ ip: 5 }, 'ip', /IPv4 or IPv6/],
    [{}, 'ip', /IPv4 or IPv6/],
    [{ ip: '127.0.9.1', frequency: 0 }, 'frequency', /0\.1 to 3600/],
    [{ ip: '127.0.9.1', frequency: 3601 }, 'frequency', /0\.1 to 3600/],
    [{ ip: '127.0.9.1', frequency: '1' }, 'frequency', /number of seconds/],
    [{ ip: '127.0.9.1', url: 'ftp://x/' }, 'url', /http or https/],
    [{ ip: '127.0.9.1', url: 'javascript:alert(1)' }, 'url', /http or https/],
    [{ ip: '127.0.9.1', notes: 'x'.repeat(2001) }, 'notes', /2000/],
    [{ ip: '127.0.9.1', colour: 'red' }, 'colour', /not a field/],
  ])('%j is 422 and names %s', async (body, field, message) => {
    const before = (await call('GET', '/targets')).json.length;
    const answer = await call('POST', '/targets', body);
    expectProblem(answer, 422, message);
    expect(answer.json.errors).toEqual([{ field, message: expect.stringMatching(message) }]);
    expect((await call('GET', '/targets')).json).toHaveLength(before);
  });

  test('every faulty field is named at once, and a body that is not JSON is 422', async () => {
    const { json } = await call('POST', '/targets', { ip: 'x', frequency: -1, notes: 7, extra: 1 });
    const fields = json.errors.map((fault: { field: string }) => fault.field);
    expect(fields.toSorted()).toEqual(['extra', 'frequency', 'ip', 'notes']);
    const headers = { 'content-type': 'application/json' };
    expectProblem(await call('POST', '/targets', '{"ip":', headers), 422, /JSON/);
  });

  test('an address that the probe policy denies is 403', async () => {
    expectProblem(await call('POST', '/targets', { ip: '127.66.0.1' }), 403, /PROBE_DENY/);
  });

  test('PATCH changes frequency, url and notes; "" clears; unknown fields are 422', async () => {
    const id = await add('127.0.1.2', { notes: 'old', url: 'https://a.example/' });
    const changed = await call('PATCH', `/targets/${id}`, { frequency: 0.5, url: '', notes: 'new' });
    expect(changed.status).toBe(200);
    expect(changed.json).toMatchObject({ id, frequency: 0.5, url: null, notes: 'new', is_active: true });
    expectProblem(await call('PATCH', `/targets/${id}`, { ip: '127.0.0.9' }), 422, /ip/);
    expect((await call('GET', `/targets/${id}/events`)).json[0]).toMatchObject({ event_type: 'update' });
  });

  test('a new frequency takes effect at the next probe', async () => {
    const id = await add('127.0.1.3', { frequency: 3600 });
    await call('PATCH', `/targets/${id}`, { frequency: 0.2 });
    await withLogs(id, 3);
  });

  test('pause and resume are idempotent, stop and start probing, and are events', async () => {
    const id = await add('127.0.1.4', { frequency: 0.1 });
    await withLogs(id, 1);
    for (let time = 0; time < 2; time++) {
      const { status, json } = await call('POST', `/targets/${id}/pause`);
      expect({ status, json }).toEqual({ status: 200, json: { message: 'Tracking paused', id } });
    }
    expect((await call('GET', `/targets/${id}`)).json.is_active).toBe(false);
    const count = async (): Promise<number> => (await call('GET', `/targets/${id}/logs?limit=1000`)).json.length;
    await until('the results in flight to be stored', async () => {
      const before = await count();
      await new Promise((wait) => setTimeout(wait, 1500));
      return (await count()) === before;
    });
    const paused = await count();
    expect((await call('POST', `/targets/${id}/resume`)).json).toEqual({ message: 'Tracking resumed', id });
    await until('results after resuming', async () => (await count()) > paused);
    const events = (await call('GET', `/targets/${id}/events`)).json;
    expect(events.map((event: { event_type: string }) => event.event_type)).toEqual(['start', 'stop', 'start']);
    expect(events[0]).toEqual({
      id: expect.any(Number),
      target_id: id,
      event_type: 'start',
      message: 'Tracking resumed',
      data: {},
      created_at: expect.stringMatching(utc),
    });
  });

  test('DELETE removes from the list, keeps the history, and adding the address again restores it', async () => {
    const id = await add('127.0.1.5', { frequency: 0.1 });
    await withLogs(id, 1);
    const deleted = await call('DELETE', `/targets/${id}`);
    expect(deleted.json).toEqual({ message: expect.any(String), id });
    expectProblem(await call('GET', `/targets/${id}`), 404, new RegExp(`${id}`));
    expect((await call('GET', '/targets')).json.map((target: { id: number }) => target.id)).not.toContain(id);
    expect((await call('GET', `/targets/${id}/logs`)).json.length).toBeGreaterThan(0);
    expect((await call('GET', `/targets/${id}/events`)).json[0].event_type).toBe('delete');
    expect(await add('127.0.1.5')).toBe(id);
    expect((await call('GET', `/targets/${id}/logs`)).json.length).toBeGreaterThan(0);
  });

  test('DELETE with purge=true erases it for good, whether deleted before or not', async () => {
    const id = await add('127.0.1.6', { frequency: 0.1 });
    await withLogs(id, 1);
    await call('DELETE', `/targets/${id}`);
    expect((await call('DELETE', `/targets/${id}?purge=true`)).json).toEqual({ message: expect.any(String), id });
    for (const path of ['logs', 'events', 'insights']) {
      expectProblem(await call('GET', `/targets/${id}/${path}`), 404, new RegExp(`${id}`));
    }
    expect(await add('127.0.1.6')).not.toBe(id);
  });

  test.each(['abc', '0', '1.5', '99999999999'])('the id %s is 422', async (id) => {
    expectProblem(await call('GET', `/targets/${id}`), 422, /whole number/);
  });

  test('an unknown id is 404 everywhere', async () => {
    const calls = [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['DELETE', '?purge=true'],
      ['POST', '/pause'],
      ['POST', '/resume'],
      ['GET', '/logs'],
      ['GET', '/logs/export'],
      ['GET', '/events'],
      ['GET', '/insights'],
      ['POST', '/traceroute'],
    ] as const;
    for (const [method, path] of calls) {
      const body = method === 'PATCH' ? { notes: 'x' } : undefined;
      expectProblem(await call(method, `/targets/4711${path}`, body), 404, /Target 4711 not found/);
    }
  });
});

describe('history', () => {
  test('logs come oldest to newest, with latency, hops and loss', async () => {
    const id = await add('127.0.2.1', { frequency: 0.1 });
    const logs = await withLogs(id, 10);
    for (const entry of logs) {
      expect(entry).toEqual({
        time: expect.stringMatching(utc),
        latency_ms: expect.any(Number),
        hops: 0,
        packet_loss: false,
      });
    }
    const times = logs.map((entry) => String(entry['time']));
    expect(times).toEqual(times.toSorted());
    expect((await call('GET', `/targets/${id}/logs?limit=2`)).json).toHaveLength(2);
    for (const limit of ['0', '1001', 'x']) {
      expectProblem(await call('GET', `/targets/${id}/logs?limit=${limit}`), 422, /limit: must be a whole number/);
    }
    expectProblem(await call('GET', `/targets/${id}/logs?colour=red`), 422, /colour/);
  });

  test('a lost probe has null latency and hops', async () => {
    const id = await add('127.0.2.2', { frequency: 0.1 });
    await withLogs(id, 1);
    const outage = Array.from({ length: 3 }, (_, index) => ({
      time: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
      latency_ms: null,
      hops: null,
      packet_loss: true,
    }));
    const text = outage.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    await call('POST', `/targets/${id}/logs/import`, text, { 'content-type': 'application/x-ndjson' });
    const exported = await call('GET', `/targets/${id}/logs/export?format=ndjson&to=2026-01-02T00:00:00Z`);
    const lines = exported.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual(outage.map((entry) => ({ ...entry, target_id: id, target_ip: '127.0.2.2' })));
  });

  test('the export is a CSV attachment of all raw history, oldest first', async () => {
    const id = await add('127.0.2.3', { frequency: 0.1 });
    await withLogs(id, 5);
    const { text, headers } = await call('GET', `/targets/${id}/logs/export`);
    expect(headers.get('content-type')).toMatch(/^text\/csv/);
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename=/);
    const [header, ...rows] = text.trim().split('\n');
    expect(header).toBe('time,target_id,target_ip,latency_ms,hops,packet_loss');
    expect(rows.length).toBeGreaterThanOrEqual(5);
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
    for (const row of rows) expect(row).toMatch(new RegExp(`^${time},${id},127\\.0\\.2\\.3,[\\d.]+,0,0$`));
    expect(rows).toEqual(rows.toSorted());
    const from = rows[3]?.split(',')[0] ?? '';
    const part = await call('GET', `/targets/${id}/logs/export?from=${from}`);
    expect(part.text.split('\n')[1]).toBe(rows[3]);
    expectProblem(await call('GET', `/targets/${id}/logs/export?from=yesterday`), 422, /from: must be an RFC 3339/);
  });

  test('an export can be imported again: stored once, then recognised as present', async () => {
    const id = await add('127.0.2.4', { frequency: 3600 });
    const csv =
      'time,target_id,target_ip,latency_ms,hops,packet_loss\n' +
      '2026-02-01T00:00:00.000Z,9,127.0.2.4,1.5,7,0\n2026-02-01T00:00:01.000Z,9,127.0.2.4,,,1\n2026-02-30,9,x,1,1,0\n';
    const headers = { 'content-type': 'text/csv' };
    const first = await call('POST', `/targets/${id}/logs/import`, csv, headers);
    expect(first.json).toMatchObject({
      row_count: 3,
      stored: 2,
      duplicates: 0,
      error_count: 1,
      errors: [{ row: 4, message: expect.stringMatching(/^time: /) }],
    });
    expect((await call('POST', `/targets/${id}/logs/import`, csv, headers)).json).toMatchObject({
      stored: 0,
      duplicates: 2,
    });
    const bad =
      'time,latency_ms,packet_loss\nxx\n2026-02-01T00:00:02Z,2,0\n"a"b,1,0\n2099-01-01T00:00:00Z,1,0\n' +
      '2026-02-01T00:00:03Z,,0\n';
    const partly = (await call('POST', `/targets/${id}/logs/import`, bad, headers)).json;
    expect(partly).toMatchObject({ row_count: 5, stored: 1, error_count: 4 });
    expect(partly.errors.map(({ row }: { row: number }) => row)).toEqual([2, 4, 5, 6]);
    expect((await call('POST', `/targets/${id}/logs/import`, '', headers)).json.errors).toHaveLength(1);
    const { text } = await call('GET', `/targets/${id}/logs/export?to=2026-02-01T00:00:02Z`);
    expect(text).toBe(
      'time,target_id,target_ip,latency_ms,hops,packet_loss\n' +
        `2026-02-01T00:00:00.000Z,${id},127.0.2.4,1.5,7,0\n2026-02-01T00:00:01.000Z,${id},127.0.2.4,,,1\n`,
    );
  });
});

describe('insights', () => {
  test('all fields of the contract, by default for the last hour', async () => {
    const id = await add('127.0.3.1', { frequency: 0.1 });
    await withLogs(id, 20);
    const { json } = await call('GET', `/targets/${id}/insights`);
    expect(json).toMatchObject({
      target_id: id,
      target_ip: '127.0.3.1',
      created_at: expect.stringMatching(utc),
      window_minutes: 60,
      window_start: expect.stringMatching(utc),
      window_end: expect.stringMatching(utc),
      loss_count: 0,
      uptime_percent: 100,
      resolution: 'raw',
      percentile_error_bound: 0,
      hops: { last: 0, min: 0, max: 0, most_frequent: 0 },
    });
    expect(json.sample_count).toBeGreaterThanOrEqual(20);
    expect(json.coverage).toBeGreaterThan(0);
    expect(json.coverage).toBeLessThan(0.1);
    const { latency_min_ms: min, latency_p50_ms: p50, latency_p95_ms: p95, latency_p99_ms: p99 } = json;
    const ordered = [min, p50, p95, p99, json.latency_max_ms];
    expect(ordered).toEqual(ordered.toSorted((a, b) => a - b));
    expect(json.jitter_ms).toBeGreaterThanOrEqual(0);
    for (const bucket of json.timeline) {
      expect(Date.parse(bucket.bucket) % 60_000).toBe(0);
      expect(Object.keys(bucket)).toEqual(
        expect.arrayContaining(['avg_latency_ms', 'min_latency_ms', 'max_latency_ms', 'loss_rate', 'sample_count']),
      );
    }
    const counted = json.timeline.reduce(
      (sum: number, bucket: { sample_count: number }) => sum + bucket.sample_count,
      0,
    );
    expect(counted).toBe(json.sample_count);
  });

  test('a window without replies has nulls, never 0 or NaN', async () => {
    const id = await add('127.0.3.2', { frequency: 3600 });
    const { json } = await call('GET', `/targets/${id}/insights?start=2020-01-01T00:00:00Z&end=2020-01-02T00:00:00Z`);
    expect(json).toMatchObject({
      sample_count: 0,
      loss_count: 0,
      uptime_percent: null,
      latency_avg_ms: null,
      latency_min_ms: null,
      latency_p99_ms: null,
      jitter_ms: null,
      hops: null,
      coverage: 0,
      timeline: [],
    });
  });

  test.each([
    ['window_minutes=0', /window_minutes: must be a whole number from 1/],
    ['window_minutes=2630881', /window_minutes: must be a whole number from 1 to 2630880/],
    ['bucket_seconds=0', /bucket_seconds/],
    ['bucket_seconds=86401', /bucket_seconds/],
    ['window_minutes=525600&bucket_seconds=60', /5000 are the most; 7200 fits/],
    ['start=2026-01-01T00:00:00Z&end=2026-01-01T00:00:30Z', /shortest is one minute/],
    ['start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z', /later than start/],
    ['start=2000-01-01T00:00:00Z&end=2026-01-01T00:00:00Z&bucket_seconds=86400', /five years/],
    ['start=noon', /RFC 3339/],
    ['start=2026-01-01T00:00:00Z&window_minutes=5', /cannot go with start/],
  ])('%s is 422 and says what would fit', async (query, detail) => {
    const id = (await call('GET', '/targets')).json[0].id;
    expectProblem(await call('GET', `/targets/${id}/insights?${query}`), 422, detail);
  });

  test('one minute to five years is answered, with buckets of a second to a day', async () => {
    const id = (await call('GET', '/targets')).json[0].id;
    for (const query of ['window_minutes=1&bucket_seconds=1', 'window_minutes=2630880&bucket_seconds=86400']) {
      expect((await call('GET', `/targets/${id}/insights?${query}`)).status).toBe(200);
    }
    // Where none is asked for, a length that fits.
    for (const [query, bucket] of [
      ['window_minutes=43200', 600],
      ['window_minutes=2630880', 43_200],
      ['start=2026-01-01T00:00:00Z&end=2026-10-01T00:00:00Z', 7200],
      ['window_minutes=60', 60],
    ] as const) {
      const { status, json } = await call('GET', `/targets/${id}/insights?${query}`);
      expect([query, status, json.bucket_seconds]).toEqual([query, 200, bucket]);
    }
  });
});

describe('traceroute', () => {
  test('the path to a loopback address is one hop', async () => {
    const id = await add('127.0.4.1', { frequency: 3600 });
    const { status, json } = await call('POST', `/targets/${id}/traceroute?max_hops=3&timeout=5`);
    expect(status).toBe(200);
    expect(json).toEqual({
      target_id: id,
      target_ip: '127.0.4.1',
      started_at: expect.stringMatching(utc),
      finished_at: expect.stringMatching(utc),
      duration_ms: expect.any(Number),
      hops: [
        {
          hop: 1,
          host: json.hops[0].host,
          ip: '127.0.4.1',
          rtt_ms: expect.any(Number),
          is_timeout: false,
          raw: expect.stringContaining('127.0.4.1'),
        },
      ],
    });
    for (const query of ['max_hops=0', 'max_hops=65', 'timeout=0.5', 'timeout=121']) {
      expectProblem(await call('POST', `/targets/${id}/traceroute?${query}`), 422, /must be a/);
    }
  });
});

describe('target files', () => {
  async function importFile(text: string, field = 'file'): ReturnType<Caller> {
    const form = new FormData();
    form.set(field, new Blob([text]), 'targets.csv');
    return call('POST', '/targets/import', form);
  }

  test('the template imports as it is', async () => {
    const { text, headers } = await call('GET', '/targets/import/template');
    expect(headers.get('content-type')).toMatch(/^text\/csv/);
    expect(text.split('\n')[0]).toBe('ip,frequency,url,notes,is_active');
  });

  test('import creates, skips existing targets, and names row and column of each fault', async () => {
    const { status, json } = await importFile(
      '\uFEFFip,frequency,url,notes,is_active\r\n127.0.5.1,2,https://a.example/,"a, b",true\r\n127.0.5.2,,,,false\r\n' +
        '127.0.5.1,,,,\r\nnowhere,1,,,\r\n127.0.5.3,0,,,maybe\r\n127.0.5.4,1\r\n127.66.1.1,1,,,\r\n',
    );
    expect(status).toBe(200);
    expect(json).toEqual({
      row_count: 7,
      created: 2,
      skipped_existing: 1,
      errors: [
        { row: 5, message: expect.stringMatching(/^ip: .*not an IPv4/) },
        { row: 6, message: expect.stringMatching(/^frequency: /) },
        { row: 6, message: expect.stringMatching(/^is_active: must be true or false/) },
        { row: 7, message: expect.stringMatching(/2 fields/) },
        { row: 8, message: expect.stringMatching(/^ip: .*PROBE_DENY/) },
      ],
    });
    const targets = (await call('GET', '/targets')).json as { ip: string }[];
    expect(targets.find(({ ip }) => ip === '127.0.5.1')).toMatchObject({
      frequency: 2,
      notes: 'a, b',
      is_active: true,
    });
    expect(targets.find(({ ip }) => ip === '127.0.5.2')).toMatchObject({ frequency: 1, notes: null, is_active: false });
  });

  test('an unreadable row affects only itself', async () => {
    const noise = await importFile('ip,notes\n127.0.5.6,ok\n"\u0000\u0001"x,"\n127.0.5.7,"not closed\n');
    expect(noise.status).toBe(200);
    expect(noise.json.created).toBe(1);
    expect(noise.json.errors.length).toBeGreaterThan(0);
    expect((await importFile('\u0003"\u0016":\f"M,"\n"x')).status).toBe(200);
  });

  test('the export is valid as an import', async () => {
    const { text } = await call('GET', '/targets/export');
    expect(text).toContain('127.0.5.1,2,https://a.example/,"a, b",true\n');
    const again = await importFile(text);
    expect(again.json).toMatchObject({ created: 0, errors: [] });
    expect(again.json.skipped_existing).toBe(again.json.row_count);
  });

  test('a missing file is 422, and an unknown column or an empty file is reported', async () => {
    expectProblem(await importFile('ip\n', 'other'), 422, /field file/);
    expectProblem(await call('POST', '/targets/import'), 422, /field file/);
    expect((await importFile('ip,colour\n127.0.5.9,red\n')).json.errors[0].message).toMatch(/"colour" is unknown/);
    expect((await importFile('')).json.errors).toEqual([{ row: 1, message: 'The file is empty.' }]);
  });
});

describe('system', () => {
  test('livez and readyz answer without a token', async () => {
    expect((await anonymous('GET', '/livez')).json).toEqual({ status: 'ok' });
    const { status, json } = await anonymous('GET', '/readyz');
    expect(status).toBe(200);
    expect(json.status).toBe('ok');
    expect(json.checks.prober.message).toMatch(/IPv4/);
  });

  test('the database’s place and messages need a token', async () => {
    const told = async (caller: Caller): Promise<string> => (await caller('GET', '/readyz')).text;
    expect(await told(call)).toMatch(/SQLite.*pingmedaddy\.db/);
    for (const caller of [anonymous, callerWith(server.url, 'x.y.z')])
      expect(await told(caller)).not.toMatch(/SQLite|\.db|\//);
  });

  test('metrics are Prometheus text', async () => {
    const { text, headers } = await call('GET', '/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    const sent = Number(/^pingmedaddy_probes_sent_total (\d+)/m.exec(text)?.[1]);
    expect(sent).toBeGreaterThan(0);
    expect(text).toMatch(/^# HELP pingmedaddy_send_lateness_p99_seconds /m);
    for (const [type, names] of Object.entries(metricNames)) {
      for (const name of names.split(/\s+/)) expect(text).toContain(`\n# TYPE pingmedaddy_${name} ${type}\n`);
    }
    // Each line is a comment, a series or between two families.
    const lines = text.trimEnd().split('\n');
    expect(lines.filter((line) => !/^(#.*|\w+(\{.*\})? [-+.\w]+|)$/.test(line))).toEqual([]);
  });

  test('openapi.json is 3.1 and describes every call with an example', async () => {
    const { json } = await call('GET', '/openapi.json');
    expect(json.openapi).toMatch(/^3\.1\./);
    const paths = Object.entries<Record<string, any>>(json.paths);
    const calls = paths.flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
    expect(calls).toEqual(
      expect.arrayContaining([
        'post /auth/login',
        'post /targets',
        'get /targets/{id}',
        'patch /targets/{id}',
        'delete /targets/{id}',
        'get /targets/{id}/insights',
        'post /targets/import',
        'get /fleet',
        'get /stream',
        'get /livez',
      ]),
    );
    for (const [path, methods] of paths) {
      for (const [method, operation] of Object.entries(methods)) {
        const [content] = Object.values<{ example?: unknown }>(operation.responses['200'].content);
        expect(content?.example, `${method} ${path} has an example`).toBeDefined();
      }
    }
  });

  test('the documentation pages load from this server alone', async () => {
    for (const path of ['/docs', '/redoc']) {
      const { status, text } = await call('GET', path);
      expect(status).toBe(200);
      expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
    }
    const page = await fetch(`${server.url}/docs`, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(401);
    expect(await page.text()).toContain('<form');
  });

  test('the fleet is one call', async () => {
    const id = await add('127.0.6.1', { frequency: 0.1 });
    await withLogs(id, 3);
    const { json } = await call('GET', '/fleet');
    const row = json.targets.find((target: { id: number }) => target.id === id);
    expect(row).toMatchObject({ ip: '127.0.6.1', state: 'up', loss_rate: 0, last_hops: 0 });
    expect(row.sample_count).toBeGreaterThan(0);
    expect(row.spark_latency_ms).toHaveLength(60);
    expect(row.latency_p50_ms).toBeLessThanOrEqual(row.latency_p95_ms);
  });

  test('live results and events are one stream, filtered by target', async () => {
    const id = await add('127.0.6.2', { frequency: 0.1 });
    const { json } = await anonymous('POST', '/auth/login', { username: 'admin', password: 'changeme' });
    const stop = new AbortController();
    const response = await fetch(`${server.url}/stream?targets=${id}`, {
      headers: { authorization: `Bearer ${json.access_token}` },
      signal: stop.signal,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    const pausing = call('POST', `/targets/${id}/pause`);
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('"stop"')) break;
    }
    await pausing;
    expect(text).toMatch(/event: event\ndata: \{"target_id":\d+,"event_type":"stop"/);
    const ids = [...text.matchAll(/"target_id":(\d+)/g)].map((match) => Number(match[1]));
    expect(new Set(ids)).toEqual(new Set([id]));
    expect((await call('GET', '/stream?targets=all')).status).toBe(422);
  });

  test('a stream without targets sends signs of life and nothing else', async () => {
    const id = await add('127.0.6.3', { frequency: 0.1 });
    const { json } = await anonymous('POST', '/auth/login', { username: 'admin', password: 'changeme' });
    const stop = new AbortController();
    const open = async (query: string) =>
      (
        await fetch(`${server.url}/stream${query}`, {
          headers: { authorization: `Bearer ${json.access_token}` },
          signal: stop.signal,
        })
      ).body;
    const [silent, full] = [await open('?targets=none'), await open('')];
    let [heard, text] = ['', ''];
    const listening = (async () => {
      for await (const chunk of silent ?? []) heard += Buffer.from(chunk).toString();
    })().catch(() => {});
    await call('POST', `/targets/${id}/pause`);
    for await (const chunk of full ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('"stop"')) break;
    }
    stop.abort();
    await listening;
    expect(heard).toBe(': connected\n\n');
  });

  test('after all these calls the log has entries of the server only, no warning of Node', () => {
    expect(server.log.filter((line) => !line.startsWith('{'))).toEqual([]);
  });
});
