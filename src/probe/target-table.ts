import type { TargetId } from '../core/ids.ts';
import type { AddressFamily } from '../core/target.ts';
import { familyOf } from '../core/target.ts';
import { addressWordsOf } from './address-words.ts';
import type { PingTarget } from './probe.ts';

/** The targets being probed, each at a slot (a small whole number that is reused after it is gone). */
export class TargetTable {
  readonly #slotOf = new Map<TargetId, number>();
  readonly #targets: (PingTarget | undefined)[] = [];
  readonly #free: number[] = [];
  #words = new Uint32Array(4 * 1024);
  #probesPerSecond = 0;

  get size(): number {
    return this.#slotOf.size;
  }

  get probesPerSecond(): number {
    return this.#probesPerSecond;
  }

  /** The address of slot n is at 4n and following. Replaced when it grows: do not keep it. */
  get words(): Uint32Array<ArrayBuffer> {
    return this.#words;
  }

  set(target: PingTarget): { readonly slot: number; readonly isRescheduled: boolean } {
    const known = this.#slotOf.get(target.id);
    const slot = known ?? this.#free.pop() ?? this.#targets.length;
    const isRescheduled = known === undefined || this.intervalOf(slot) !== target.intervalMillis;
    if (known !== undefined) this.#probesPerSecond -= 1000 / this.intervalOf(slot);
    this.#probesPerSecond += 1000 / target.intervalMillis;
    this.#slotOf.set(target.id, slot);
    this.#targets[slot] = target;
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
    this.#probesPerSecond -= 1000 / this.intervalOf(slot);
    this.#targets[slot] = undefined;
    this.#free.push(slot);
    return slot;
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

  ipOf(slot: number): string {
    return this.#at(slot).ip;
  }

  familyOf(slot: number): AddressFamily {
    return familyOf(this.ipOf(slot));
  }

  #at(slot: number): PingTarget {
    const target = this.#targets[slot];
    if (target === undefined) throw new Error(`no target at slot ${slot}`);
    return target;
  }
}
