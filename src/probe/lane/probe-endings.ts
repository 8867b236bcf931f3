import type { OutcomeCode } from '../../core/result/probe-result.ts';
import { outcomeCodes } from '../../core/result/probe-result.ts';
import type { LaneContext } from './probe-lane.ts';
import type { ProbeTable } from './probe-table.ts';
import { entryStates } from './probe-table.ts';

/** Ends probes of a table: each ending closes the entry, adds one row to the results and counts it. */
export class ProbeEndings {
  readonly #table: ProbeTable;
  readonly #context: LaneContext;
  readonly #probe = { targetId: 0, slotMillis: 0, intervalMillis: 0 };

  constructor(table: ProbeTable, context: LaneContext) {
    this.#table = table;
    this.#context = context;
  }

  /** By the stamps in the table; a reply that took longer than the timeout ends as one. */
  replied(index: number): void {
    const { clocks, lastStep, tally, timeoutMillis } = this.#context;
    const table = this.#table;
    const sentMonotonic = table.sentMonotonic[index] ?? 0;
    const kernelMicros = ((table.receivedNanos[index] ?? 0) - (table.sentNanos[index] ?? 0)) / 1000;
    const monotonicMicros = (clocks.monotonicMillis - sentMonotonic) * 1000;
    const isAcross = sentMonotonic < lastStep.monotonicMillis;
    const micros = isAcross ? acrossStep(kernelMicros, lastStep.byMillis * 1000, monotonicMicros) : kernelMicros;
    if (micros > timeoutMillis * 1000) {
      this.lost(index);
      tally.lateReplies++;
      this.#context.anomalies.add(table.targetIds[index] ?? 0, 'lateReplies');
      return;
    }
    this.#end(index, entryStates.answered, outcomeCodes.reply, {
      micros: Math.max(1, Math.round(micros)),
      detail: table.replyTtls[index] ?? 0,
    });
    tally.replies++;
  }

  /** No reply came in time: unreachable if an ICMP error came instead, by the first of them. */
  lost(index: number): void {
    const detail = this.#table.icmpErrors[index] ?? 0;
    const outcome = detail === 0 ? outcomeCodes.timeout : outcomeCodes.unreachable;
    this.#end(index, entryStates.expired, outcome, { micros: 0, detail });
    this.#context.tally[detail === 0 ? 'timeouts' : 'unreachable']++;
  }

  notSent(index: number, errno: number): void {
    this.#end(index, entryStates.expired, outcomeCodes['not-sent'], { micros: 0, detail: errno });
    this.#context.tally.notSent++;
  }

  #end(
    index: number,
    state: typeof entryStates.answered | typeof entryStates.expired,
    outcome: OutcomeCode,
    { micros, detail }: { readonly micros: number; readonly detail: number },
  ): void {
    const probe = this.#probe;
    probe.targetId = this.#table.targetIds[index] ?? 0;
    probe.slotMillis = this.#table.slots[index] ?? 0;
    probe.intervalMillis = this.#table.intervals[index] ?? 0;
    this.#context.columns.add(probe, outcome, micros, detail);
    this.#table.end(index, state);
  }
}

/**
 * Kernel stamps are wall time. If the wall clock has stepped since the probe was sent, the stamp of its reply is from before or
 * after the step; the round trip is then limited to the time that has passed on the monotonic clock, which may be too long by at
 * most the time between two checks.
 */
function acrossStep(kernelMicros: number, stepMicros: number, passedMicros: number): number {
  const fits = [kernelMicros, kernelMicros - stepMicros].filter((micros) => micros > 0 && micros <= passedMicros);
  return fits.length === 1 ? (fits[0] ?? passedMicros) : passedMicros;
}
