import type { Arena, Libc } from './libc.ts';
import { createArena } from './libc.ts';
import { CLOCK_MONOTONIC, CLOCK_REALTIME, PR_SET_TIMERSLACK } from './socket-options.ts';

/** The wall clock and the monotonic clock, read together, and a sleep that wakes on time. */
export interface ProbeClocks {
  /** Second of the real-time clock that `wallNanos` and kernel stamps count from: keeps nanoseconds exact in a Number. */
  readonly baseSeconds: number;
  /** Nanoseconds of the real-time clock since `baseSeconds`, as of the last `read`. */
  wallNanos: number;
  /** Milliseconds of the monotonic clock, with fraction, as of the last `read`. */
  monotonicMillis: number;
  /** False if the thread was interrupted between the two clocks, which makes their difference meaningless. */
  isPairTight: boolean;
  read(): void;
  sleep(millis: number): void;
}

const tightNanos = 100_000;

export function createKernelClocks(libc: Libc): ProbeClocks {
  const arena = createArena(16);
  libc.prctl(PR_SET_TIMERSLACK, 'ulong', 1);
  const baseSeconds = Math.floor(Date.now() / 1000);
  const monotonic = (): number => readNanos(libc, arena, CLOCK_MONOTONIC, 0);
  return {
    baseSeconds,
    wallNanos: 0,
    monotonicMillis: 0,
    isPairTight: false,
    read() {
      const before = monotonic();
      this.wallNanos = readNanos(libc, arena, CLOCK_REALTIME, baseSeconds);
      const after = monotonic();
      this.monotonicMillis = after / 1e6;
      this.isPairTight = after - before < tightNanos;
    },
    sleep(millis: number) {
      const seconds = Math.floor(millis / 1000);
      arena.view.setUint32(0, seconds, true);
      arena.view.setUint32(4, 0, true);
      arena.view.setUint32(8, Math.floor((millis - seconds * 1000) * 1e6), true);
      arena.view.setUint32(12, 0, true);
      libc.ppoll(0, 0, arena.address, 0);
    },
  };
}

function readNanos(libc: Libc, arena: Arena, clock: number, baseSeconds: number): number {
  libc.clock_gettime(clock, arena.address);
  return (arena.view.getUint32(0, true) - baseSeconds) * 1e9 + arena.view.getUint32(8, true);
}

/** The same from Node alone, to the millisecond: for systems whose libc we do not call. */
export function createPortableClocks(): ProbeClocks {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const baseSeconds = Math.floor(Date.now() / 1000);
  return {
    baseSeconds,
    wallNanos: 0,
    monotonicMillis: 0,
    isPairTight: true,
    read() {
      this.wallNanos = (Date.now() - baseSeconds * 1000) * 1e6;
      // Unlike performance.now(), the same for every thread, which a restarted thread relies on.
      this.monotonicMillis = Number(process.hrtime.bigint()) / 1e6;
    },
    sleep(millis: number) {
      Atomics.wait(cell, 0, 0, millis);
    },
  };
}
