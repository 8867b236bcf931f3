import type { Command } from 'commander';
import { traceTarget } from '../../contract/traceroute.ts';
import { type CommonOptions, type Context, idArgument, numberArgument, remoteCommand } from '../context.ts';
import { milliseconds } from '../output.ts';

interface TraceOptions extends CommonOptions {
  readonly maxHops?: number;
  readonly timeout?: number;
}

export function addTracerouteCommand(program: Command, { output, open }: Context): void {
  remoteCommand(program, 'traceroute <id>', 'trace the path to a target now', 'pmd traceroute 1 --max-hops 30')
    .option('--max-hops <n>', '1 to 64 (default: 20)', numberArgument('--max-hops'))
    .option('--timeout <seconds>', '1 to 120 (default: 25)', numberArgument('--timeout'))
    .action(async (text: string, options: TraceOptions) => {
      const client = await open(options.url);
      const query = { max_hops: options.maxHops, timeout: options.timeout };
      const answer = await client.call(traceTarget, { params: { id: idArgument(text) }, query });
      if (options.json === true) return output.json(answer);
      output.line(`Path to ${answer.target_ip}, traced in ${answer.duration_ms} ms`);
      const rows = answer.hops.map((hop) => [
        String(hop.hop),
        hop.ip ?? '*',
        hop.host ?? '',
        hop.rtt_ms === null ? '' : milliseconds(hop.rtt_ms),
      ]);
      output.table(['hop', 'address', 'name', 'rtt'], rows, ['hop', 'rtt']);
    });
}
