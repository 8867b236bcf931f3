import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { operations } from '../../src/contract/operations.ts';
import { type RunningServer, startServer, temporaryFolder } from './server.ts';

/** The headers of every kind of answer, which browsers and proxies rely on. */
describe('the headers of an answer', () => {
  const stack = new AsyncDisposableStack();
  let server: RunningServer;
  const friend = 'https://noc.example';
  let token = '';
  beforeAll(async () => {
    const { path } = stack.use(await temporaryFolder());
    server = stack.use(await startServer(path, { CORS_ORIGINS: friend }));
    const { access_token } = JSON.parse((await send('POST', '/auth/login', credentials)).body) as {
      access_token: string;
    };
    token = access_token;
  });
  afterAll(() => stack.disposeAsync());

  const credentials = JSON.stringify({ username: 'admin', password: 'changeme' });

  /** To the letter: clients normalise paths before they send them. */
  async function exchange(request: string, isEndless = false) {
    const { hostname: host, port } = new URL(server.url);
    const socket = connect({ host, port: Number(port) });
    await once(socket, 'connect');
    socket.write(request);
    const answer = isEndless ? String((await once(socket, 'data'))[0]) : await text(socket);
    socket.destroy();
    const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
    return { status: Number(head.split(' ')[1]), head, body };
  }
  const send = (method: string, path: string, body = '', more = ''): ReturnType<typeof exchange> => {
    const own = `host: localhost\r\nconnection: close\r\nauthorization: Bearer ${token}\r\n${more}`;
    const type = body === '' ? '' : `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
    return exchange(`${method} ${path} HTTP/1.1\r\n${own}${type}\r\n${body}`);
  };

  test.each([
    ['JSON', 200, () => send('GET', '/targets')],
    ['a token', 200, () => send('POST', '/auth/login', credentials)],
    ['the session', 200, () => send('GET', '/auth/session')],
    ['the settings', 200, () => send('GET', '/config')],
    ['the audit log', 200, () => send('GET', '/audit')],
    ['CSV', 200, () => send('GET', '/targets/export')],
    ['a database', 200, () => send('GET', '/backup')],
    ['figures', 200, () => send('GET', '/metrics')],
    [
      'an event stream',
      200,
      () => exchange(`GET /stream HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n\r\n`, true),
    ],
    ['documentation', 200, () => send('GET', '/docs')],
    ['more documentation', 200, () => send('GET', '/redoc')],
    ['the OpenAPI document', 200, () => send('GET', '/openapi.json')],
    ['nothing there', 404, () => send('GET', '/nothing')],
    ['no such target', 404, () => send('GET', '/targets/77')],
    ['faulty input', 422, () => send('POST', '/targets', '{"ip":1}')],
    ['no JSON', 422, () => send('POST', '/targets', '{')],
    ['no token', 401, () => exchange('GET /targets HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')],
    [
      'a form to sign in',
      401,
      () => exchange('GET /docs HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\naccept: text/html\r\n\r\n'),
    ],
    ['no URL', 400, () => send('GET', '/%zz')],
    ['a name that is too long', 414, () => send('GET', `/targets/${'a'.repeat(500)}`)],
    ['no HTTP', 400, () => exchange('GET / HTTP/1.1\r\nhost: localhost\r\nno header\r\n\r\n')],
    ['a head that is too long', 431, () => send('GET', '/targets', '', `x: ${'a'.repeat(20_000)}\r\n`)],
  ] as const)('with %s (%i) is strict, and nobody keeps what it heads', async (_, expected, ask) => {
    const { status, head } = await ask();
    assert.equal(status, expected, head);
    assert.match(head, /^x-content-type-options: nosniff\r?$/im);
    assert.match(head, /^content-security-policy: [^\r\n]*frame-ancestors 'none'/im);
    assert.match(head, /^cache-control: no-store\r?$/im);
    assert.match(head, /^content-type: [a-z]/im);
    assert.doesNotMatch(head, /^x-frame-options: (?!deny)/im);
  });

  test('a page in CORS_ORIGINS may make every call, one from elsewhere none', async () => {
    const ask = (origin: string, method: string): ReturnType<typeof send> =>
      send('OPTIONS', '/targets/1', '', `origin: ${origin}\r\naccess-control-request-method: ${method}\r\n`);
    for (const method of new Set(operations.map((operation) => operation.method))) {
      const { head } = await ask(friend, method);
      assert.match(head, /^access-control-allow-origin: https:\/\/noc\.example\r?$/im);
      assert.match(head, new RegExp(`^access-control-allow-methods: .*\\b${method}\\b`, 'im'));
    }
    assert.doesNotMatch((await ask('https://elsewhere.example', 'GET')).head, /^access-control-allow-origin/im);
  });

  test('a request that is not HTTP is reported like every other problem', async () => {
    for (const [request, status] of [
      ['GET / HTTP/1.1\r\nhost: localhost\r\nno header\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ] as const) {
      const { head, body } = await exchange(request);
      assert.match(head, /^content-type: application\/problem\+json/im);
      assert.equal((JSON.parse(body) as { status: number }).status, status);
    }
  });

  test('the cookie is for our own pages and requests only', async () => {
    const { head } = await send('POST', '/auth/login?cookie=true', credentials);
    assert.match(head, /^set-cookie: pmd_session=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict\r?$/im);
  });

  test.each([
    '/assets/../../../package.json',
    '/assets/%2e%2e/%2e%2e/%2e%2e/package.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/..%5c..%5cpackage.json',
    '/assets//etc/passwd',
    '/assets/%00',
    '/docs/static/..%2f..%2f..%2fpackage.json',
    '/docs/static/%2e%2e/%2e%2e/package.json',
  ])('%s leads to no file outside', async (path) => {
    const { status, body } = await send('GET', path);
    assert.ok([400, 403, 404, 422].includes(status), `${status}`);
    assert.doesNotMatch(body, /"dependencies"|root:/);
  });
});
