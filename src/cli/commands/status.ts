import type { Command } from 'commander';
import { createClient } from '../../contract/client.ts';
import { readiness, showReadiness } from '../../contract/system.ts';
import { type CommonOptions, type Context, remoteCommand } from '../context.ts';
import { reachable, serverUrl } from '../session.ts';

export function addStatusCommand(program: Command, { output, environment, open, signal }: Context): void {
  remoteCommand(
    program,
    'status',
    'state of the database, prober and recorder; exit code 1 if one is not working',
    'pmd status',
  ).action(async (options: CommonOptions) => {
    const url = serverUrl(environment, options.server);
    // A login can fail because the database is unavailable; the message is then the same but shorter.
    const client = await open(options.server).catch(() =>
      createClient({ baseUrl: url, token: undefined, fetch: reachable(url) }),
    );
    const answer = readiness.parse(await (await client.open(showReadiness, {}, signal)).json());
    if (options.json === true) output.json(answer);
    else {
      const rows = Object.entries(answer.checks).map(([name, { status, message }]) => [name, status, message]);
      output.table(['part', 'status', 'message'], rows);
    }
    if (answer.status !== 'ok') throw new Error(`The server at ${url} does not do all of its work.`);
  });
}
