import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { type ProbeResult, type ResultRow, batchFromRows } from '../core/probe-result.ts';
import type { Target } from '../core/target.ts';
import type { Storage } from '../storage/storage.ts';
import { logColumns } from './log-export.ts';
import { lineOf } from './target-rows.ts';

const batchRows = 50_000;
const faultsShownMax = 100;
/** A reply that came from so many hops away must have begun with this TTL or a smaller one of the usual three. */
const usualInitialTtl = 64;

interface ImportOutcome {
  readonly row_count: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly error_count: number;
  readonly errors: readonly { readonly row: number; readonly message: string }[];
}

const blank = z.union([z.literal(''), z.null()]).transform(() => null);
/** A clock that runs ahead is forgiven this much. */
const futureMaxMillis = 3_600_000;
const importedColumns = z.object({
  time: z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time such as 2026-11-23T21:00:00Z.' }),
  latency_ms: blank
    .or(z.coerce.number('must be a number of milliseconds or empty.').min(0).max(4_000_000))
    .nullish()
    .transform((value) => value ?? null),
  hops: blank
    .or(z.coerce.number('must be a whole number or empty.').int().min(0).max(254))
    .nullish()
    .transform((value) => value ?? null),
  packet_loss: z
    .union([z.boolean(), z.enum(['0', '1', 'true', 'false'])], 'must be 0 or 1.')
    .transform((value) => value === true || value === '1' || value === 'true'),
});
const importedRow = importedColumns.superRefine(({ time, latency_ms, packet_loss }, context) => {
  const fault = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
  if (Date.parse(time) > Date.now() + futureMaxMillis) fault('time', 'is in the future.');
  if (packet_loss !== (latency_ms === null)) fault('packet_loss', 'must be 1 without a latency_ms and 0 with one.');
});

/** Reads the export's CSV or NDJSON in constant memory. Faulty rows are named and left out, the rest is stored. */
export async function importResults({
  storage,
  target,
  content,
  isCsv,
}: {
  readonly storage: Storage;
  readonly target: Target;
  readonly content: Readable;
  readonly isCsv: boolean;
}): Promise<ImportOutcome> {
  const outcome = { row_count: 0, stored: 0, duplicates: 0, error_count: 0 };
  const errors: { row: number; message: string }[] = [];
  let rows: ResultRow[] = [];

  async function store(): Promise<void> {
    if (rows.length === 0) return;
    const { stored, duplicates } = await storage.backfill(batchFromRows(rows), { isRawDroppedWhenAged: false });
    outcome.stored += stored;
    outcome.duplicates += duplicates;
    rows = [];
  }
  /** A result speaks for the time until the next one, if that comes sooner than the target's own interval. */
  function take(row: ResultRow): void {
    const previous = rows.at(-1);
    const gap = previous === undefined ? 0 : row.sentAt - previous.sentAt;
    const intervalMillis = gap > 0 ? Math.min(gap, target.intervalMillis) : target.intervalMillis;
    if (previous !== undefined && gap > 0) rows[rows.length - 1] = { ...previous, intervalMillis };
    rows.push({ ...row, intervalMillis });
  }
  function refuse(row: number, message: string): void {
    outcome.error_count++;
    if (errors.length < faultsShownMax) errors.push({ row, message });
  }

  function skip(row: number, message: string): void {
    outcome.row_count++;
    refuse(row, message);
  }

  const headerRows = isCsv ? 1 : 0;
  try {
    for await (const record of isCsv ? csvRecords(content, skip) : ndjsonRecords(content)) {
      outcome.row_count++;
      const number = outcome.row_count + headerRows;
      const parsed = importedRow.safeParse(record);
      if (record === undefined) refuse(number, 'is not valid JSON.');
      else if (parsed.success) take(toRow(target, parsed.data));
      else refuse(number, parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(' '));
      if (rows.length >= batchRows) await store();
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    refuse(outcome.row_count + headerRows + 1, error.message);
  }
  await store();
  return { ...outcome, errors: errors.toSorted((a, b) => a.row - b.row) };
}

/** The file is none that can be imported at all. */
class FormatError extends Error {}

async function* csvRecords(content: Readable, skip: (row: number, message: string) => void): AsyncGenerator {
  let hasHeader = false;
  const parser = parse({
    ...{ bom: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true },
    skip_records_with_error: true,
    on_skip: (error) => {
      skip(lineOf(error), error?.message ?? 'cannot be read.');
      return undefined;
    },
    columns: (header: string[]) => {
      hasHeader = true;
      return readHeader(header);
    },
  });
  content.on('error', (error) => parser.destroy(error)).pipe(parser);
  yield* parser as AsyncIterable<unknown>;
  if (!hasHeader) throw new FormatError('The file is empty.');
}

function readHeader(header: string[]): string[] {
  const missing = ['time', 'latency_ms', 'packet_loss'].filter((name) => !header.includes(name));
  if (missing.length === 0) return header;
  throw new FormatError(`The header lacks ${missing.join(', ')}; it should be ${logColumns.join(',')}.`);
}

async function* ndjsonRecords(content: Readable): AsyncGenerator {
  for await (const line of createInterface({ input: content, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    try {
      yield JSON.parse(line);
    } catch {
      yield undefined;
    }
  }
}

function toRow(target: Target, data: z.output<typeof importedRow>): ResultRow {
  const result: ProbeResult =
    data.packet_loss || data.latency_ms === null
      ? { outcome: 'timeout' }
      : {
          outcome: 'reply',
          rttMicros: Math.round(data.latency_ms * 1000),
          replyTtl: data.hops === null ? undefined : ttlOf(data.hops),
        };
  return { targetId: target.id, sentAt: Date.parse(data.time), intervalMillis: target.intervalMillis, result };
}

/** A TTL from which the same number of hops is estimated again; only its initial value is a guess. */
function ttlOf(hops: number): number | undefined {
  if (hops < usualInitialTtl) return usualInitialTtl - hops;
  return 255 - hops > 128 ? 255 - hops : undefined;
}
