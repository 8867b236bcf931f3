import type { TargetId } from '../../core/ids.ts';
import { addressWordsOf } from '../linux/address-words.ts';
import type { LaneHandle, LaneSet, WayOut } from './lane-set.ts';
import { errnos } from '../linux/libc.ts';
import type { PingTarget } from '../port.ts';

/** The targets being probed, each at a slot (a small whole number that is reused after it is gone). */
export class TargetTable {
  readonly #slotOf = new Map<TargetId, number>();
  readonly #targets: (PingTarget | undefined)[] = [];
  readonly #handles: (LaneHandle | undefined)[] = [];
  /** Slots of targets that nothing sends for. */
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
    return this.#slotOf.size;
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

  /** The address of slot n is at 4n and following. Replaced when it grows: do not keep it. */
  get words(): Uint32Array<ArrayBuffer> {
    return this.#words;
  }

  set(target: PingTarget): { readonly slot: number; readonly isRescheduled: boolean } {
    const known = this.#slotOf.get(target.id);
    const slot = known ?? this.#free.pop() ?? this.#targets.length;
    const isRescheduled = known === undefined || this.intervalOf(slot) !== target.intervalMillis;
    if (known !== undefined) this.#count(this.intervalOf(slot), -1);
    this.#count(target.intervalMillis, 1);
    this.#slotOf.set(target.id, slot);
    this.#targets[slot] = target;
    // Taken before the old one is given back, so that a lane in use stays.
    this.#hold(slot, this.#lanes.take(target));
    if (this.#words.length < (slot + 1) * 4) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words.set(addressWordsOf(target.ip), slot * 4);
    return { slot, isRescheduled };
  }

  /** The slot that is free now; `undefined` when the target was not known. */
  remove(id: TargetId): number | undefined {
    const slot = this.#slotOf.get(id);
    if (slot === undefined) return undefined;
    this.#slotOf.delete(id);
    this.#count(this.intervalOf(slot), -1);
    this.#targets[slot] = undefined;
    this.#hold(slot, undefined);
    this.#free.push(slot);
    return slot;
  }

  /** Asks again for those targets that had no lane: one may have become free since. */
  retakeStranded(): void {
    for (const slot of this.#stranded) this.#hold(slot, this.#lanes.take(this.#at(slot), true));
  }

  slots(): Iterable<number> {
    return this.#slotOf.values();
  }

  idOf(slot: number): TargetId {
    return this.#at(slot).id;
  }

  intervalOf(slot: number): number {
    return this.#at(slot).intervalMillis;
  }

  at(slot: number): PingTarget {
    return this.#at(slot);
  }

  wayOutOf(slot: number): WayOut {
    return this.#handles[slot]?.wayOut ?? errnos.EAFNOSUPPORT;
  }

  #hold(slot: number, handle: LaneHandle | undefined): void {
    this.#handles[slot]?.release();
    this.#handles[slot] = handle;
    if (typeof handle?.wayOut === 'number') this.#stranded.add(slot);
    else this.#stranded.delete(slot);
  }

  #at(slot: number): PingTarget {
    const target = this.#targets[slot];
    if (target === undefined) throw new Error(`no target at slot ${slot}`);
    return target;
  }

  #count(intervalMillis: number, by: number): void {
    const count = (this.#intervals.get(intervalMillis) ?? 0) + by;
    if (count === 0) this.#intervals.delete(intervalMillis);
    else this.#intervals.set(intervalMillis, count);
  }
}
