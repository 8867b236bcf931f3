import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import type { ProbeResult } from '../core/probe-result.ts';
import { outcomeCodes } from '../core/probe-result.ts';
import type { AddressFamily } from '../core/target.ts';
import { runChild } from './child-process.ts';
import { errnos } from './libc.ts';
import { readPingOutput } from './ping-output.ts';
import type { LaneContext, LaneTarget, ProbeLane } from './probe-lane.ts';
import type { ProbeEntry } from './probe-table.ts';

const childLimit = 64;
const outputBytes = 16 << 10;
/** Time for a process to start and end, on top of the probe's own timeout. */
const startMillis = 500;
const startErrnos: Readonly<Record<string, number>> = { ENOENT: 2, EACCES: 13, EAGAIN: 11, ENOMEM: 12, EMFILE: 24 };

/** The command that sends one echo request; `ip` is canonical, so it is never taken for an option. */
export function pingCommand(
  platform: NodeJS.Platform,
  ip: string,
  family: AddressFamily,
  timeoutMillis: number,
): { readonly file: string; readonly arguments: readonly string[] } {
  const millis = String(Math.ceil(timeoutMillis));
  if (platform === 'win32') return { file: 'ping', arguments: ['-n', '1', '-w', millis, ip] };
  if (platform === 'darwin') {
    if (family === 6) return { file: 'ping6', arguments: ['-n', '-c', '1', ip] };
    return { file: 'ping', arguments: ['-n', '-c', '1', '-W', millis, ip] };
  }
  return { file: 'ping', arguments: ['-n', '-c', '1', '-W', String(Math.ceil(timeoutMillis / 1000)), ip] };
}

/** Whether this process may use the system's ping: asks the loopback address of the family once. */
export function hasSystemPing(family: AddressFamily): boolean {
  const command = pingCommand(process.platform, family === 4 ? '127.0.0.1' : '::1', family, 1000);
  const { error, stderr } = spawnSync(command.file, command.arguments, { encoding: 'utf8', timeout: 2000 });
  return error === undefined && !/not permitted|denied|not supported/i.test(stderr);
}

/** Probes one family with one process per probe: where nothing better is to be had. */
export class SystemPingLane implements ProbeLane {
  readonly #context: LaneContext;
  readonly #family: AddressFamily;
  readonly #children = new Set<ChildProcess>();
  #inFlight = 0;
  #isClosed = false;

  constructor(context: LaneContext, family: AddressFamily) {
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
    const result = await this.#run(ip);
    this.#inFlight--;
    if (result !== undefined) this.#give(entry, result);
  }

  async #run(ip: string): Promise<ProbeResult | undefined> {
    const { timeoutMillis } = this.#context;
    const command = pingCommand(process.platform, ip, this.#family, timeoutMillis);
    let running: ChildProcess | undefined;
    const request = { ...command, timeoutMillis: timeoutMillis + startMillis, outputBytes };
    const outcome = await runChild(request, (child) => {
      running = child;
      this.#children.add(child);
    });
    if (running !== undefined) this.#children.delete(running);
    // A child that our own closing killed says nothing about the network.
    if (this.#isClosed) return undefined;
    switch (outcome.kind) {
      case 'ended':
        return this.#withinTimeout(
          readPingOutput(`${outcome.stdout}\n${outcome.stderr}`, outcome.exitCode, this.#family),
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
    const code = outcomeCodes[result.outcome];
    if (result.outcome !== 'not-sent') tally.sent++;
    switch (result.outcome) {
      case 'reply':
        tally.replies++;
        columns.add(probe, code, result.rttMicros, result.replyTtl ?? 0);
        break;
      case 'timeout':
        tally.timeouts++;
        columns.add(probe, code, 0, 0);
        break;
      case 'unreachable':
        tally.unreachable++;
        columns.add(probe, code, 0, result.icmpType * 256 + result.icmpCode);
        break;
      case 'not-sent':
        tally.notSent++;
        columns.add(probe, code, 0, result.errno);
        break;
      default:
        result satisfies never;
    }
  }
}
