import { readFile } from 'node:fs/promises';
import { login } from '../contract/access/auth.ts';
import { type Client, createClient } from '../contract/client.ts';
import { Problem } from '../core/problem.ts';
import { isLoopbackAddress } from '../core/target/target.ts';
import { maskPasswords } from '../core/mask-passwords.ts';
import { readToken, writeToken } from './credentials.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const defaultUrl = 'http://127.0.0.1:7464';

export function serverUrl(environment: Environment, given: string | undefined): string {
  const url = given ?? environment['PMD_URL'] ?? defaultUrl;
  const parsed = URL.canParse(url) && /^https?:/.test(url) ? new URL(url) : undefined;
  if (parsed === undefined) {
    throw new Problem('invalid-input', `${JSON.stringify(maskPasswords(url))} is not an http or https address.`);
  }
  if (parsed.username !== '' || parsed.password !== '') {
    const advice = 'take them out and set PMD_USERNAME and PMD_PASSWORD, or use pmd login';
    throw new Problem(
      'invalid-input',
      `The server's address holds a user name or password, which are not sent: ${advice}.`,
    );
  }
  return url.replace(/\/+$/, '');
}

/**
 * A client with a token: PMD_TOKEN, otherwise from a login with PMD_USERNAME and PMD_PASSWORD, otherwise the stored one,
 * otherwise from a login as the first user of the server that this environment starts (in its container, `pmd` just works).
 */
export async function openSession(
  environment: Environment,
  given: string | undefined,
  folder: string,
): Promise<Client> {
  const baseUrl = serverUrl(environment, given);
  const { PMD_TOKEN: token, PMD_USERNAME: username, PMD_PASSWORD: password } = environment;
  const openWith = (known: string | undefined): Client =>
    createClient({ baseUrl, token: known, fetch: reachable(baseUrl) });
  if (token !== undefined && token !== '') return openWith(checkedToken(token));
  if (username !== undefined && password !== undefined) return openAs({ username, password }, baseUrl, folder);
  const kept = await readToken(folder, 'login');
  // A token is sent only to the server that issued it.
  if (kept?.url === baseUrl) return openWith(kept.token);
  const administrator = await ownAdministrator(environment, baseUrl);
  return administrator === undefined ? openWith(undefined) : openAs(administrator, baseUrl, folder);
}

/** Tokens are sent in a header; fetch would include an invalid one in its error message. */
function checkedToken(token: string): string {
  const trimmed = token.trim();
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  throw new Problem('invalid-input', 'PMD_TOKEN has a space, a line end or another character that is in no token.');
}

interface Login {
  readonly username: string;
  readonly password: string;
}

async function openAs({ username, password }: Login, baseUrl: string, folder: string): Promise<Client> {
  const logIn = async (): Promise<string> => {
    const fresh = await requestToken(baseUrl, username, password);
    // Stored, because a script of many commands would reach the limit on logins; a read-only home costs only that.
    await writeToken(folder, 'environment', { url: baseUrl, username, token: fresh }).catch(() => undefined);
    return fresh;
  };
  const kept = await readToken(folder, 'environment');
  if (kept?.url !== baseUrl || kept.username !== username) {
    return createClient({ baseUrl, token: await logIn(), fetch: reachable(baseUrl) });
  }
  return createClient({ baseUrl, token: kept.token, fetch: renewing(reachable(baseUrl), logIn) });
}

/** ADMIN_USERNAME and ADMIN_PASSWORD are sent to this machine's server on APP_PORT and to no other. */
async function ownAdministrator(environment: Environment, baseUrl: string): Promise<Login | undefined> {
  const { protocol, hostname, port } = new URL(baseUrl);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const isOwn = protocol === 'http:' && port === (environment['APP_PORT'] ?? '7464');
  if (!isOwn || (host !== 'localhost' && !isLoopbackAddress(host))) return undefined;
  const password = environment['ADMIN_PASSWORD'] ?? '';
  const path = environment['ADMIN_PASSWORD_FILE'] ?? '';
  if (password === '' && path === '') return undefined;
  const username = environment['ADMIN_USERNAME'] ?? '';
  return {
    username: username === '' ? 'admin' : username,
    password: (password === '' ? await readFile(path, 'utf8') : password).trim(),
  };
}

export async function requestToken(baseUrl: string, username: string, password: string): Promise<string> {
  const client = createClient({ baseUrl, token: undefined, fetch: reachable(baseUrl) });
  return (await client.call(login, { body: { username, password } })).access_token;
}

/** Logs in again once when a stored token has expired. A streamed body is consumed by then and cannot be sent again. */
function renewing(send: typeof fetch, logIn: () => Promise<string>): typeof fetch {
  return async (input, init) => {
    const response = await send(input, init);
    if (response.status !== 401 || init?.body instanceof ReadableStream) return response;
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${await logIn()}`);
    return send(input, { ...init, headers });
  };
}

/** fetch says only "fetch failed" when nothing listens. */
export function reachable(baseUrl: string): typeof fetch {
  return async (input, init) => {
    try {
      return await fetch(input, init);
    } catch (error) {
      if (init?.signal?.aborted === true || !(error instanceof TypeError)) throw error;
      const { cause } = error;
      const why = cause instanceof Error ? ` (${'code' in cause ? String(cause.code) : cause.message})` : '';
      const isBlocked = cause instanceof Error && cause.message === 'bad port';
      const advice = isBlocked
        ? 'Node, like browsers, refuses to call this port: publish another one and set PMD_URL.'
        : 'Start it with npm start or pmd serve, or set PMD_URL.';
      throw new Problem('server-unreachable', `No server answers at ${baseUrl}${why}. ${advice}`, { cause: error });
    }
  };
}
