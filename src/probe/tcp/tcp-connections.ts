import type { ProbeEntry } from '../lane/probe-table.ts';

/** Connections in progress, close together in columns: the last one takes the place of one that ends. */
export class TcpConnections {
  readonly limit: number;
  #length = 0;
  readonly descriptors: Int32Array;
  readonly targetIds: Uint32Array;
  readonly intervals: Uint32Array;
  readonly slots: Float64Array;
  /** Milliseconds of the monotonic clock. */
  readonly sentMonotonic: Float64Array;

  constructor(limit: number) {
    this.limit = limit;
    this.descriptors = new Int32Array(limit);
    this.targetIds = new Uint32Array(limit);
    this.intervals = new Uint32Array(limit);
    this.slots = new Float64Array(limit);
    this.sentMonotonic = new Float64Array(limit);
  }

  get length(): number {
    return this.#length;
  }

  /** Only below the limit. */
  add(probe: ProbeEntry, descriptor: number, sentMonotonic: number): void {
    const at = this.#length++;
    this.descriptors[at] = descriptor;
    this.targetIds[at] = probe.targetId;
    this.intervals[at] = probe.intervalMillis;
    this.slots[at] = probe.slotMillis;
    this.sentMonotonic[at] = sentMonotonic;
  }

  /** Moves the last one to `at`: iterate from the end to the beginning to see all. */
  remove(at: number): void {
    const last = --this.#length;
    for (const column of [this.descriptors, this.targetIds, this.intervals, this.slots, this.sentMonotonic]) {
      column[at] = column[last] ?? 0;
    }
  }
}
