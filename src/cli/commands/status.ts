import type { Command } from 'commander';
import { readiness, showReadiness } from '../../contract/system.ts';
import { type CommonOptions, type Context, remoteCommand } from '../context.ts';
import { reachable, serverUrl } from '../session.ts';

export function addStatusCommand(program: Command, { output, environment, signal }: Context): void {
  remoteCommand(
    program,
    'status',
    'whether database, prober and recorder of the server work; exit 1 when one does not',
    'pmd status',
  ).action(async (options: CommonOptions) => {
    const url = serverUrl(environment, options.url);
    // 503 has the same shape as 200: it is the answer, not a failure to answer.
    const response = await reachable(url)(url + showReadiness.path, { signal });
    const answer = readiness.parse(await response.json());
    if (options.json === true) output.json(answer);
    else {
      const rows = Object.entries(answer.checks).map(([name, { status, message }]) => [name, status, message]);
      output.table(['part', 'status', 'message'], rows);
    }
    if (answer.status !== 'ok') throw new Error(`The server at ${url} does not do all of its work.`);
  });
}
