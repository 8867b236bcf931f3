import type { AddressFamily } from '../../core/target/address-family.ts';

/** States of an entry; an entry that was never used has serial 0 and state free. */
export const entryStates = { free: 0, pending: 1, replied: 2, answered: 3, expired: 4 } as const;

/** Serials modulo this fit into a packet's identifier and sequence, so this many probes can be in flight at most. */
export const serialSpan = 1 << 20;
const initialCapacity = 4096;

/** What a probe must remember until its result is reported: it does not refer to its target, which may change. */
export interface ProbeEntry {
  readonly targetId: number;
  readonly slotMillis: number;
  readonly intervalMillis: number;
}

/**
 * Probes of one family by serial: a ring in sending order, in which the oldest open probe only moves forward because all share
 * one timeout. Ended entries stay until the ring wraps, so that duplicates and late replies are recognised. Serials are unsigned
 * 32-bit and wrap.
 */
export class ProbeTable {
  readonly #wordsPerAddress: number;
  #capacity = initialCapacity;
  #oldest: number;
  #next: number;
  #open = 0;
  #serials = new Uint32Array(initialCapacity);
  states = new Uint8Array(initialCapacity);
  targetIds = new Uint32Array(initialCapacity);
  intervals = new Uint32Array(initialCapacity);
  slots = new Float64Array(initialCapacity);
  addresses: Uint32Array;
  /** Milliseconds of the monotonic clock. */
  sentMonotonic = new Float64Array(initialCapacity);
  /** Nanoseconds of the real-time clock: the best knowledge of when the packet left. */
  sentNanos = new Float64Array(initialCapacity);
  /** 1 if `sentNanos` is the kernel's. */
  isKernelSent = new Uint8Array(initialCapacity);
  /** 1 if it was sent a second time because a router found the first too big. */
  isSentAgain = new Uint8Array(initialCapacity);
  receivedNanos = new Float64Array(initialCapacity);
  replyTtls = new Uint8Array(initialCapacity);
  /** ICMP type × 256 + code of the first error that came for the probe; 0 if none did. It decides only without a reply. */
  icmpErrors = new Uint16Array(initialCapacity);
  tokenLows = new Int32Array(initialCapacity);
  tokenHighs = new Int32Array(initialCapacity);

  constructor(family: AddressFamily, firstSerial: number) {
    this.#wordsPerAddress = family === 4 ? 1 : 4;
    this.#oldest = firstSerial >>> 0;
    this.#next = this.#oldest;
    this.addresses = new Uint32Array(initialCapacity * this.#wordsPerAddress);
  }

  /** Probes whose result is not known yet. */
  get inFlight(): number {
    return this.#open;
  }

  get nextSerial(): number {
    return this.#next;
  }

  /** The index of a new pending entry for `nextSerial`, or -1 when no more can be distinguished. */
  add(entry: ProbeEntry, words: Uint32Array, from: number): number {
    const span = (this.#next - this.#oldest) >>> 0;
    if (span >= this.#capacity && !this.#grow()) return -1;
    const index = this.#next & (this.#capacity - 1);
    this.#serials[index] = this.#next;
    this.states[index] = entryStates.pending;
    this.targetIds[index] = entry.targetId;
    this.intervals[index] = entry.intervalMillis;
    this.slots[index] = entry.slotMillis;
    this.isKernelSent[index] = 0;
    this.icmpErrors[index] = 0;
    this.isSentAgain[index] = 0;
    // Nothing expires before it has been sent.
    this.sentMonotonic[index] = Number.POSITIVE_INFINITY;
    const count = this.#wordsPerAddress;
    for (let word = 0; word < count; word++) this.addresses[index * count + word] = words[from + word] ?? 0;
    this.#next = (this.#next + 1) >>> 0;
    this.#open++;
    return index;
  }

  /** The index of a serial that the ring still knows, otherwise -1. */
  find(serial: number): number {
    const index = serial & (this.#capacity - 1);
    return this.states[index] !== entryStates.free && this.#serials[index] === serial >>> 0 ? index : -1;
  }

  /** Whether this entry was sent to the address whose bytes begin at `offset`. */
  isAddress(index: number, view: DataView, offset: number): boolean {
    const count = this.#wordsPerAddress;
    for (let word = 0; word < count; word++) {
      if (this.addresses[index * count + word] !== view.getUint32(offset + word * 4, true)) return false;
    }
    return true;
  }

  /** Ends a pending or replied entry. */
  end(index: number, state: typeof entryStates.answered | typeof entryStates.expired): void {
    this.states[index] = state;
    this.#open--;
  }

  /** The oldest pending entry sent at or before `monotonicMillis`, or -1. */
  oldestSentBefore(monotonicMillis: number): number {
    while (this.#oldest !== this.#next) {
      const index = this.#oldest & (this.#capacity - 1);
      if (this.states[index] === entryStates.pending) {
        return (this.sentMonotonic[index] ?? 0) <= monotonicMillis ? index : -1;
      }
      this.#oldest = (this.#oldest + 1) >>> 0;
    }
    return -1;
  }

  #grow(): boolean {
    if (this.#capacity >= serialSpan) return false;
    const from = this.#capacity;
    const to = from * 2;
    const moved = <T extends Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array>(
      old: T,
      into: T,
      width = 1,
    ): T => {
      for (let serial = this.#oldest; serial !== this.#next; serial = (serial + 1) >>> 0) {
        const [source, target] = [serial & (from - 1), serial & (to - 1)];
        for (let at = 0; at < width; at++) into[target * width + at] = old[source * width + at] ?? 0;
      }
      return into;
    };
    this.#serials = moved(this.#serials, new Uint32Array(to));
    this.states = moved(this.states, new Uint8Array(to));
    this.targetIds = moved(this.targetIds, new Uint32Array(to));
    this.intervals = moved(this.intervals, new Uint32Array(to));
    this.slots = moved(this.slots, new Float64Array(to));
    const width = this.#wordsPerAddress;
    this.addresses = moved(this.addresses, new Uint32Array(to * width), width);
    this.sentMonotonic = moved(this.sentMonotonic, new Float64Array(to));
    this.sentNanos = moved(this.sentNanos, new Float64Array(to));
    this.isKernelSent = moved(this.isKernelSent, new Uint8Array(to));
    this.isSentAgain = moved(this.isSentAgain, new Uint8Array(to));
    this.receivedNanos = moved(this.receivedNanos, new Float64Array(to));
    this.replyTtls = moved(this.replyTtls, new Uint8Array(to));
    this.icmpErrors = moved(this.icmpErrors, new Uint16Array(to));
    this.tokenLows = moved(this.tokenLows, new Int32Array(to));
    this.tokenHighs = moved(this.tokenHighs, new Int32Array(to));
    this.#capacity = to;
    return true;
  }
}
