import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Caller, callerWith, logIn, type RunningServer, startServer, temporaryFolder, until } from './server.ts';

const secret = 'a secret of more than thirty-two bytes';
const stack = new AsyncDisposableStack();
/** Reached directly, and one behind a proxy that it trusts. */
let direct: RunningServer;
let proxied: RunningServer;
let admin: Caller;
/** Of the first, for what speaks no HTTP of its own. */
let token: string;

beforeAll(async () => {
  const [one, other] = [stack.use(await temporaryFolder()), stack.use(await temporaryFolder())];
  direct = stack.use(await startServer(one.path, { AUTH_SECRET: secret, CORS_ORIGINS: 'https://friend.example' }));
  const proxy = { TRUSTED_PROXIES: '127.0.0.1', ADMIN_PASSWORD: 'only in this test' };
  proxied = stack.use(await startServer(other.path, proxy));
  const body = { username: 'admin', password: 'changeme' };
  token = (await callerWith(direct.url, undefined)('POST', '/auth/login', body)).json.access_token;
  admin = callerWith(direct.url, token);
});
afterAll(() => stack.disposeAsync());

interface Raw {
  readonly status: number;
  readonly json: any;
  readonly cookie: string | undefined;
}

/** As a browser or proxy sends it, the Host header included. */
async function send(
  { url }: RunningServer,
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {},
): Promise<Raw> {
  const json = body === undefined ? undefined : JSON.stringify(body);
  const type: Record<string, string> = json === undefined ? {} : { 'content-type': 'application/json' };
  const sent = request(`${url}${path}`, { method, headers: { ...type, ...headers }, agent: false });
  sent.end(json);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const content = Buffer.concat(chunks).toString();
  const isJson = /json/.test(answer.headers['content-type'] ?? '');
  const cookie = answer.headers['set-cookie']?.[0]?.split(';', 1)[0];
  return { status: answer.statusCode ?? 0, json: isJson ? JSON.parse(content) : undefined, cookie };
}

/** To the letter, which no client of HTTP sends. */
async function rawAnswer(content: string): Promise<string> {
  const { hostname, port } = new URL(direct.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(content);
  return text(socket);
}

const entries = async (
  call: Caller,
  query = '',
): Promise<{ action: string; status: number; path: string; detail: string }[]> =>
  (await call('GET', `/audit?limit=1000${query}`)).json;

describe('the default password', () => {
  const body = { username: 'admin', password: 'changeme' };
  const login = (headers: Record<string, string>): Promise<Raw> =>
    send(direct, 'POST', '/auth/login', { headers, body });

  test('works for direct clients of a loopback listener', async () => {
    const port = new URL(direct.url).port;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, 'pmd.localhost']) {
      assert.equal((await login({ host })).status, 200, host);
    }
  });

  test('does not work through a proxy that adds no header and names its upstream as the host, as nginx does', async () => {
    for (const origin of ['http://localhost:5173', 'https://friend.example'])
      assert.equal((await login({ origin })).status, 200, origin);
    // The browser still says whose page it shows.
    for (const origin of ['https://noc.example', 'http://127.0.0.1.evil.example', 'null'])
      assert.equal((await login({ origin })).status, 403, origin);
    // Other programs show by the proxy's HTTP/1.0.
    const json = JSON.stringify(body);
    const head = ['POST /auth/login HTTP/1.0', 'content-type: application/json', `content-length: ${json.length}`];
    assert.match(await rawAnswer(`${head.join('\r\n')}\r\n\r\n${json}`), /^HTTP\/1\.1 403 /);
    // Refused logins count towards the failure limit until a login succeeds.
    assert.equal((await login({})).status, 200);
  });

  test('does not work through a proxy, trusted or not', async () => {
    for (const headers of [
      ...[{ 'x-forwarded-for': '127.0.0.1' }, { forwarded: 'for=192.0.2.1' }, { 'x-real-ip': '192.0.2.1' }],
      ...[{ via: '1.1 proxy' }, { 'x-forwarded-host': 'localhost' }],
    ] as Record<string, string>[]) {
      const { status, json } = await login(headers);
      assert.deepEqual([status, json.access_token], [403, undefined], JSON.stringify(headers));
      assert.match(json.detail, /works on the server's own machine only, without a proxy: .*set ADMIN_PASSWORD/);
    }
  });

  test('a page whose name resolves to 127.0.0.1 gets no answer at all', async () => {
    const headers = { host: 'evil.example', origin: 'http://evil.example' };
    // A host that only begins like a loopback address belongs to some public domain.
    for (const host of [
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '127.evil.example',
      '127.0.0.1@evil.example',
    ])
      assert.equal((await send(direct, 'POST', '/auth/login', { headers: { host }, body })).status, 421, host);
    for (const [method, path] of [
      ['POST', '/auth/login'],
      ['GET', '/livez'],
      ['GET', '/'],
      ['GET', '/docs'],
    ] as const) {
      const { status, json } = await send(direct, method, path, { headers, ...(method === 'POST' ? { body } : {}) });
      assert.equal(status, 421, path);
      assert.match(
        json.detail,
        /does not answer for the host "evil\.example"; set ALLOWED_HOSTS .* or TRUSTED_PROXIES/,
      );
    }
  });
});

