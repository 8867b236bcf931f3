import type { Command } from 'commander';
import { followTrace } from '../../contract/paths/follow-trace.ts';
import { type StoredHop, type StoredTraceEntry, traceTarget } from '../../contract/paths/traceroute.ts';
import { type CommonOptions, type Context, idArgument, numberArgument, remoteCommand } from '../context.ts';
import { UsageError } from '../failure.ts';
import { labelText } from '../output/hop-statistics.ts';
import { milliseconds } from '../output/output.ts';
import { watchPath } from './traceroute-watch.ts';

interface TraceOptions extends CommonOptions {
  readonly maxHops?: number;
  readonly timeout?: number;
  readonly rounds?: number;
  readonly names: boolean;
  readonly watch?: true;
  readonly count?: number;
}

export function addTracerouteCommand(program: Command, context: Context): void {
  const { output, open } = context;
  remoteCommand(program, 'traceroute <id>', 'trace the path to a target now', 'pmd traceroute 1 --max-hops 30')
    .option('--max-hops <n>', '1 to 64 (default: 20)', numberArgument('--max-hops'))
    .option('--timeout <seconds>', '1 to 120 (default: 25)', numberArgument('--timeout'))
    .option('--rounds <n>', 'probes per hop, 1 to 10 (default: 1)', numberArgument('--rounds'))
    .option('-n, --no-names', 'do not look up the names of the hops')
    .option('--watch', 'keep tracing, like mtr: a round every second, with the figures of each hop; Ctrl-C ends it')
    .option('--count <rounds>', 'with --watch: stop after this many rounds', numberArgument('--count'))
    .action(async (text: string, options: TraceOptions) => {
      const query = {
        max_hops: options.maxHops,
        timeout: options.timeout,
        rounds: options.rounds,
        names: options.names ? undefined : ('false' as const),
      };
      const id = idArgument(text);
      checkWatching(options);
      const client = await open(options.server);
      if (options.watch === true) return watchPath(context, client, { id, query, ...options });
      if (options.json === true) return output.json(await client.call(traceTarget, { params: { id }, query }));
      const trace = await follow(context, followTrace(client, { id, query }, context.signal));
      if (trace === undefined) return;
      output.line(`Path to ${trace.target_ip}, traced in ${trace.duration_ms} ms`);
      const rows = trace.hops.map((hop) => [
        String(hop.hop),
        (hop.addresses.map(({ ip, mpls }) => ip + labelText(mpls)).join(' ') || '*') + markText(hop.mark),
        hop.addresses.map(({ host }) => host ?? '').join(' '),
        hop.rtt_ms === null ? '' : milliseconds(hop.rtt_ms),
        `${answeredPercent(hop)}%`,
      ]);
      output.table(['hop', 'address', 'name', 'rtt', 'answered'], rows, ['hop', 'rtt', 'answered']);
    });
}

function checkWatching({ watch, count, rounds }: TraceOptions): void {
  if (watch === true && rounds !== undefined) {
    throw new UsageError('--watch goes on round after round; --count says after how many it ends, not --rounds.');
  }
  if (watch !== true && count !== undefined) throw new UsageError('--count goes with --watch.');
  if (count !== undefined && (!Number.isInteger(count) || count < 1)) {
    throw new UsageError('--count must be a whole number from 1 up.');
  }
}

function answeredPercent({ sent_count: sent, reply_count: replies }: StoredHop): number {
  return sent === 0 ? 0 : Math.round((100 * Math.min(replies, sent)) / sent);
}

/** Shows which hops have answered while the trace runs, on a line that disappears at the end. */
async function follow(
  { stderr }: Context,
  messages: ReturnType<typeof followTrace>,
): Promise<StoredTraceEntry | undefined> {
  const answered = new Map<number, string>();
  const clear = stderr.isTTY === true ? '\r\u001b[K' : undefined;
  try {
    for await (const message of messages) {
      if (message.type === 'done') return message.trace;
      if (message.type === 'round') continue;
      const { hop, ip } = message.hop;
      answered.set(hop, ip);
      const farthest = Math.max(...answered.keys());
      if (clear !== undefined) {
        stderr.write(
          `${clear}${answered.size} hops have answered, the farthest is ${farthest}: ${answered.get(farthest)}`,
        );
      }
    }
    return undefined;
  } finally {
    if (clear !== undefined) stderr.write(clear);
  }
}

function markText(mark: string | undefined): string {
  return mark === undefined ? '' : ` ${mark}`;
}
