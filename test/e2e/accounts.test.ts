import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Operation } from '../../src/contract/operation.ts';
import { operations } from '../../src/contract/operations.ts';
import { mayAct, type Role, roles } from '../../src/core/role.ts';
import { startPmd } from './pmd.ts';
import { type Caller, callerWith, logIn, type RunningServer, startServer, temporaryFolder, until } from './server.ts';

const secret = 'a secret of this test that is long enough';
const password = 'correct horse battery';
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningServer;
let admin: Caller;
const anonymous = (): Caller => callerWith(server.url, undefined);

beforeAll(async () => {
  folder = await temporaryFolder();
  // So that each login here can come from an address of its own: 20 a minute are the most that one may try.
  server = await startServer(folder.path, { AUTH_SECRET: secret, TRUSTED_PROXIES: '127.0.0.1/32' });
  admin = await logIn(server.url);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function sessionOf(username: string, role: Role): Promise<Caller> {
  const { status } = await admin('POST', '/users', { username, password, role });
  assert.equal(status, 200);
  return callerWith(server.url, await tokenOf(username));
}

let logins = 0;

async function tokenOf(username: string, itsPassword = password): Promise<string> {
  const from = { 'x-forwarded-for': `192.0.2.${++logins}` };
  const { json } = await anonymous()('POST', '/auth/login', { username, password: itsPassword }, from);
  return json.access_token;
}

/** The status of a call whose answer may never end. */
async function statusOf(
  { method, path }: Pick<Operation, 'path'> & { readonly method: string },
  token: string | undefined,
): Promise<number> {
  const stop = new AbortController();
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const url = server.url + path.replaceAll(/:(\w+)/g, '2000000000');
  const { status } = await fetch(url, { method, headers, signal: stop.signal });
  stop.abort();
  return status;
}

describe('deny by default', () => {
  const tokens = new Map<Role, string>();
  beforeAll(async () => {
    for (const role of roles) {
      const body = { username: `the-${role}`, password, role };
      assert.equal((await admin('POST', '/users', body)).status, 200);
      tokens.set(role, await tokenOf(body.username));
    }
  });

  // Signing out everywhere would end the sessions that the others are called with.
  test.for(operations.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    '%s answers only whom it says',
    async ([, operation]) => {
      const { access } = operation;
      if (access === 'public') {
        assert.notEqual(await statusOf(operation, undefined), 403);
        return;
      }
      assert.equal(await statusOf(operation, undefined), 401);
      assert.equal(await statusOf(operation, 'pmd_never_given_out'), 401);
      // What answers GET answers HEAD as well.
      if (operation.method === 'GET') assert.equal(await statusOf({ ...operation, method: 'HEAD' }, undefined), 401);
      for (const role of roles) {
        const status = await statusOf(operation, tokens.get(role));
        if (mayAct(role, access)) assert.ok(status !== 401 && status !== 403, `${role}: ${status}`);
        else assert.equal(status, 403, role);
      }
    },
  );

  test.each(['/docs', '/docs/json', '/redoc', '/openapi.json', '/no-such-call', '/targets/1/none'])(
    '%s needs a token as well',
    async (path) => {
      assert.equal((await anonymous()('GET', path)).status, 401);
    },
  );

  test('erasing history for good is for admins, deleting for operators', async () => {
    const operator = callerWith(server.url, tokens.get('operator'));
    const { json } = await operator('POST', '/targets', { ip: '127.9.9.9', frequency: 3600 });
    assert.equal((await operator('DELETE', `/targets/${json.id}?purge=true`)).status, 403);
    assert.equal((await operator('DELETE', `/targets/${json.id}`)).status, 200);
    assert.equal((await admin('DELETE', `/targets/${json.id}?purge=true`)).status, 200);
  });
});

describe('sessions', () => {
  test.each([
    ['another role', () => admin('PATCH', '/users/leaver', { role: 'operator' })],
    ['another password', () => admin('PATCH', '/users/leaver', { password: `${password}!` })],
    ['removal', () => admin('DELETE', '/users/leaver')],
  ])('%s ends sessions and open streams within a second', async (_, change) => {
    const leaver = await sessionOf('leaver', 'viewer');
    const stream = await fetch(`${server.url}/stream`, {
      headers: { authorization: `Bearer ${await tokenOf('leaver')}` },
    });
    assert.equal(stream.status, 200);
    assert.equal((await leaver('GET', '/targets')).status, 200);
    assert.equal((await change()).status, 200);
    // The answer has come: from now on nothing from before may be valid. Reading to the end hangs if a stream continues.
    assert.equal((await leaver('GET', '/targets')).status, 401);
    await stream.text();
    await admin('DELETE', '/users/leaver');
  });

  test('a password that an admin sets wins over the one that the user was about to set', async () => {
    const change = { current_password: password, new_password: 'what the one who leaves wants' };
    for (let turn = 0; turn < 5; turn++) {
      const [leaver, set] = [await sessionOf('overtaken', 'viewer'), `set by an admin ${turn}`];
      const [own, theirs] = await Promise.all([
        leaver('POST', '/auth/password', change, { 'x-forwarded-for': `192.0.2.${++logins}` }),
        admin('PATCH', '/users/overtaken', { password: set }),
      ]);
      assert.equal(theirs.status, 200);
      assert.ok([200, 401].includes(own.status), own.text);
      assert.ok((await tokenOf('overtaken', set)) !== undefined, own.text);
      await admin('DELETE', '/users/overtaken');
    }
  });

  test.each([
    ['no signature', unsigned],
    ['no algorithm, and the signature of one', async () => `${await unsigned()}${(await signed({})).split('.')[2]}`],
    ['another key', () => signed({}, `${secret}!`)],
    ['another algorithm', () => signed({ alg: 'HS512' })],
    ['another type', () => signed({ typ: 'JWT' })],
    ['another issuer', () => signed({ issuer: 'somebody' })],
    ['another audience', () => signed({ audience: 'something' })],
    ['a time that is over', () => signed({ expiresAt: Date.now() / 1000 - 1 })],
    ['a beginning that is yet to come', () => signed({ notBefore: Date.now() / 1000 + 60 })],
    ['no end', () => signed({ expiresAt: undefined })],
    ['no such user', () => signed({ subject: 'nobody' })],
    ['a session that was ended', () => signed({ pwd: 0 })],
    ['something cut off', async () => (await signed({})).slice(0, -1)],
    [
      'something changed within',
      async () => (await signed({})).replace(/\.(.)/, (_, first) => `.${first === 'e' ? 'f' : 'e'}`),
    ],
  ])('a token with %s counts nothing', async (_, make) => {
    const { status, json } = await callerWith(server.url, await make())('GET', '/targets');
    assert.equal(status, 401, JSON.stringify(json));
  });

  test('the unmodified token is valid, so the table above proves something', async () => {
    assert.equal((await callerWith(server.url, await signed({}))('GET', '/targets')).status, 200);
  });

  interface Tampering {
    readonly alg?: string;
    readonly typ?: string;
    readonly issuer?: string;
    readonly audience?: string;
    readonly subject?: string;
    readonly pwd?: number;
    readonly expiresAt?: number | undefined;
    readonly notBefore?: number;
  }
  /** Everything that a real one says, but with an invalid signature. */
  async function unsigned(): Promise<string> {
    const claims = JSON.parse(Buffer.from((await signed({})).split('.')[1] ?? '', 'base64url').toString());
    const header = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
  }
  /** The default password counts without a proxy only, and so many logins from one address are too many. */
  let real: Promise<string> | undefined;
  function realToken(): Promise<string> {
    const body = { username: 'admin', password: 'changeme' };
    real ??= anonymous()('POST', '/auth/login', body).then(({ json }) => json.access_token as string);
    return real;
  }
  async function signed(change: Tampering, key = secret): Promise<string> {
    const [, payload = ''] = (await realToken()).split('.');
    const real = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly pwd: number };
    const token = new SignJWT({ pwd: change.pwd ?? real.pwd })
      .setProtectedHeader({ alg: change.alg ?? 'HS256', typ: change.typ ?? 'at+jwt' })
      .setSubject(change.subject ?? 'admin')
      .setIssuer(change.issuer ?? 'pingmedaddy')
      .setAudience(change.audience ?? 'pingmedaddy-api')
      .setIssuedAt();
    const expiresAt = 'expiresAt' in change ? change.expiresAt : Date.now() / 1000 + 60;
    if (change.notBefore !== undefined) token.setNotBefore(Math.floor(change.notBefore));
    if (expiresAt !== undefined) token.setExpirationTime(Math.floor(expiresAt));
    return token.sign(new TextEncoder().encode(key));
  }
});

describe('users', () => {
  test('the only admin can be neither removed nor demoted, and the error says what to do', async () => {
    await admin('DELETE', '/users/the-admin');
    for (const answer of [
      await admin('DELETE', '/users/admin'),
      await admin('PATCH', '/users/admin', { role: 'viewer' }),
    ]) {
      assert.equal(answer.status, 409);
      assert.match(answer.json.detail, /last admin. Make another user an admin first/);
    }
  });

  test('errors of bad input name the fields, and nothing is added', async () => {
    const { status, json } = await admin('POST', '/users', { username: 'a b', password: 'short', role: 'king' });
    assert.equal(status, 422);
    assert.deepEqual(json.errors.map(({ field }: { field: string }) => field).toSorted(), [
      'password',
      'role',
      'username',
    ]);
    assert.equal((await admin('POST', '/users', { username: 'admin', password })).status, 409);
    assert.equal((await admin('PATCH', '/users/nobody', { role: 'viewer' })).status, 404);
    assert.equal((await admin('PATCH', '/users/admin', {})).status, 422);
  });
});

describe('API tokens', () => {
  test('one has the rights of its role, is shown once, stored as a hash and can be revoked', async () => {
    const operator = await sessionOf('giver', 'operator');
    const { json: given } = await operator('POST', '/tokens', { name: 'a script', role: 'operator' });
    assert.match(given.token, /^pmd_[\w-]{43}$/);
    const script = callerWith(server.url, given.token);
    assert.equal((await script('POST', '/targets', { ip: '127.8.8.8', frequency: 3600 })).status, 200);
    assert.equal((await script('GET', '/users')).status, 403);
    const files = await Promise.all(['', '-wal'].map((end) => readFile(join(folder.path, `pingmedaddy.db${end}`))));
    assert.ok(
      files.every((file) => !file.includes(given.token)),
      'the token itself is at rest',
    );
    const listed = await until('the use is noted', async () => {
      const { json } = await operator('GET', '/tokens');
      return json[0].last_used_at !== null && json;
    });
    assert.deepEqual([listed.length, listed[0].name, listed[0].token], [1, 'a script', undefined]);
    // A program must not be able to give itself more rights, or to outlive those it was given.
    assert.equal((await script('POST', '/tokens', { name: 'more' })).status, 403);
    assert.equal((await script('POST', '/auth/logout?everywhere=true')).status, 403);
    const stream = await fetch(`${server.url}/stream`, { headers: { authorization: `Bearer ${given.token}` } });
    assert.equal((await operator('DELETE', `/tokens/${given.id}`)).status, 200);
    assert.equal((await script('GET', '/targets')).status, 401);
    await stream.text();
  });

  test('one never does more than its user may', async () => {
    const operator = await sessionOf('promoted', 'operator');
    assert.equal((await operator('POST', '/tokens', { name: 'too much', role: 'admin' })).status, 403);
    const { json } = await operator('POST', '/tokens', { name: 'enough', role: 'operator' });
    const script = callerWith(server.url, json.token);
    await admin('PATCH', '/users/promoted', { role: 'viewer' });
    assert.equal((await script('GET', '/targets')).status, 200);
    assert.equal((await script('POST', '/targets', { ip: '127.8.8.9' })).status, 403);
    const viewer = await sessionOf('curious', 'viewer');
    assert.deepEqual((await viewer('GET', '/tokens')).json, []);
    assert.equal((await viewer('DELETE', `/tokens/${json.id}`)).status, 404);
    await admin('DELETE', '/users/promoted');
    assert.equal((await script('GET', '/targets')).status, 401);
  });
});

describe('a new password and the API tokens of its user', () => {
  const next = 'known to nobody else';
  const change = { current_password: password, new_password: next };
  const from = (): Record<string, string> => ({ 'x-forwarded-for': `192.0.2.${++logins}` });
  const ways: readonly [string, string, (user: Caller, more: object) => ReturnType<Caller>, object][] = [
    [
      'changed by the user',
      '/auth/password',
      (user, more) => user('POST', '/auth/password', { ...change, ...more }, from()),
      { message: 'Password changed, 2 API tokens revoked' },
    ],
    [
      'set by an admin',
      '/users/robbed',
      (_, more) => admin('PATCH', '/users/robbed', { password: next, ...more }),
      { username: 'robbed', role: 'operator', has_chosen_password: true },
    ],
  ];
  const withToken = async (user: Caller): Promise<{ readonly call: Caller; readonly token: string }> => {
    const { status, json } = await user('POST', '/tokens', { name: 'a script', role: 'viewer' });
    assert.equal(status, 200);
    return { call: callerWith(server.url, json.token), token: json.token };
  };
  const statusesOf = (calls: readonly { readonly call: Caller }[]): Promise<readonly number[]> =>
    Promise.all(calls.map(async ({ call }) => (await call('GET', '/targets')).status));

  test.each(ways)('%s, it revokes all of them if requested, and nobody else’s', async (_, path, set, told) => {
    const [user, other] = [await sessionOf('robbed', 'operator'), await sessionOf('spared', 'viewer')];
    const given = [await withToken(user), await withToken(user), await withToken(other)];
    const stream = await fetch(`${server.url}/stream`, { headers: { authorization: `Bearer ${given[0]?.token}` } });
    assert.equal(stream.status, 200);
    const { status, json } = await set(user, { end_api_tokens: true });
    assert.equal(status, 200);
    assert.deepEqual(json, { ...json, ...told });
    assert.deepEqual(await statusesOf(given), [401, 401, 200]);
    // Hangs where it goes on.
    await stream.text();
    const again = callerWith(server.url, await tokenOf('robbed', next));
    assert.deepEqual((await again('GET', '/tokens')).json, []);
    const { detail } = await until('it is noted', async () => {
      const entries = (await admin('GET', '/audit?limit=20')).json as { path: string; detail: string | null }[];
      return entries.find((entry) => entry.path === path && entry.detail !== null);
    });
    assert.match(String(detail), /^\{("\w+":"\*{8}",)+"end_api_tokens":true\}$/);
    for (const name of ['robbed', 'spared']) await admin('DELETE', `/users/${name}`);
  });

  test.each(ways)('%s, it keeps them by default', async (_, _path, set) => {
    const user = await sessionOf('robbed', 'operator');
    const given = [await withToken(user)];
    assert.equal((await set(user, {})).status, 200);
    assert.deepEqual(await statusesOf(given), [200]);
    await admin('DELETE', '/users/robbed');
  });

  test('a refused one keeps them', async () => {
    const user = await sessionOf('robbed', 'operator');
    const given = [await withToken(user)];
    const ends = { end_api_tokens: true };
    const ownChange = (call: Caller, more: object): ReturnType<Caller> =>
      call('POST', '/auth/password', { ...change, ...ends, ...more }, from());
    const wrong = await ownChange(user, { current_password: 'not it' });
    assert.deepEqual([wrong.status, wrong.json.errors[0].field], [422, 'current_password']);
    assert.equal((await ownChange(user, { new_password: 'short' })).status, 422);
    assert.equal((await ownChange(given[0]?.call ?? user, {})).status, 403);
    assert.equal((await user('PATCH', '/users/robbed', { password: next, ...ends })).status, 403);
    for (const body of [ends, { role: 'viewer', ...ends }]) {
      const { status, json } = await admin('PATCH', '/users/robbed', body);
      assert.equal(status, 422);
      assert.match(json.detail, /^Invalid request: end_api_tokens: counts only together with a new password\.$/);
    }
    assert.equal((await admin('PATCH', '/users/robbed', { password: next, end_api_tokens: 'true' })).status, 422);
    assert.deepEqual(await statusesOf(given), [200]);
    await admin('DELETE', '/users/robbed');
  });

  test('none that is issued meanwhile survives it', async () => {
    const user = await sessionOf('robbed', 'operator');
    const given: { readonly call: Caller }[] = [];
    let refused = 0;
    /** As fast as a thief who has the session as well, until it has ended. */
    async function giveOut(): Promise<void> {
      for (;;) {
        const { status, json } = await user('POST', '/tokens', { name: 'one more', expires_in_days: null });
        if (status !== 200) {
          assert.equal(status, 401);
          refused++;
          return;
        }
        given.push({ call: callerWith(server.url, json.token) });
      }
    }
    const thieves = Promise.all(Array.from({ length: 8 }, giveOut));
    await until('there are some', async () => given.length >= 20);
    const { status } = await user('POST', '/auth/password', { ...change, end_api_tokens: true }, from());
    assert.equal(status, 200);
    await thieves;
    assert.equal(refused, 8);
    assert.deepEqual(new Set(await statusesOf(given)), new Set([401]));
    const again = callerWith(server.url, await tokenOf('robbed', next));
    assert.deepEqual((await again('GET', '/tokens')).json, []);
    await admin('DELETE', '/users/robbed');
  });
});

test('an API token is valid until it expires, and so is a stream that it has opened', async () => {
  await using other = await temporaryFolder();
  const tokens: string[] = [];
  let startMillis = -Date.now();
  {
    await using first = await startServer(other.path);
    startMillis += Date.now();
    const call = await logIn(first.url);
    await call('POST', '/targets', { ip: '127.0.0.1', frequency: 0.1 });
    for (const name of ['over', 'soon']) {
      tokens.push((await call('POST', '/tokens', { name, expires_in_days: 1 })).json.token);
    }
  }
  // On a busy machine a start takes long.
  const end = Date.now() + 3 * startMillis + 1000;
  const database = new DatabaseSync(join(other.path, 'pingmedaddy.db'));
  const set = database.prepare('update api_tokens set expires_at_millis = ? where name = ?');
  set.run(Date.now() - 1, 'over');
  set.run(end, 'soon');
  database.close();
  await using restarted = await startServer(other.path);
  const [over, soon] = tokens.map((token) => callerWith(restarted.url, token));
  assert.ok(over !== undefined && soon !== undefined);
  const refused = await over('GET', '/targets');
  assert.deepEqual([refused.status, refused.json.detail], [401, 'The API token over has expired.']);
  assert.equal((await soon('GET', '/targets')).status, 200);
  const { text } = await soon('GET', '/stream');
  const times = [...text.matchAll(/"time":"([^"]+)"/g)].map(([, time]) => Date.parse(time ?? ''));
  assert.ok(times.length > 0);
  assert.deepEqual(
    times.filter((time) => time >= end),
    [],
  );
  assert.equal((await soon('GET', '/targets')).status, 401);
});

test('an admin’s API token gives nobody else access: it can change no user, no role, no password', async () => {
  const { json } = await admin('POST', '/tokens', { name: 'stolen', role: 'admin' });
  const thief = callerWith(server.url, json.token);
  assert.equal((await thief('GET', '/users')).status, 200);
  await admin('POST', '/users', { username: 'accomplice', password, role: 'viewer' });
  for (const { status, json: told } of [
    await thief('POST', '/users', { username: 'thief', password, role: 'admin' }),
    await thief('PATCH', '/users/accomplice', { role: 'admin' }),
    await thief('DELETE', '/users/accomplice'),
    await thief('PATCH', '/users/admin', { password: 'known to the thief' }),
    await thief('POST', '/auth/password', { current_password: 'changeme', new_password: 'known to the thief' }),
    await thief('POST', '/tokens', { name: 'another', role: 'admin' }),
  ]) {
    assert.equal(status, 403);
    assert.equal(told.detail, 'This call needs a login, not an API token.');
  }
  await admin('DELETE', `/tokens/${json.id}`);
});

test('the audit log records who did what, from where, and no secret', async () => {
  const operator = await sessionOf('noted', 'operator');
  const { json: target } = await operator('POST', '/targets', { ip: '127.7.7.7', frequency: 3600 });
  await operator('GET', '/targets');
  await operator('HEAD', '/targets');
  await operator('PATCH', `/targets/${target.id}`, { frequency: -1 });
  const csv = 'time,target_id,target_ip,latency_ms,hops,packet_loss\n2026-01-01T00:00:00.000Z,1,127.7.7.7,1,0,0\n';
  await operator('POST', `/targets/${target.id}/logs/import`, csv, { 'content-type': 'text/csv' });
  await operator('GET', '/audit');
  await anonymous()('POST', '/auth/login', { username: 'noted', password: 'guess' });
  const entries = await until('all is noted', async () => {
    const { json } = await admin('GET', '/audit?limit=5&username=noted');
    return json[0].status === 401 && json;
  });
  assert.deepEqual(
    entries.map((entry: Record<string, unknown>) => [entry['action'], entry['path'], entry['status']]),
    [
      ['login', '/auth/login', 401],
      ['listAudit', '/audit', 403],
      ['importLogs', `/targets/${target.id}/logs/import`, 200],
      ['addTarget', '/targets', 200],
      ['login', '/auth/login', 200],
    ],
  );
  assert.deepEqual([entries[3].address, entries[4].address], ['127.0.0.1', `192.0.2.${logins}`]);
  const job = { import_id: 1, file_name: null, stored: 1, duplicates: 0, refused: 0, state: 'done' };
  assert.deepEqual(
    [JSON.parse(entries[2].detail), server.log.filter((line) => line.includes('"level":50'))],
    [job, []],
  );
  assert.equal(entries[3].detail, '{"ip":"127.7.7.7","frequency":3600}');
  const { text } = await admin('GET', '/audit?limit=1000');
  assert.ok(!text.includes(password) && !text.includes('changeme') && !text.includes('guess"'));
  const older = await admin('GET', `/audit?limit=1&before=${entries[3].id}&username=noted`);
  assert.equal(older.json[0].id, entries[4].id);
});

test('a former admin adds no users, not even those whose passwords were being hashed', async () => {
  const demoted = await sessionOf('demoted', 'admin');
  const names = Array.from({ length: 20 }, (_, index) => `late-${index}`);
  const adding = names.map((username) => demoted('POST', '/users', { username, password, role: 'admin' }));
  await Promise.race(adding);
  assert.equal((await admin('PATCH', '/users/demoted', { role: 'viewer' })).status, 200);
  const added = async (): Promise<readonly string[]> => {
    const { json } = await admin('GET', '/users');
    return json.map(({ username }: { username: string }) => username).filter((name: string) => names.includes(name));
  };
  const before = await added();
  const statuses = (await Promise.all(adding)).map(({ status }) => status);
  assert.deepEqual(await added(), before);
  assert.ok(statuses.includes(200) && statuses.includes(401), statuses.join());
});

test('the audit log distinguishes an API token from its user, and names a revoked token', async () => {
  const operator = await sessionOf('automating', 'operator');
  const { json: made } = await operator('POST', '/tokens', { name: 'nightly import', role: 'operator' });
  const { json: target } = await operator('POST', '/targets', { ip: '127.7.7.8', frequency: 3600 });
  await callerWith(server.url, made.token)('PATCH', `/targets/${target.id}`, { notes: 'by a program' });
  await operator('DELETE', `/tokens/${made.id}`);
  const entries = await until('all is noted', async () => {
    const { json } = await admin('GET', '/audit?limit=4&username=automating');
    return json[0]?.action === 'deleteApiToken' && json;
  });
  assert.deepEqual(
    entries.map((entry: Record<string, unknown>) => [entry['action'], entry['api_token']]),
    [
      ['deleteApiToken', null],
      ['changeTarget', 'nightly import'],
      ['addTarget', null],
      ['addApiToken', null],
    ],
  );
  assert.equal(entries[0].detail, '{"revoked":"nightly import","of":"automating"}');
});

test('the default password does not work from elsewhere through a reverse proxy', async () => {
  const login = (from: string, itsPassword: string): ReturnType<Caller> =>
    anonymous()('POST', '/auth/login', { username: 'admin', password: itsPassword }, { 'x-forwarded-for': from });
  const refused = await login('192.0.2.254', 'changeme');
  assert.deepEqual([refused.status, refused.json.access_token], [403, undefined]);
  assert.match(refused.json.detail, /works on the server's own machine only/);
  assert.equal((await login('192.0.2.253', 'wrong')).status, 401);
  assert.equal((await login('127.0.0.9', 'changeme')).status, 403, 'whoever a proxy says it is');
});

test('repeated refused requests are recorded once per call, not each time', async () => {
  const viewer = await sessionOf('insisting', 'viewer');
  for (let count = 0; count < 50; count++) {
    assert.equal((await viewer('GET', `/audit?limit=${count + 1}`)).status, 403);
    assert.equal((await viewer('POST', '/targets', { ip: `127.7.8.${count}` })).status, 403);
  }
  const other = await sessionOf('asking', 'viewer');
  assert.equal((await other('GET', '/audit')).status, 403);
  const { json } = await until('the last is noted', async () => {
    const answer = await admin('GET', '/audit?limit=1&username=asking');
    return answer.json[0].status === 403 && (await admin('GET', '/audit?limit=1000&username=insisting'));
  });
  assert.deepEqual(
    json.map(({ action, status }: { action: string; status: number }) => [action, status]),
    [
      ['addTarget', 403],
      ['listAudit', 403],
      ['login', 200],
    ],
  );
});

test('a removed administrator does not come back with the next start', async () => {
  await using other = await temporaryFolder();
  {
    await using first = await startServer(other.path);
    const call = await logIn(first.url);
    await call('POST', '/users', { username: 'anna', password, role: 'admin' });
    assert.equal((await call('DELETE', '/users/admin')).status, 200);
  }
  await using again = await startServer(other.path);
  const login = (body: object): ReturnType<Caller> => callerWith(again.url, undefined)('POST', '/auth/login', body);
  assert.equal((await login({ username: 'admin', password: 'changeme' })).status, 401);
  assert.equal((await login({ username: 'anna', password })).status, 200);
});

test('X-Forwarded-For counts from a proxy of TRUSTED_PROXIES only', async () => {
  const body = { username: 'guessed', password: 'x' };
  const guess = async (url: string, from: string): Promise<number> =>
    (await callerWith(url, undefined)('POST', '/auth/login', body, { 'x-forwarded-for': from })).status;
  await using other = await temporaryFolder();
  await using open = await startServer(other.path);
  // At once: each of them is answered later than the one before.
  const turns = Array.from({ length: 5 }, (_, turn) => [
    guess(server.url, '198.51.100.1'),
    guess(open.url, `198.51.100.${turn}`),
  ]);
  assert.deepEqual(new Set(await Promise.all(turns.flat())), new Set([401]));
  assert.equal(await guess(server.url, '198.51.100.1'), 429);
  assert.equal(await guess(server.url, '198.51.100.2'), 401);
  assert.equal(await guess(open.url, '198.51.100.9'), 429);
});

test('a whole IPv6 /64 counts as one address, and an IPv4-mapped one as the IPv4 address', async () => {
  const guess = async (from: string, username: string): Promise<number> => {
    const body = { username, password: 'x' };
    return (await anonymous()('POST', '/auth/login', body, { 'x-forwarded-for': from })).status;
  };
  const turns = [1, 2, 3, 4, 5].flatMap((turn) => [
    guess(`2001:db8:1:1:${turn}::${turn}`, 'six'),
    guess(turn % 2 === 0 ? '198.51.100.77' : '::ffff:198.51.100.77', 'four'),
  ]);
  assert.deepEqual(new Set(await Promise.all(turns)), new Set([401]));
  assert.equal(await guess('2001:db8:1:1:ffff::1', 'six'), 429);
  assert.equal(await guess('2001:db8:1:2::1', 'six'), 401);
  for (const same of ['::ffff:c633:644d', '198.51.100.77:4711', '[::ffff:198.51.100.77]:4711']) {
    assert.equal(await guess(same, 'four'), 429, same);
  }
});

test('pmd manages users and tokens, and a token is enough for it', async () => {
  await using other = await temporaryFolder();
  await using ours = await startServer(other.path);
  const run = (args: readonly string[], options: Parameters<typeof startPmd>[2] = {}) =>
    startPmd(ours, args, options).ended;
  const added = await run(['user', 'add', 'anna', '--role', 'operator', '--password-stdin'], {
    input: `${password}\n`,
  });
  assert.equal(added.code, 0, added.stderr);
  assert.match(added.stdout, /anna +operator/);
  assert.match((await run(['user', 'list'])).stdout, /admin +admin/);
  const asAnna = {
    environment: { PMD_USERNAME: 'anna', PMD_PASSWORD: password, XDG_CONFIG_HOME: `${other.path}/anna` },
  };
  const refused = await run(['user', 'list'], asAnna);
  assert.deepEqual([refused.code, refused.stdout], [3, ''], refused.stderr);
  assert.match(refused.stderr, /Your role is operator; this call needs admin/);
  const created = await run(['token', 'create', 'a script', '--days', '7'], asAnna);
  assert.match(created.stdout, /^pmd_[\w-]{43}\n$/);
  const environment = { PMD_TOKEN: created.stdout.trim(), PMD_USERNAME: '', PMD_PASSWORD: '' };
  assert.equal((await run(['target', 'list', '--json'], { environment })).stdout.trim(), '[]');
  const kept = await run(['target', 'add', '127.6.6.6'], { environment });
  assert.equal(kept.code, 3);
  assert.match(kept.stderr, /The role of this API token is viewer; this call needs operator/);
  assert.equal((await run(['token', 'revoke', '1'], asAnna)).code, 0);
  assert.equal((await run(['target', 'list'], { environment })).code, 3);
  const noId = await run(['token', 'revoke', 'Prometheus'], asAnna);
  assert.match(noId.stderr, /not "Prometheus"; pmd token list shows them/);
  const giveOut = async (word: string): Promise<number> =>
    (await (await logIn(ours.url, word, 'anna'))('POST', '/tokens', { name: 'stolen' })).status;
  assert.equal(await giveOut(password), 200);
  const chosen = { ...asAnna, input: `${password}\nchosen by anna\n` };
  const changed = await run(['password', '--password-stdin', '--end-api-tokens', '--json'], chosen);
  const told = '{"message":"Password changed, 1 API token revoked"}\n';
  assert.deepEqual([changed.code, changed.stdout], [0, told], changed.stderr);
  const incomplete = await run(['password', '--password-stdin'], { input: 'changeme\n' });
  assert.deepEqual([incomplete.code, /must have two lines/.test(incomplete.stderr)], [2, true], incomplete.stderr);
  assert.equal((await (await logIn(ours.url, 'chosen by anna', 'anna'))('GET', '/targets')).status, 200);
  assert.equal(await giveOut('chosen by anna'), 200);
  const alone = await run(['user', 'update', 'anna', '--role', 'viewer', '--end-api-tokens']);
  assert.deepEqual([alone.code, /only together with --password/.test(alone.stderr)], [2, true], alone.stderr);
  const reset = ['user', 'update', 'anna', '--password-stdin', '--end-api-tokens'];
  assert.match((await run(reset, { input: 'set by an admin' })).stdout, /anna +operator/);
  assert.deepEqual((await (await logIn(ours.url, 'set by an admin', 'anna'))('GET', '/tokens')).json, []);
  const asked = await run(['user', 'delete', 'anna']);
  assert.deepEqual([asked.code, /without a terminal, add --yes/.test(asked.stderr)], [2, true], asked.stderr);
  assert.match((await run(['user', 'list'])).stdout, /anna/);
  const audit = await run(['audit', '--user', 'anna']);
  assert.match(audit.stdout, /changePassword +200[^]*deleteApiToken[^]*addApiToken[^]*listUsers +403/);
  const newest = await run(['audit', '--user', 'anna', '--limit', '1']);
  const [, before = ''] = /Earlier ones: add (--before \d+)\./.exec(newest.stderr) ?? [];
  const earlier = await run(['audit', '--user', 'anna', '--limit', '1', '--json', ...before.split(' ')]);
  assert.equal(
    JSON.parse(earlier.stdout)[0].id,
    JSON.parse((await run(['audit', '--user', 'anna', '--limit', '2', '--json'])).stdout)[1].id,
  );
  assert.match((await run(['audit', '--user', 'nobody'])).stderr, /There is no such entry/);
  const wrong = await run(['user', 'add', 'bert', '--role', 'king', '--password-stdin'], { input: password });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /A role is one of viewer, operator, admin, not king/);
  assert.equal((await run(['user', 'delete', 'anna', '--yes'])).stdout, 'User anna deleted.\n');
});

test('requests without a token can neither control the terminal of pmd audit nor forge a row', async () => {
  await using other = await temporaryFolder();
  await using ours = await startServer(other.path);
  const commands = [
    '\u001b]0;title\u0007',
    '\u001b[2J\u001b[H',
    '\u009b31m',
    '\u001b[8mhidden',
    'a\r\n2026 root',
    '\u202etxt',
  ];
  const login = (username: string): ReturnType<Caller> =>
    callerWith(ours.url, undefined)('POST', '/auth/login', { username, password: 'x' });
  for (const username of commands) assert.equal((await login(username)).status, 401);
  const admin = await logIn(ours.url);
  const noted = await until('all are noted', async () => {
    const { json } = await admin('GET', '/audit');
    return json.length > commands.length && json;
  });
  const environment = {
    PMD_TOKEN: (await admin('POST', '/auth/login', { username: 'admin', password: 'changeme' })).json.access_token,
  };
  const table = await startPmd(ours, ['audit', '--limit', String(noted.length)], { environment }).ended;
  assert.doesNotMatch(table.stdout.replaceAll('\n', ''), /\p{Cc}|\p{Bidi_Control}/u);
  assert.equal(table.stdout.trim().split('\n').length, noted.length + 1, table.stdout);
  const shown = await startPmd(ours, ['audit', '--json'], { environment }).ended;
  assert.doesNotMatch(shown.stdout.trim(), /\p{Cc}|\p{Bidi_Control}/u);
  const names = JSON.parse(shown.stdout).map(({ username }: { username: string }) => username);
  for (const username of commands) assert.ok(names.includes(username), 'JSON says what it was, to the letter');
});

test('two admins who demote each other at once leave one of them, and floods of guesses leave one entry', async () => {
  await using other = await temporaryFolder();
  await using ours = await startServer(other.path);
  const first = await logIn(ours.url);
  await first('POST', '/users', { username: 'anna', password, role: 'admin' });
  const { json } = await callerWith(ours.url, undefined)('POST', '/auth/login', { username: 'anna', password });
  const second = callerWith(ours.url, json.access_token);
  const answers = await Promise.all([
    first('PATCH', '/users/anna', { role: 'viewer' }),
    second('PATCH', '/users/admin', { role: 'viewer' }),
  ]);
  assert.equal(answers.filter(({ status }) => status === 200).length, 1, answers.map(({ text }) => text).join('\n'));
  const winner = (await callerWith(ours.url, undefined)('POST', '/auth/login', { username: 'anna', password })).json;
  const admin = answers[0]?.status === 200 ? await logIn(ours.url) : callerWith(ours.url, winner.access_token);
  for (let guess = 0; guess < 30; guess++) {
    await callerWith(ours.url, undefined)('POST', '/auth/login', { username: 'guessed', password: String(guess) });
  }
  const entries = await until('all is noted', async () => {
    const { json: noted } = await admin('GET', '/audit?username=guessed');
    return noted[0]?.status === 429 && noted;
  });
  assert.deepEqual(
    entries.map(({ status }: { status: number }) => status),
    [429, 401, 401, 401, 401, 401],
  );
});

// Last, because the server's log reports it.
test('a change that fails halfway leaves no API token, and keeps the password for another try', async () => {
  const user = await sessionOf('halfway', 'viewer');
  const { json } = await user('POST', '/tokens', { name: 'stolen' });
  using database = new DatabaseSync(join(folder.path, 'pingmedaddy.db'), { timeout: 5000 });
  database.exec("create trigger broken before update on users begin select raise(abort, 'broken'); end");
  const change = { current_password: password, new_password: 'known to nobody else', end_api_tokens: true };
  const own = (): ReturnType<Caller> =>
    user('POST', '/auth/password', change, { 'x-forwarded-for': `192.0.2.${++logins}` });
  const broken = await own();
  assert.ok(broken.status >= 500, broken.text);
  assert.equal((await callerWith(server.url, json.token)('GET', '/targets')).status, 401);
  database.exec('drop trigger broken');
  assert.deepEqual((await own()).json, { message: 'Password changed, 0 API tokens revoked' });
  assert.equal((await user('GET', '/targets')).status, 401);
  assert.ok((await tokenOf('halfway', 'known to nobody else')) !== undefined);
});