test('changes behind a trusted proxy are accepted from the page that it serves', async () => {
  const forwarded = { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-host': 'noc.example' };
  const body = { username: 'admin', password: 'only in this test' };
  const { cookie = '' } = await send(proxied, 'POST', '/auth/login?cookie=true', { headers: forwarded, body });
  // Plain HTTP to another machine: browsers send no Sec-Fetch-Site.
  const change = (headers: Record<string, string>): Promise<Raw> =>
    send(proxied, 'POST', '/targets', { headers: { cookie, ...headers }, body: { ip: '127.9.9.9' } });
  assert.equal((await change({ ...forwarded, origin: 'http://evil.example' })).status, 401);
  assert.equal((await change({ ...forwarded, origin: 'http://noc.example' })).status, 200);
});

describe('the audit log', () => {
  /** Writes a request and hangs up at once. */
  async function shout(method: string, path: string, body?: unknown): Promise<void> {
    const { hostname, port } = new URL(direct.url);
    const json = body === undefined ? '' : JSON.stringify(body);
    const head = [
      ...[`${method} ${path} HTTP/1.1`, `host: ${hostname}:${port}`, `authorization: Bearer ${token}`],
      ...['content-type: application/json', `content-length: ${Buffer.byteLength(json)}`],
    ];
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(`${head.join('\r\n')}\r\n\r\n${json}`, () => socket.destroy());
    await once(socket, 'close');
  }

  test('records what was done for clients who hung up at once', async () => {
    const ids: number[] = [];
    // Some were not even read before the connection was gone; of the others each is done and noted.
    const done = async (): Promise<readonly string[]> => {
      const users: { username: string }[] = (await admin('GET', '/users')).json;
      const targets: { id: number }[] = (await admin('GET', '/targets')).json;
      const erased = ids.filter((id) => targets.every((target) => target.id !== id));
      return [
        ...users.map(({ username }) => username).filter((name) => name.startsWith('ghost')),
        ...erased.map(String),
      ];
    };
    // On a busy machine most of them are gone before they are read.
    await until(
      'some that were done',
      async () => {
        const index = ids.length;
        const { json } = await admin('POST', '/targets', { ip: `127.5.5.${index + 10}` });
        ids.push(json.id);
        await shout('POST', '/users', { username: `ghost${index}`, password: 'a long password', role: 'admin' });
        await shout('DELETE', `/targets/${json.id}?purge=true`);
        return ids.length >= 15 && (await done()).length > 5;
      },
      40_000,
    );
    const noted = async (): Promise<readonly string[]> =>
      (await entries(admin)).flatMap(({ action, path, detail }) => {
        if (action === 'addUser') return [JSON.parse(detail).username];
        return action === 'deleteTarget' ? [/\d+/.exec(path)?.[0] ?? ''] : [];
      });
    await until('an entry for each', async () => {
      const [what, entered] = [await done(), await noted()];
      return JSON.stringify(what.toSorted()) === JSON.stringify(entered.toSorted());
    });
  });

  test('records bulk reads and reads of the settings, and no dry runs', async () => {
    assert.equal((await admin('POST', '/targets/many', { ips: ['127.6.6.6'], dry_run: true })).status, 200);
    assert.equal((await admin('GET', '/config')).status, 200);
    await shout('GET', '/backup');
    await until('the backup', async () => (await entries(admin)).some(({ action }) => action === 'downloadBackup'));
    const actions = (await entries(admin)).map(({ action }) => action);
    assert.ok(actions.includes('showSettings'));
    assert.ok(!actions.includes('addTargets'), actions.join());
  });

  test('stays bounded whatever is sent to the login, from any number of addresses', async () => {
    const call = await logIn(proxied.url, 'only in this test');
    const long = `/auth/login?${'&'.repeat(12_000)}`;
    const guesses = Array.from({ length: 150 }, (_, index) => {
      const headers = { 'x-forwarded-for': `10.${index}.0.1` };
      return send(proxied, 'POST', long, { headers, body: { username: 'x'.repeat(150), password: 'guess' } });
    });
    for (const { status } of await Promise.all(guesses)) assert.ok(status === 401 || status === 429);
    const refused = (await entries(call)).filter(({ action, status }) => action === 'login' && status !== 200);
    // Of at most two minutes.
    assert.ok(refused.length >= 60 && refused.length <= 122, `${refused.length}`);
    for (const { path } of refused) assert.equal(path, '/auth/login');
  });
});

test('an upload ends with its session', async () => {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  const seconds = Math.floor(Date.now() / 1000);
  const short = await new SignJWT({ pwd: claims.pwd })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setSubject('admin')
    .setIssuer(claims.iss)
    .setAudience(claims.aud)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 3)
    .sign(new TextEncoder().encode(secret));
  const { id } = (await admin('POST', '/targets', { ip: '127.5.5.6' })).json;
  const headers = { authorization: `Bearer ${short}`, 'content-type': 'text/csv' };
  const upload = request(`${direct.url}/targets/${id}/logs/import`, { method: 'POST', headers, agent: false });
  upload.write('time,latency_ms,packet_loss\n');
  const dripping = setInterval(() => upload.write('2026-01-01T00:00:00Z,1,0\n'), 100);
  const [error] = (await once(upload, 'error').catch((cause: unknown) => [cause])) as [NodeJS.ErrnoException];
  clearInterval(dripping);
  assert.match(error.code ?? '', /ECONNRESET|EPIPE/);
  assert.ok(Date.now() / 1000 >= seconds + 2.9);
});

