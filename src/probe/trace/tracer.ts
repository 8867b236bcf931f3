import { messageOf } from '../../core/problem.ts';
import type { LiveHop } from '../../core/path/path.ts';
import { familyOf } from '../../core/target/target.ts';
import type { Libc } from '../linux/libc.ts';
import type { ProbeMethod, TraceRequest } from '../port.ts';
import type { RawPath } from './trace-rounds.ts';
import type { TraceParts } from './trace-run.ts';
import { TraceRun } from './trace-run.ts';

export interface TracerParts extends Omit<TraceParts, 'libc' | 'onAnswer' | 'onRound'> {
  readonly libc: Libc | undefined;
  readonly methods: Readonly<Record<4 | 6, ProbeMethod>>;
  readonly onHop: (traceId: number, hop: LiveHop) => void;
  readonly onRound: (traceId: number, ttls: readonly number[]) => void;
  readonly onPath: (traceId: number, path: RawPath) => void;
  /** `message` is a whole sentence. */
  readonly onFailure: (traceId: number, message: string) => void;
}

/** The traces that run in the probing thread, concurrently. */
export class Tracer {
  readonly #parts: TracerParts;
  readonly #runs = new Map<number, TraceRun>();

  constructor(parts: TracerParts) {
    this.#parts = parts;
  }

  get running(): number {
    return this.#runs.size;
  }

  start(traceId: number, request: TraceRequest): void {
    const { libc, clocks, signer, methods } = this.#parts;
    const method = methods[familyOf(request.ip)];
    if ((method !== 'raw-socket' && method !== 'ping-socket') || libc === undefined) {
      this.#parts.onFailure(traceId, 'Tracing needs raw or ping sockets, which this process may not use.');
      return;
    }
    try {
      const onAnswer = (hop: LiveHop): void => this.#parts.onHop(traceId, hop);
      const onRound = (ttls: readonly number[]): void => this.#parts.onRound(traceId, ttls);
      this.#runs.set(traceId, new TraceRun({ libc, clocks, signer, onAnswer, onRound }, method, request));
    } catch (error) {
      const why = messageOf(error);
      this.#parts.onFailure(traceId, `No socket could be opened for the trace: ${why}.`);
    }
  }

  abort(traceId: number): void {
    this.#runs.get(traceId)?.close();
    this.#runs.delete(traceId);
  }

  tick(): void {
    for (const [traceId, run] of this.#runs) {
      const outcome = run.tick();
      if (outcome === undefined) continue;
      this.abort(traceId);
      if (typeof outcome === 'number') {
        this.#parts.onFailure(traceId, `This machine could not send to the address (errno ${outcome}).`);
      } else {
        this.#parts.onPath(traceId, outcome);
      }
    }
  }

  close(): void {
    for (const traceId of this.#runs.keys()) this.abort(traceId);
  }
}
