import type { Command } from 'commander';
import { type TargetId, parseTargetId } from '../../core/ids.ts';
import { hopsFromReplyTtl } from '../../core/path.ts';
import { type ResultRow, isLost, rowsOf } from '../../core/probe-result.ts';
import { Problem } from '../../core/problem.ts';
import { parseTargetAddress } from '../../core/target.ts';
import { openProber } from '../../probe/probe.ts';
import { type CommonOptions, type Context, localCommand, numberArgument } from '../context.ts';
import { UsageError } from '../failure.ts';
import { milliseconds } from '../output.ts';

interface PingOptions extends CommonOptions {
  readonly timeout: number;
}

/** The shortest interval: the first slot comes within it. */
const intervalMillis = 100;

export function addPingCommand(program: Command, { output, signal }: Context): void {
  localCommand(program, 'ping <ip>', 'one probe from this machine; needs no server', 'pmd ping ::1 --json')
    .option('--timeout <seconds>', 'until the probe counts as lost', numberArgument('--timeout'), 1)
    .action(async (text: string, options: PingOptions) => {
      const parsed = parseTargetAddress(text);
      if (parsed.kind === 'fault') throw new UsageError(parsed.message);
      if (options.timeout < 0.01 || options.timeout > 60) throw new UsageError('--timeout must be from 0.01 to 60.');
      const ip = parsed.address;
      const { result } = await probeOnce(ip, options.timeout * 1000, signal);
      if (result.outcome === 'not-sent') {
        throw new Problem('prober-unavailable', `The probe to ${ip} could not be sent (errno ${result.errno}).`);
      }
      const isReply = result.outcome === 'reply';
      const latency = isReply ? result.rttMicros / 1000 : null;
      const hops = (isReply ? hopsFromReplyTtl(result.replyTtl) : undefined) ?? null;
      if (options.json === true) output.json({ ip, latency_ms: latency, hops, packet_loss: isLost(result) });
      else if (isReply) output.line(`${ip}: reply in ${milliseconds(latency)}, ${hops ?? 'unknown'} hops away`);
      else output.line(`${ip}: ${result.outcome === 'timeout' ? `no reply in ${options.timeout} s` : 'unreachable'}`);
    });
}

async function probeOnce(ip: string, timeoutMillis: number, signal: AbortSignal): Promise<ResultRow> {
  const { promise, resolve, reject } = Promise.withResolvers<ResultRow>();
  signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  await using prober = await openProber({
    timeoutMillis,
    maxInFlight: 1,
    tracerouteBinary: undefined,
    onResults: (batch) => {
      for (const row of rowsOf(batch)) resolve(row);
    },
    onNotice: () => undefined,
  });
  const { ipv4, ipv6, message } = prober.status();
  if ((ip.includes(':') ? ipv6 : ipv4) === 'none') throw new Problem('prober-unavailable', message);
  const id: TargetId | undefined = parseTargetId(1);
  if (id === undefined) throw new Error('1 is an id');
  prober.ping({ set: [{ id, ip, intervalMillis }], remove: [] });
  return await promise;
}