test('a user has at most a hundred API tokens, each with an expiry unless requested without', async () => {
  const first = await admin('POST', '/tokens', { name: 'first' });
  assert.ok(Date.parse(first.json.expires_at) > Date.now());
  for (let count = 1; count < 100; count++)
    assert.equal((await admin('POST', '/tokens', { name: `${count}` })).status, 200);
  const refused = await admin('POST', '/tokens', { name: 'one too many' });
  assert.equal(refused.status, 409);
  assert.equal(refused.json.detail, 'You have 100 API tokens, which is the most; revoke one first.');
  assert.equal((await admin('DELETE', `/tokens/${first.json.id}`)).status, 200);
  assert.equal((await admin('POST', '/tokens', { name: 'again' })).status, 200);
});

test('wrong requests are reported as such: methods, heads of streams, missing targets', async () => {
  const wrong = await admin('PUT', '/targets', {});
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get('allow'), 'POST, GET, HEAD');
  assert.equal(wrong.json.detail, '/targets accepts POST, GET, HEAD, not PUT. /docs lists every call.');
  assert.equal((await admin('DELETE', '/targets/1/insights')).headers.get('allow'), 'GET, HEAD');
  // What has a path of its own is no id of a target; pages are read only.
  for (const [method, path, allow] of [
    ['GET', '/targets/bulk', 'POST'],
    ['PATCH', '/targets/import', 'POST'],
    ['PUT', '/targets/export', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
    ['DELETE', '/app/settings', 'GET, HEAD'],
    ['POST', '/docs', 'GET, HEAD'],
  ] as const) {
    const { status, headers } = await admin(method, path);
    assert.deepEqual([status, headers.get('allow')], [405, allow], `${method} ${path}`);
  }
  for (const path of ['/no-such-call', '/docs/no-such-page', '/docs/static/no-such-file.js'])
    assert.equal((await admin('GET', path)).status, 404, path);
  assert.equal((await admin('GET', '/targets/bulky')).status, 422);
  const head = await admin('HEAD', '/stream');
  assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'text/event-stream']);
  const unknown = await admin('GET', '/stream?targets=999');
  assert.deepEqual([unknown.status, unknown.json.detail], [404, 'Target 999 not found.']);
});
