import type { EpochMillis, TargetId } from '../ids.ts';

/** What happened to one probe; IPPM's "singleton" (RFC 2330 §11). */
export type ProbeResult =
  | { readonly outcome: 'reply'; readonly rttMicros: number; readonly replyTtl: number | undefined }
  | { readonly outcome: 'timeout' }
  /** The host itself refused the connection (a TCP RST): it is up, and nothing listens on the port. */
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'unreachable'; readonly icmpType: number; readonly icmpCode: number }
  /** Our own fault, with the errno of the failed send: never counted as loss. */
  | { readonly outcome: 'not-sent'; readonly errno: number };

/**
 * The numbers of outcomes in columns and in storage: never renumber them. A refusal has the code of `unreachable` there, with
 * `refusedDetail` as its detail, so that every block and every database ever written reads the same.
 */
export const outcomeCodes = { reply: 0, timeout: 1, unreachable: 2, 'not-sent': 3 } as const;
export type OutcomeCode = (typeof outcomeCodes)[keyof typeof outcomeCodes];

/** ICMP type 255 is reserved in both families, so no error has this detail. */
export const refusedDetail = 255 * 256;

/**
 * Results as columns, one row each, with `length` rows in use (the columns may be longer). The columns are backed by ArrayBuffers
 * of their own, so that a batch can be transferred between threads.
 */
export interface ResultBatch {
  readonly length: number;
  /** TargetId of each row. */
  readonly targetIds: Uint32Array<ArrayBuffer>;
  /** The planned time of each row, whole epoch milliseconds. */
  readonly sentAtMillis: Float64Array<ArrayBuffer>;
  /** OutcomeCode of each row. */
  readonly outcomes: Uint8Array<ArrayBuffer>;
  /** Round trip in whole microseconds, at most 2^31 - 1 (35 minutes); 0 unless the outcome is a reply. */
  readonly rttMicros: Uint32Array<ArrayBuffer>;
  /**
   * reply: the reply's TTL, 0 if unknown; unreachable: ICMP type × 256 + code, or `refusedDetail`; not-sent: errno; timeout: 0.
   */
  readonly details: Uint16Array<ArrayBuffer>;
  /** Time until the target's next planned probe: how long this result is valid for (coverage). */
  readonly intervalMillis: Uint32Array<ArrayBuffer>;
}

/** One row of a batch, for code that reads one result at a time. */
export interface ResultRow {
  readonly targetId: TargetId;
  readonly sentAt: EpochMillis;
  readonly intervalMillis: number;
  readonly result: ProbeResult;
}

const rowBytes = 23;

/**
 * All columns are in one buffer, widest first: the cost of passing a batch to another thread depends on the number of buffers.
 */
export function createBatch(capacity: number, length = capacity): ResultBatch {
  const buffer = new ArrayBuffer(rowBytes * capacity);
  return {
    length,
    sentAtMillis: new Float64Array(buffer, 0, capacity),
    targetIds: new Uint32Array(buffer, 8 * capacity, capacity),
    rttMicros: new Uint32Array(buffer, 12 * capacity, capacity),
    intervalMillis: new Uint32Array(buffer, 16 * capacity, capacity),
    details: new Uint16Array(buffer, 20 * capacity, capacity),
    outcomes: new Uint8Array(buffer, 22 * capacity, capacity),
  };
}

/** The buffers of a batch, for a transfer list. */
export function batchBuffers(batch: ResultBatch): ArrayBuffer[] {
  const columns = [batch.sentAtMillis, batch.targetIds, batch.rttMicros, batch.intervalMillis];
  return [...new Set([...columns, batch.details, batch.outcomes].map(({ buffer }) => buffer))];
}

export function batchFromRows(rows: readonly ResultRow[]): ResultBatch {
  const batch = createBatch(rows.length);
  rows.forEach((row, index) => writeRow(batch, index, row));
  return batch;
}

export function writeRow(batch: ResultBatch, index: number, row: ResultRow): void {
  const { result } = row;
  batch.targetIds[index] = row.targetId;
  batch.sentAtMillis[index] = row.sentAt;
  batch.intervalMillis[index] = row.intervalMillis;
  batch.outcomes[index] = outcomeCodeOf(result);
  batch.rttMicros[index] = result.outcome === 'reply' ? result.rttMicros : 0;
  batch.details[index] = detailOf(result);
}

export function readRow(batch: ResultBatch, index: number): ResultRow {
  if (index < 0 || index >= batch.length) throw new RangeError(`row ${index} of a batch of ${batch.length}`);
  return {
    targetId: (batch.targetIds[index] ?? 0) as TargetId,
    sentAt: batch.sentAtMillis[index] ?? 0,
    intervalMillis: batch.intervalMillis[index] ?? 0,
    result: resultFromCodes(batch.outcomes[index] ?? 0, batch.rttMicros[index] ?? 0, batch.details[index] ?? 0),
  };
}

export function* rowsOf(batch: ResultBatch): Generator<ResultRow> {
  for (let index = 0; index < batch.length; index++) yield readRow(batch, index);
}

function resultFromCodes(code: number, rttMicros: number, detail: number): ProbeResult {
  switch (code as OutcomeCode) {
    case outcomeCodes.reply:
      return { outcome: 'reply', rttMicros, replyTtl: detail === 0 ? undefined : detail };
    case outcomeCodes.timeout:
      return { outcome: 'timeout' };
    case outcomeCodes.unreachable:
      return detail === refusedDetail
        ? { outcome: 'refused' }
        : { outcome: 'unreachable', icmpType: detail >> 8, icmpCode: detail & 0xff };
    case outcomeCodes['not-sent']:
      return { outcome: 'not-sent', errno: detail };
    default:
      throw new Error(`outcome code ${code} is unknown`);
  }
}

export function outcomeCodeOf({ outcome }: ProbeResult): OutcomeCode {
  return outcomeCodes[outcome === 'refused' ? 'unreachable' : outcome];
}

/** As in the column `details`. */
export function detailOf(result: ProbeResult): number {
  switch (result.outcome) {
    case 'reply':
      return result.replyTtl ?? 0;
    case 'timeout':
      return 0;
    case 'refused':
      return refusedDetail;
    case 'unreachable':
      return result.icmpType * 256 + result.icmpCode;
    case 'not-sent':
      return result.errno;
    default:
      return result satisfies never;
  }
}

/** A lost probe is one that we sent and that no reply came to in time. */
export function isLost({ outcome }: ProbeResult): boolean {
  switch (outcome) {
    case 'timeout':
    case 'refused':
    case 'unreachable':
      return true;
    case 'reply':
    case 'not-sent':
      return false;
    default:
      return outcome satisfies never;
  }
}
