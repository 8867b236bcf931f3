import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import type { ProbePacket } from '../../core/target/probe-packet.ts';
import { plainPacket, plainPayloadBytes } from '../../core/target/probe-packet.ts';
import { type ProbeResult, detailOf, outcomeCodeOf } from '../../core/result/probe-result.ts';
import type { AddressFamily } from '../../core/target/address-family.ts';
import { runChild } from './child-process.ts';
import { isTooBig } from '../messages/icmp-errors.ts';
import { errnos } from '../linux/libc.ts';
import { readPingOutput } from './ping-output.ts';
import type { LaneContext, LaneTarget, ProbeLane } from '../lane/probe-lane.ts';
import type { ProbeEntry } from '../lane/probe-table.ts';

const childLimit = 64;
const outputBytes = 16 << 10;
/** Time for a process to start and end, on top of the probe's own timeout. */
const startMillis = 500;
const startErrnos: Readonly<Record<string, number>> = { ENOENT: 2, EACCES: 13, EAGAIN: 11, ENOMEM: 12, EMFILE: 24 };

export interface PingRequest {
  /** Canonical, so it is never taken for an option. */
  readonly ip: string;
  readonly family: AddressFamily;
  readonly timeoutMillis: number;
  readonly packet: ProbePacket;
}

/** Options for size, TTL, TOS and no fragments; the size is the program's own if not given. */
const packetOptions = {
  win32: ['-l', '-i', '-v', ['-f']],
  darwin: ['-s', '-m', '-z', ['-D']],
  ping6: ['-s', '-h', '-z', ['-D']],
  linux: ['-s', '-t', '-Q', ['-M', 'do']],
} as const satisfies Record<string, readonly [size: string, ttl: string, tos: string, dontFragment: readonly string[]]>;

/** The command that sends one echo request. */
export function pingCommand(
  platform: NodeJS.Platform,
  { ip, family, timeoutMillis, packet }: PingRequest,
): { readonly file: string; readonly arguments: readonly string[] } {
  const millis = String(Math.ceil(timeoutMillis));
  const end = [...packetArguments(platform, family, packet), ip];
  if (platform === 'win32') return { file: 'ping', arguments: ['-n', '1', '-w', millis, ...end] };
  if (platform === 'darwin') {
    if (family === 6) return { file: 'ping6', arguments: ['-n', '-c', '1', ...end] };
    return { file: 'ping', arguments: ['-n', '-c', '1', '-W', millis, ...end] };
  }
  return { file: 'ping', arguments: ['-n', '-c', '1', '-W', String(Math.ceil(timeoutMillis / 1000)), ...end] };
}

function packetArguments(platform: NodeJS.Platform, family: AddressFamily, packet: ProbePacket): readonly string[] {
  const isPing6 = platform === 'darwin' && family === 6;
  const [size, ttl, tos, dontFragment] =
    packetOptions[isPing6 ? 'ping6' : platform === 'win32' || platform === 'darwin' ? platform : 'linux'];
  return [
    // With fewer bytes it has nowhere to put the time and prints no round trip.
    ...(packet.payloadBytes === null ? [] : [size, String(Math.max(plainPayloadBytes, packet.payloadBytes))]),
    ...(packet.ttl === null ? [] : [ttl, String(packet.ttl)]),
    ...(packet.dscp === null ? [] : [tos, String(packet.dscp << 2)]),
    ...(packet.dontFragment ? dontFragment : []),
  ];
}

/** Whether this process may use the system's ping: probes the loopback address of the family once. */
export function hasSystemPing(family: AddressFamily): boolean {
  const command = pingCommand(process.platform, {
    ...{ ip: family === 4 ? '127.0.0.1' : '::1', family, timeoutMillis: 1000, packet: plainPacket },
  });
  const { error, stderr } = spawnSync(command.file, command.arguments, { encoding: 'utf8', timeout: 2000 });
  return error === undefined && !/not permitted|denied|not supported/i.test(stderr);
}

