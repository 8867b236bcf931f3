import type { ProbeClocks } from '../../src/probe/linux/clocks.ts';

/** Says that it is ready, then takes in and answers for ever; `nextDueNanos`: when the next answer is due, on the wall clock. */
export function answerInTime(
  clocks: ProbeClocks,
  {
    receive,
    answer,
    nextDueNanos,
  }: Readonly<Record<'receive' | 'answer', () => void>> & { readonly nextDueNanos: () => number },
): never {
  process.stdout.write('ready\n');
  for (;;) {
    clocks.read();
    receive();
    answer();
    const dueMillis = (nextDueNanos() - clocks.wallNanos) / 1e6;
    // Spins through the last half millisecond, so that the delay is the same for every caller.
    if (dueMillis > 0.5) clocks.sleep(Math.min(1, dueMillis - 0.5));
  }
}
