import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { startPmd } from './pmd.ts';
import { type Caller, callerWith, logIn, type RunningServer, startServer, temporaryFolder, until } from './server.ts';

const stack = new AsyncDisposableStack();
let server: RunningServer;
let origin: string;
/** Below the path, with a token. */
let call: Caller;
beforeAll(async () => {
  const { path } = stack.use(await temporaryFolder());
  // Begins as a call of the API does: nothing may take the one for the other.
  server = stack.use(await startServer(path, { BASE_PATH: '/targets/' }));
  ({ origin } = new URL(server.url));
  call = await logIn(server.url);
});
afterAll(() => stack.disposeAsync());

test('the log shows the address with its path', () => {
  assert.equal(new URL(server.url).pathname, '/targets');
  assert.ok(server.log.some((line) => line.includes(`listens on ${origin}/targets"`)));
});

test('every call is answered below the path, and a name that only begins like it is not part of it', async () => {
  const { json } = await call('POST', '/targets', { ip: '127.0.7.1' });
  assert.equal((await call('GET', `/targets/${json.id}?x=1`)).status, 422);
  assert.equal((await call('GET', `/targets/${json.id}/`)).json.ip, '127.0.7.1');
  assert.equal((await call('GET', 'x/targets')).status, 404);
});

test('health checks are answered with the path and without', async () => {
  for (const base of [server.url, origin]) {
    const ask = callerWith(base, undefined);
    assert.equal((await ask('GET', '/livez')).json.status, 'ok');
    assert.equal((await ask('GET', '/readyz')).json.status, 'ok');
  }
});

test('the cookie is for the path alone, when it is set and when it is cleared', async () => {
  const ask = callerWith(server.url, undefined);
  const body = { username: 'admin', password: 'changeme' };
  const set = (await ask('POST', '/auth/login?cookie=true', body)).headers.get('set-cookie') ?? '';
  assert.match(set, /^pmd_session=[^;]+; Max-Age=\d+; Path=\/targets; HttpOnly; SameSite=Strict$/);
  const gone = (await call('POST', '/auth/logout')).headers.get('set-cookie') ?? '';
  assert.match(gone, /Path=\/targets;/);
});

test('problems show addresses below the path', async () => {
  assert.equal(
    (await callerWith(server.url, undefined)('GET', '/fleet')).json.detail,
    'This call needs a token: POST /targets/auth/login, then Authorization: Bearer <token>.',
  );
  const { detail } = (await call('GET', '/nothing')).json;
  assert.equal(detail, 'No such endpoint: GET /targets/nothing. /targets/docs lists every call.');
  const put = (await call('PUT', '/targets/1', {})).json.detail;
  assert.equal(put, '/targets/targets/1 accepts GET, HEAD, PATCH, DELETE, not PUT. /targets/docs lists every call.');
});

test('the documentation, its redirects and its login form stay below the path', async () => {
  const document = (await call('GET', '/openapi.json')).json;
  assert.deepEqual(document.servers, [{ url: '/targets' }]);
  assert.ok('/targets/{id}' in document.paths);
  const moved = await call('GET', '/docs/static/index.html');
  assert.deepEqual([moved.status, moved.headers.get('location')], [302, '/targets/docs/']);
  const form = await callerWith(server.url, undefined)('GET', '/docs', undefined, { accept: 'text/html' });
  assert.equal(form.status, 401);
  for (const { text } of [form, await call('GET', '/docs'), await call('GET', '/redoc'), await call('GET', '/')]) {
    const addresses = [...text.matchAll(/(?:src|href|spec-url)="([^"#]+)"/g)].map(([, address]) => address ?? '');
    assert.ok(addresses.length > 0);
    for (const address of addresses) {
      assert.match(address, /^\/targets\//);
      assert.equal((await call('GET', address.slice('/targets'.length))).status, 200, address);
    }
  }
  const manifest = (await call('GET', '/manifest.webmanifest')).json;
  const at = `${server.url}/manifest.webmanifest`;
  assert.equal(new URL(manifest.start_url, at).href, `${server.url}/`);
  assert.equal(new URL(manifest.icons[0].src, at).href, `${server.url}/favicon.svg`);
});

test.each([
  ['PMD_URL', [], (url: string) => ({ PMD_URL: url })],
  ['--server', ['--server'], () => ({ PMD_URL: 'http://127.0.0.1:1' })],
] as const)('the CLI accepts an address with a path from %s', async (_, option, environment) => {
  const url = `${server.url}/`;
  const args = ['target', 'list', '--json', ...option.flatMap((name) => [name, url])];
  const { code, stdout, stderr } = await startPmd(server, args, { environment: environment(url) }).ended;
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout)[0].ip, '127.0.7.1');
});

test('the CLI follows the event stream below the path', async () => {
  const { id } = (await call('POST', '/targets', { ip: '127.0.7.2', frequency: 0.2 })).json;
  const following = startPmd(server, ['target', 'logs', String(id), '--follow', '--json']);
  let printed = '';
  following.child.stdout?.on('data', (chunk) => (printed += String(chunk)));
  await until('two results', async () => printed.split('"latency_ms"').length > 2);
  following.child.kill('SIGINT');
  await following.ended;
});