function isTooBigFor(family: AddressFamily, result: ProbeResult): boolean {
  return result.outcome === 'unreachable' && isTooBig(family, result.icmpType, result.icmpCode);
}

/** Probes one family with one process per probe, when nothing better is available. */
export class SystemPingLane implements ProbeLane {
  readonly #context: LaneContext;
  readonly #family: AddressFamily;
  readonly #packet: ProbePacket;
  readonly #children = new Set<ChildProcess>();
  #inFlight = 0;
  #isClosed = false;

  constructor(context: LaneContext, family: AddressFamily, packet: ProbePacket) {
    this.#packet = packet;
    this.#context = context;
    this.#family = family;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  send(probe: ProbeEntry, target: LaneTarget): void {
    const { clocks, schedule, lateness } = this.#context;
    const entry = { ...probe };
    if (this.#inFlight >= childLimit) {
      this.#give(entry, { outcome: 'not-sent', errno: errnos.EAGAIN });
      return;
    }
    lateness.add((schedule.at(clocks.monotonicMillis) - probe.slotMillis) * 1000);
    this.#inFlight++;
    void this.#probe(entry, target.ip);
  }

  flush(): void {}

  drain(): void {}

  close(): void {
    this.#isClosed = true;
    for (const child of this.#children) child.kill('SIGKILL');
  }

  async #probe(entry: ProbeEntry, ip: string): Promise<void> {
    let result = await this.#run(ip);
    // The kernel knows the path's MTU now, so the same probe goes in fragments.
    if (result !== undefined && !this.#packet.dontFragment && isTooBigFor(this.#family, result)) {
      result = await this.#run(ip);
    }
    this.#inFlight--;
    if (result !== undefined) this.#give(entry, result);
  }

  async #run(ip: string): Promise<ProbeResult | undefined> {
    const { timeoutMillis } = this.#context;
    const command = pingCommand(process.platform, { ip, family: this.#family, timeoutMillis, packet: this.#packet });
    let running: ChildProcess | undefined;
    const startedAt = performance.now();
    const request = { ...command, timeoutMillis: timeoutMillis + startMillis, outputBytes };
    const outcome = await runChild(request, (child) => {
      running = child;
      this.#children.add(child);
    });
    if (running !== undefined) this.#children.delete(running);
    // A child that our own shutdown killed says nothing about the network.
    if (this.#isClosed) return undefined;
    switch (outcome.kind) {
      case 'ended':
        return this.#withinTimeout(
          readPingOutput(`${outcome.stdout}\n${outcome.stderr}`, outcome.exitCode, {
            ...{ ip, family: this.#family, elapsedMicros: (performance.now() - startedAt) * 1000 },
          }),
        );
      case 'too-slow':
      case 'too-much-output':
        return { outcome: 'timeout' };
      case 'not-started':
        return { outcome: 'not-sent', errno: startErrnos[outcome.code] ?? errnos.EAGAIN };
      case 'aborted':
        return undefined;
      default:
        return outcome satisfies never;
    }
  }

  #withinTimeout(result: ProbeResult): ProbeResult {
    const isLate = result.outcome === 'reply' && result.rttMicros > this.#context.timeoutMillis * 1000;
    return isLate ? { outcome: 'timeout' } : result;
  }

  #give(probe: ProbeEntry, result: ProbeResult): void {
    const { columns, tally } = this.#context;
    if (result.outcome !== 'not-sent') tally.sent++;
    columns.add(probe, outcomeCodeOf(result), result.outcome === 'reply' ? result.rttMicros : 0, detailOf(result));
    switch (result.outcome) {
      case 'reply':
        tally.replies++;
        break;
      case 'timeout':
        tally.timeouts++;
        break;
      case 'refused':
      case 'unreachable':
        tally.unreachable++;
        break;
      case 'not-sent':
        tally.notSent++;
        break;
      default:
        result satisfies never;
    }
  }
}
