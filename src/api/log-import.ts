import type { Readable } from 'node:stream';
import { type ResultRow, batchFromRows } from '../core/probe-result.ts';
import type { Target } from '../core/target.ts';
import type { Storage } from '../storage/storage.ts';
import { createCsvReader, createNdjsonReader, type LogRecord } from './log-records.ts';
import { openUpload, UnreadableUpload } from './log-upload.ts';
import { textLines } from './text-lines.ts';

const batchRows = 50_000;
const faultsShownMax = 100;

interface ImportOutcome {
  readonly row_count: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly error_count: number;
  /** `row`: the line of the file, from 1. */
  readonly errors: readonly { readonly row: number; readonly message: string }[];
}

/**
 * Reads the export's CSV or NDJSON, gzip and Zstandard too, in constant memory. Faulty rows are named and left out, the
 * rest is stored, a batch at a time: after an interruption the same file can be sent again, and ends with the same data.
 */
export async function importResults({
  storage,
  target,
  content,
  isNdjson,
}: {
  readonly storage: Storage;
  readonly target: Target;
  readonly content: Readable;
  /** What the sender says; a first line that is a JSON object says it too. */
  readonly isNdjson: boolean;
}): Promise<ImportOutcome> {
  const outcome = { row_count: 0, stored: 0, duplicates: 0, error_count: 0 };
  const errors: { row: number; message: string }[] = [];
  const rows: ResultRow[] = [];
  let line = 0;

  async function store(count: number): Promise<void> {
    const batch = batchFromRows(rows.splice(0, count));
    if (batch.length === 0) return;
    const { stored, duplicates } = await storage.backfill(batch, { isRawDroppedWhenAged: false });
    outcome.stored += stored;
    outcome.duplicates += duplicates;
  }
  /** A result speaks for the time until the next one, if that comes sooner than the target's own interval. */
  function take({ sentAt, result }: LogRecord): void {
    const previous = rows.at(-1);
    const gap = previous === undefined ? 0 : sentAt - previous.sentAt;
    const intervalMillis = gap > 0 ? Math.min(gap, target.intervalMillis) : target.intervalMillis;
    if (previous !== undefined && gap > 0) rows[rows.length - 1] = { ...previous, intervalMillis };
    rows.push({ targetId: target.id, sentAt, intervalMillis, result });
  }
  function refuse(message: string): void {
    outcome.error_count++;
    if (errors.length < faultsShownMax) errors.push({ row: line, message });
  }

  try {
    const upload = await openUpload(content);
    const read = isNdjson || upload.isNdjson ? createNdjsonReader() : createCsvReader();
    let isEmpty = true;
    for await (const lines of textLines(upload.content)) {
      for (const text of lines) {
        line++;
        if (text.trim() === '') continue;
        isEmpty = false;
        const record = read(text);
        if (record === undefined) continue;
        outcome.row_count++;
        if (typeof record === 'string') refuse(record);
        else take(record);
        // The last one stays: what it speaks for is known with the next one.
        if (rows.length > batchRows) await store(batchRows);
      }
    }
    if (isEmpty) throw new UnreadableUpload('The file is empty.');
  } catch (error) {
    if (!(error instanceof UnreadableUpload)) throw error;
    line = error.line ?? Math.max(1, line);
    refuse(error.message);
  }
  await store(rows.length);
  return { ...outcome, errors };
}
