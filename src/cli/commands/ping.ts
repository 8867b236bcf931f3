import { constants } from 'node:os';
import { getSystemErrorMessage } from 'node:util';
import type { Command } from 'commander';
import { lossReasonOf } from '../../contract/history/loss-reason.ts';
import { type TargetId, parseTargetId } from '../../core/ids.ts';
import { hopsFromReplyTtl } from '../../core/path/path.ts';
import { type ProbeSpec, icmpProbe } from '../../core/target/probe-kinds.ts';
import { type ProbeResult, rowsOf } from '../../core/result/probe-result.ts';
import { Problem } from '../../core/problem.ts';
import { parseHostname, parseTargetAddress, portMax, portMin } from '../../core/target/target.ts';
import { createNameResolver, openProber } from '../../probe/probe.ts';
import { type CommonOptions, type Context, localCommand, numberArgument } from '../context.ts';
import { UsageError } from '../failure.ts';
import { milliseconds } from '../output/output.ts';
import type { Environment } from '../session.ts';

interface PingOptions extends CommonOptions {
  readonly timeout: number;
  readonly tcp?: number;
}

/** The shortest interval, so that the first planned time comes soon. */
const intervalMillis = 100;

export function addPingCommand(program: Command, { output, environment, signal }: Context): void {
  localCommand(
    program,
    'ping <ip-or-host>',
    'one probe from this machine; needs no server',
    'pmd ping localhost --tcp 443',
  )
    .option('--timeout <seconds>', 'seconds until the probe counts as lost', numberArgument('--timeout'), 1)
    .option('--tcp <port>', 'connect to this port instead of sending an ICMP echo', numberArgument('--tcp'))
    .action(async (text: string, options: PingOptions) => {
      const { timeout, tcp: tcpPort } = options;
      const host = nameIn(text);
      if (timeout < 0.01 || timeout > 60) throw new UsageError('--timeout must be from 0.01 to 60.');
      if (tcpPort !== undefined && !(Number.isInteger(tcpPort) && tcpPort >= portMin && tcpPort <= portMax))
        throw new UsageError(`--tcp must be a whole number from ${portMin} to ${portMax}.`);
      const ip = host === undefined ? addressIn(text) : await addressOf(host, environment, signal);
      const result = await probeOnce(
        {
          ip,
          timeoutMillis: timeout * 1000,
          probe: tcpPort === undefined ? icmpProbe : { kind: 'tcp', port: tcpPort },
        },
        signal,
      );
      const place = `${host === undefined ? ip : `${host} (${ip})`}${tcpPort === undefined ? '' : ` tcp/${tcpPort}`}`;
      if (result.outcome === 'not-sent') {
        const why = getSystemErrorMessage(-result.errno) ?? 'unknown error';
        const message = `The probe to ${place} could not be sent: ${why} (errno ${result.errno}).`;
        throw new Problem('prober-unavailable', message);
      }
      const isReply = result.outcome === 'reply';
      const latency = isReply ? result.rttMicros / 1000 : null;
      const hops = (isReply ? hopsFromReplyTtl(result.replyTtl) : undefined) ?? null;
      if (options.json === true) {
        const named = { ...(host === undefined ? {} : { host }), ...(tcpPort === undefined ? {} : { port: tcpPort }) };
        const reason = isReply ? {} : { loss_reason: lossReasonOf(result) ?? 'timeout' };
        output.json({ ip, ...named, latency_ms: latency, hops, packet_loss: !isReply, ...reason });
      } else if (isReply && tcpPort !== undefined) output.line(`${place}: connected in ${milliseconds(latency)}`);
      else if (isReply) output.line(`${place}: reply in ${milliseconds(latency)}, ${hops ?? 'unknown'} hops away`);
      else output.line(`${place}: ${describeLoss(result, timeout)}`);
      if (!isReply) throw new Error(`The probe to ${place} was lost: ${describeLoss(result, timeout)}.`);
    });
}

/** `undefined` for an address; anything that is neither is reported as a bad address. */
function nameIn(text: string): string | undefined {
  return parseTargetAddress(text).kind === 'address' ? undefined : parseHostname(text);
}

function addressIn(text: string): string {
  const parsed = parseTargetAddress(text);
  if (parsed.kind === 'fault') throw new UsageError(parsed.message);
  return parsed.address;
}

async function addressOf(host: string, environment: Environment, signal: AbortSignal): Promise<string> {
  const servers = (environment['DNS_SERVERS'] ?? '').split(',').filter((server) => server.trim() !== '');
  const { addresses } = await createNameResolver(servers.map((server) => server.trim())).resolve(host, null, signal);
  return addresses[0] ?? '';
}

function describeLoss(result: ProbeResult, timeoutSeconds: number): string {
  if (result.outcome === 'refused') return 'the port is closed, the host is up';
  return result.outcome === 'unreachable' ? `unreachable (${lossReasonOf(result)})` : `no reply in ${timeoutSeconds} s`;
}

/** Later planned times pass while the one probe is pending; nothing is sent for them. */
function isHeldBack(result: ProbeResult): boolean {
  return result.outcome === 'not-sent' && result.errno === constants.errno.EAGAIN;
}

interface Probe {
  readonly ip: string;
  readonly timeoutMillis: number;
  readonly probe: ProbeSpec;
}

async function probeOnce({ ip, timeoutMillis, probe }: Probe, signal: AbortSignal): Promise<ProbeResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ProbeResult>();
  signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  await using prober = await openProber({
    timeoutMillis,
    maxInFlight: 1,
    tracerouteBinary: undefined,
    onResults: (batch) => {
      for (const { result } of rowsOf(batch)) if (!isHeldBack(result)) resolve(result);
    },
    onNotice: () => undefined,
  });
  const { ipv4, ipv6, message } = prober.status();
  if (probe.kind === 'icmp' && (ip.includes(':') ? ipv6 : ipv4) === 'none')
    throw new Problem('prober-unavailable', message);
  const id: TargetId | undefined = parseTargetId(1);
  if (id === undefined) throw new Error('1 is an id');
  prober.schedule({ set: [{ id, ip, intervalMillis, probe }], remove: [] });
  return await promise;
}
