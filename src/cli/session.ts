import { login } from '../contract/auth.ts';
import { type Client, createClient } from '../contract/client.ts';
import { Problem } from '../core/problem.ts';
import { readToken } from './credentials.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const defaultUrl = 'http://127.0.0.1:7464';

export function serverUrl(environment: Environment, given: string | undefined): string {
  const url = given ?? environment['PMD_URL'] ?? defaultUrl;
  if (URL.canParse(url) && /^https?:/.test(url)) return url.replace(/\/+$/, '');
  throw new Problem('invalid-input', `${JSON.stringify(url)} is not an http or https address.`);
}

/** A client with a token: PMD_TOKEN, else a login with PMD_USERNAME and PMD_PASSWORD, else the stored one. */
export async function openSession(
  environment: Environment,
  given: string | undefined,
  folder: string,
): Promise<Client> {
  const baseUrl = serverUrl(environment, given);
  return createClient({ baseUrl, token: await findToken(environment, baseUrl, folder), fetch: reachable(baseUrl) });
}

async function findToken(environment: Environment, baseUrl: string, folder: string): Promise<string | undefined> {
  const { PMD_TOKEN: token, PMD_USERNAME: username, PMD_PASSWORD: password } = environment;
  if (token !== undefined && token !== '') return token;
  if (username !== undefined && password !== undefined) return requestToken(baseUrl, username, password);
  const stored = await readToken(folder);
  // A token is told to the server that gave it, and to no other.
  return stored?.url === baseUrl ? stored.token : undefined;
}

export async function requestToken(baseUrl: string, username: string, password: string): Promise<string> {
  const client = createClient({ baseUrl, token: undefined, fetch: reachable(baseUrl) });
  return (await client.call(login, { body: { username, password } })).access_token;
}

/** fetch says only "fetch failed" when nobody listens. */
function reachable(baseUrl: string): typeof fetch {
  return async (input, init) => {
    try {
      return await fetch(input, init);
    } catch (error) {
      if (init?.signal?.aborted === true || !(error instanceof TypeError)) throw error;
      const { cause } = error;
      const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
      const advice = 'Start it with npm start or pmd serve, or set PMD_URL.';
      throw new Problem('server-unreachable', `No server answers at ${baseUrl}${why}. ${advice}`, { cause: error });
    }
  };
}
