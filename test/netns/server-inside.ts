import { entry, type RunningServer, startServer, temporaryFolder } from '../e2e/server.ts';
import type { TestNetwork } from './network.ts';

interface Answer {
  readonly status: number;
  readonly text: string;
  /** `undefined` for what is not JSON. */
  readonly json: any;
}

/** A server in a namespace, and how to ask it from within. */
export interface ServerInside {
  readonly server: RunningServer;
  readonly restart: () => Promise<void>;
  readonly pmd: (...args: readonly string[]) => Promise<any>;
  readonly pmdText: (...args: readonly string[]) => Promise<string>;
  readonly api: (path: string) => Promise<Answer>;
  /** Of one sign-in. */
  readonly apiAll: (...paths: readonly string[]) => Promise<readonly Answer[]>;
}

/** It ends with the stack. */
export async function startInside(
  stack: AsyncDisposableStack,
  net: TestNetwork,
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerInside> {
  const folder = stack.use(await temporaryFolder());
  const start = (): Promise<RunningServer> => startServer(folder.path, environment, net.inside(name));
  const inside = { server: await start(), restart, pmd, pmdText, api, apiAll };
  stack.defer(() => inside.server[Symbol.asyncDispose]());
  async function restart(): Promise<void> {
    await inside.server.stop();
    inside.server = await start();
  }
  const account = ['PMD_USERNAME=admin', 'PMD_PASSWORD=changeme', `HOME=${folder.path}`];
  async function pmdText(...args: readonly string[]): Promise<string> {
    const command = [...account, `PMD_URL=${inside.server.url}`, process.execPath, entry, ...args];
    // A status that is not ok ends with 1, and says it on standard output all the same.
    return net.execAsync(name, 'env', ...command).then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout,
    );
  }
  async function pmd(...args: readonly string[]): Promise<any> {
    return JSON.parse(await pmdText(...args, '--json'));
  }
  async function apiAll(...paths: readonly string[]): Promise<readonly Answer[]> {
    const script = `const [url, ...paths] = process.argv.slice(1);
      const body = JSON.stringify({ username: 'admin', password: 'changeme' });
      const login = await fetch(url + '/auth/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      const { access_token } = await login.json();
      const answers = paths.map(async (path) => {
        const answer = await fetch(url + path, { headers: { authorization: 'Bearer ' + access_token } });
        return { status: answer.status, text: await answer.text() };
      });
      console.log(JSON.stringify(await Promise.all(answers)));`;
    const command = [process.execPath, '--input-type=module', '-e', script, inside.server.url, ...paths];
    const { stdout } = await net.execAsync(name, 'env', ...command);
    const answers = JSON.parse(stdout) as readonly { readonly status: number; readonly text: string }[];
    return answers.map(({ status, text }) => ({
      status,
      text,
      json: /^[[{]/.test(text) ? JSON.parse(text) : undefined,
    }));
  }
  async function api(path: string): Promise<Answer> {
    const [answer] = await apiAll(path);
    if (answer === undefined) throw new Error('no answer');
    return answer;
  }
  return inside;
}
