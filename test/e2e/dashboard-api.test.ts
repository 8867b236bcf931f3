import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, type RunningServer, logIn, startServer, temporaryFolder, until } from './server.ts';

// What the dashboard asks beyond the old interface, over plain HTTP against the running product.

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningServer;
let call: Caller;
let id: number;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startServer(folder.path);
  call = await logIn(server.url);
  id = (await call('POST', '/targets', { ip: '127.0.8.1', frequency: 0.1 })).json.id;
  await until('30 results', async () => (await call('GET', `/targets/${id}/logs`)).json.length >= 30);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe('insights', () => {
  test('columns equal the timeline of objects', async () => {
    const window = `start=${new Date(Date.now() - 120_000).toISOString()}&end=${new Date().toISOString()}&bucket_seconds=1`;
    const { json: objects } = await call('GET', `/targets/${id}/insights?${window}`);
    const { json: columns } = await call('GET', `/targets/${id}/insights?${window}&columns=true`);
    expect(columns.timeline).toEqual([]);
    const { bucket, p50_latency_ms: p50, sample_count: counts, covered_seconds: covered } = columns.timeline_columns;
    expect(bucket.length).toBeGreaterThan(2);
    expect(bucket.map((at: number) => new Date(at * 1000).toISOString())).toEqual(
      objects.timeline.map((each: { bucket: string }) => each.bucket),
    );
    for (const [index, each] of objects.timeline.entries()) {
      expect(p50[index]).toBeCloseTo(each.p50_latency_ms, 2);
      expect([counts[index], covered[index]]).toEqual([each.sample_count, each.covered_seconds]);
    }
    expect(Math.max(...covered)).toBeGreaterThan(0.9);
    expect(Math.max(...covered)).toBeLessThan(1.15);
  });

  test('the histogram counts every reply once', async () => {
    const { json } = await call('GET', `/targets/${id}/insights?window_minutes=5&histogram=true`);
    const counted = json.histogram.reduce((sum: number, bin: { count: number }) => sum + bin.count, 0);
    expect(counted).toBe(json.sample_count - json.loss_count);
    expect(json.histogram[0].from_ms).toBeLessThanOrEqual(json.latency_min_ms);
    expect(json.histogram.at(-1).to_ms).toBeGreaterThan(json.latency_max_ms);
    expect((await call('GET', `/targets/${id}/insights`)).json).not.toHaveProperty('histogram');
  });
});

test('pages of results lead back without a gap or a repetition', async () => {
  const { json: newest } = await call('GET', `/targets/${id}/logs?limit=10`);
  const { json: older } = await call('GET', `/targets/${id}/logs?limit=10&before=${newest[0].time}`);
  expect(older).toHaveLength(10);
  const { json: both } = await call('GET', `/targets/${id}/logs?limit=10&before=${newest[5].time}`);
  expect(both).toEqual([...older.slice(5), ...newest.slice(0, 5)]);
});

test('pages of events lead back by id', async () => {
  for (const notes of ['a', 'b', 'c']) await call('PATCH', `/targets/${id}`, { notes });
  const { json: all } = await call('GET', `/targets/${id}/events`);
  const { json: page } = await call('GET', `/targets/${id}/events?limit=2&before=${all[1].id}`);
  expect(page).toEqual(all.slice(2, 4));
});

test('a pause is a pause, not an outage', async () => {
  await call('POST', `/targets/${id}/pause`);
  const { json: paused } = await call('GET', `/targets/${id}/outages`);
  expect(paused).toMatchObject({ outages: [], gaps: [], pauses: [{ start: expect.any(String), end: null }] });
  await call('POST', `/targets/${id}/resume`);
  const { json: resumed } = await call('GET', `/targets/${id}/outages`);
  const [{ start, end }] = resumed.pauses;
  expect(start).toBe(paused.pauses[0].start);
  expect(Date.parse(end)).toBeGreaterThanOrEqual(Date.parse(start));
  const before = await call('GET', `/targets/${id}/outages?start=2020-01-01T00:00:00Z&end=2020-01-02T00:00:00Z`);
  expect(before.json.pauses).toEqual([]);
  const wrong = await call('GET', `/targets/${id}/outages?start=2020-01-02T00:00:00Z&end=2020-01-01T00:00:00Z`);
  expect(wrong.status).toBe(422);
});

describe('traces', () => {
  test('each is stored, with every answer of every round', async () => {
    expect((await call('POST', `/targets/${id}/traceroute?rounds=2`)).json.hops).toHaveLength(1);
    const { json: traces } = await call('GET', `/targets/${id}/traceroutes`);
    expect(traces).toHaveLength(1);
    expect(traces[0]).toMatchObject({
      target_id: id,
      is_destination_reached: true,
      hop_count: 0,
      hops: [{ hop: 1, ip: '127.0.8.1', sent_count: 2, reply_count: 2, addresses: [{ ip: '127.0.8.1' }] }],
    });
    expect(traces[0].hops[0].addresses[0].rtts_ms).toHaveLength(2);
    expect((await call('GET', `/targets/${id}/traceroutes/${traces[0].id}`)).json).toEqual(traces[0]);
    expect((await call('GET', `/targets/${id}/traceroutes?before=${traces[0].id}`)).json).toEqual([]);
    expect((await call('GET', `/targets/${id}/traceroutes/4711`)).status).toBe(404);
    expect((await call('POST', `/targets/${id}/traceroute?keep=changed&names=false`)).json.hops[0].host).toBeNull();
    expect((await call('GET', `/targets/${id}/traceroutes`)).json).toEqual(traces);
  });

  test('its answers come as a stream on request, with the stored trace at the end', async () => {
    const { text, headers } = await call('POST', `/targets/${id}/traceroute`, undefined, {
      accept: 'text/event-stream',
    });
    expect(headers.get('content-type')).toBe('text/event-stream');
    const events = text.split('\n\n').flatMap((block) => {
      const [, event, data] = /^event: (.+)\ndata: (.+)$/.exec(block) ?? [];
      return event === undefined || data === undefined ? [] : [{ event, data: JSON.parse(data) }];
    });
    expect(events.map(({ event }) => event)).toEqual(['begin', 'round', 'hop', 'done']);
    expect(events[1]?.data).toEqual({ hops: Array.from({ length: 20 }, (_, index) => index + 1) });
    const answer = { hop: 1, ip: '127.0.8.1', rtt_ms: expect.any(Number), kind: 'reached', mpls: [] };
    expect(events[2]?.data).toEqual(answer);
    expect((await call('GET', `/targets/${id}/traceroutes?limit=1`)).json).toEqual([events[3]?.data]);
  });

  test('the same route again is not a path change', async () => {
    const { json: events } = await call('GET', `/targets/${id}/events`);
    expect(events.filter((event: { event_type: string }) => event.event_type === 'path-change')).toEqual([]);
  });
});
