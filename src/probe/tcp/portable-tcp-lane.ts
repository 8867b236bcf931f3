import { Socket } from 'node:net';
import type { OutcomeCode } from '../../core/result/probe-result.ts';
import { outcomeCodes, refusedDetail } from '../../core/result/probe-result.ts';
import { errnos } from '../linux/libc.ts';
import type { LaneContext, LaneTarget, ProbeLane } from '../lane/probe-lane.ts';
import type { ProbeEntry } from '../lane/probe-table.ts';

const connectionsMax = 512;
/** ICMPv4's host unreachable. An unreachable network usually means that this machine itself has no route. */
const unreachableDetails: Readonly<Record<string, number>> = { ECONNREFUSED: refusedDetail, EHOSTUNREACH: 3 * 256 + 1 };
const lossCodes = new Set(['ETIMEDOUT', 'ECONNRESET']);

/** Probes by connecting to ports with Node's own sockets and clock, on systems without a Linux libc. */
export class PortableTcpLane implements ProbeLane {
  readonly #context: LaneContext;
  readonly #open = new Set<Socket>();

  constructor(context: LaneContext) {
    this.#context = context;
  }

  get inFlight(): number {
    return this.#open.size;
  }

  send(probe: ProbeEntry, { ip, port }: LaneTarget): void {
    const { clocks, schedule, lateness, tally, timeoutMillis } = this.#context;
    const entry = { ...probe };
    if (this.#open.size >= connectionsMax) {
      tally.notSent++;
      return this.#give(entry, outcomeCodes['not-sent'], 0, errnos.EAGAIN);
    }
    lateness.add((schedule.at(clocks.monotonicMillis) - probe.slotMillis) * 1000);
    const socket = new Socket();
    this.#open.add(socket);
    const startedAt = performance.now();
    const timer = setTimeout(() => end(outcomeCodes.timeout), timeoutMillis);
    const end = (outcome: OutcomeCode, micros = 0, detail = 0): void => {
      clearTimeout(timer);
      if (!this.#open.delete(socket)) return;
      socket.resetAndDestroy();
      if (outcome !== outcomeCodes['not-sent']) tally.sent++;
      tally[countOf[outcome]]++;
      this.#give(entry, outcome, micros, detail);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const { code = '', errno = 0 } = error;
      const detail = unreachableDetails[code];
      if (detail !== undefined) end(outcomeCodes.unreachable, 0, detail);
      else if (lossCodes.has(code)) end(outcomeCodes.timeout);
      else end(outcomeCodes['not-sent'], 0, Math.abs(errno));
    });
    socket.once('connect', () =>
      end(outcomeCodes.reply, Math.max(1, Math.round((performance.now() - startedAt) * 1000))),
    );
    socket.connect({ host: ip, port });
  }

  flush(): void {}

  drain(): void {}

  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.#open.clear();
  }

  #give(probe: ProbeEntry, outcome: OutcomeCode, micros: number, detail: number): void {
    this.#context.columns.add(probe, outcome, micros, detail);
  }
}

const countOf = {
  [outcomeCodes.reply]: 'replies',
  [outcomeCodes.timeout]: 'timeouts',
  [outcomeCodes.unreachable]: 'unreachable',
  [outcomeCodes['not-sent']]: 'notSent',
} as const satisfies Record<OutcomeCode, string>;
