import type { TargetId } from '../../core/ids.ts';
import { addressWordsOf } from '../linux/address-words.ts';
import type { LaneHandle, LaneSet, WayOut } from './lane-set.ts';
import { errnos } from '../linux/libc.ts';
import type { ProbedTarget } from '../port.ts';

/** The targets being probed, each at an index (a small whole number that is reused after its target is removed). */
export class TargetTable {
  readonly #indexOf = new Map<TargetId, number>();
  readonly #targets: (ProbedTarget | undefined)[] = [];
  readonly #handles: (LaneHandle | undefined)[] = [];
  /** Planned probes of targets that nothing sends for. */
  readonly #stranded = new Set<number>();
  readonly #free: number[] = [];
  readonly #lanes: LaneSet;
  #words = new Uint32Array(4 * 1024);
  /** How many targets have which interval. */
  readonly #intervals = new Map<number, number>();

  constructor(lanes: LaneSet) {
    this.#lanes = lanes;
  }

  get size(): number {
    return this.#indexOf.size;
  }

  get probesPerSecond(): number {
    let sum = 0;
    for (const [intervalMillis, count] of this.#intervals) sum += (1000 / intervalMillis) * count;
    return sum;
  }

  /** Infinity without targets. */
  get shortestIntervalMillis(): number {
    return Math.min(...this.#intervals.keys());
  }

  /** The address of index n is at 4n and following. Replaced when it grows: do not keep it. */
  get words(): Uint32Array<ArrayBuffer> {
    return this.#words;
  }

  set(target: ProbedTarget): { readonly index: number; readonly isRescheduled: boolean } {
    const known = this.#indexOf.get(target.id);
    const index = known ?? this.#free.pop() ?? this.#targets.length;
    const isRescheduled = known === undefined || this.intervalOf(index) !== target.intervalMillis;
    if (known !== undefined) this.#count(this.intervalOf(index), -1);
    this.#count(target.intervalMillis, 1);
    this.#indexOf.set(target.id, index);
    this.#targets[index] = target;
    // Taken before the old one is released, so that a lane in use stays open.
    this.#hold(index, this.#lanes.take(target));
    if (this.#words.length < (index + 1) * 4) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words.set(addressWordsOf(target.ip), index * 4);
    return { index, isRescheduled };
  }

  /** The index that is now free; `undefined` if the target was not known. */
  remove(id: TargetId): number | undefined {
    const index = this.#indexOf.get(id);
    if (index === undefined) return undefined;
    this.#indexOf.delete(id);
    this.#count(this.intervalOf(index), -1);
    this.#targets[index] = undefined;
    this.#hold(index, undefined);
    this.#free.push(index);
    return index;
  }

  /** Tries again for targets without a lane: one may have become free. */
  retakeStranded(): void {
    for (const index of this.#stranded) this.#hold(index, this.#lanes.take(this.at(index), true));
  }

  indices(): Iterable<number> {
    return this.#indexOf.values();
  }

  idOf(index: number): TargetId {
    return this.at(index).id;
  }

  intervalOf(index: number): number {
    return this.at(index).intervalMillis;
  }

  at(index: number): ProbedTarget {
    const target = this.#targets[index];
    if (target === undefined) throw new Error(`no target at index ${index}`);
    return target;
  }

  wayOutOf(index: number): WayOut {
    return this.#handles[index]?.wayOut ?? errnos.EAFNOSUPPORT;
  }

  #hold(index: number, handle: LaneHandle | undefined): void {
    this.#handles[index]?.release();
    this.#handles[index] = handle;
    if (typeof handle?.wayOut === 'number') this.#stranded.add(index);
    else this.#stranded.delete(index);
  }

  #count(intervalMillis: number, by: number): void {
    const count = (this.#intervals.get(intervalMillis) ?? 0) + by;
    if (count === 0) this.#intervals.delete(intervalMillis);
    else this.#intervals.set(intervalMillis, count);
  }
}
