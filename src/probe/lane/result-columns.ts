import type { OutcomeCode, ResultBatch } from '../../core/result/probe-result.ts';
import { createBatch } from '../../core/result/probe-result.ts';

/** Collects results as columns until they are taken; grows without limit between two calls of `take`. */
export class ResultColumns {
  #batch: ResultBatch = createBatch(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(
    probe: { readonly targetId: number; readonly slotMillis: number; readonly intervalMillis: number },
    outcome: OutcomeCode,
    rttMicros: number,
    detail: number,
  ): void {
    if (this.#length === this.#batch.targetIds.length) this.#batch = withCapacity(this.#batch, this.#length * 2);
    const at = this.#length++;
    this.#batch.targetIds[at] = probe.targetId;
    this.#batch.sentAtMillis[at] = probe.slotMillis;
    this.#batch.intervalMillis[at] = probe.intervalMillis;
    this.#batch.outcomes[at] = outcome;
    this.#batch.rttMicros[at] = rttMicros;
    this.#batch.details[at] = detail;
  }

  /** The collected batch, which now belongs to the caller; `undefined` if there is nothing. */
  take(): ResultBatch | undefined {
    if (this.#length === 0) return undefined;
    const batch = { ...this.#batch, length: this.#length };
    this.#batch = createBatch(Math.max(256, Math.ceil(this.#length * 1.25)));
    this.#length = 0;
    return batch;
  }
}

function withCapacity(batch: ResultBatch, capacity: number): ResultBatch {
  const larger = createBatch(capacity);
  larger.targetIds.set(batch.targetIds);
  larger.sentAtMillis.set(batch.sentAtMillis);
  larger.intervalMillis.set(batch.intervalMillis);
  larger.outcomes.set(batch.outcomes);
  larger.rttMicros.set(batch.rttMicros);
  larger.details.set(batch.details);
  return larger;
}
