import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { ProbeResult } from '../../core/result/probe-result.ts';
import { type Delimiter, delimiterNamedBy, delimiterOf, numberText } from './encoded-text.ts';
import { logColumns } from './log-export.ts';
import { UnreadableUpload } from './log-upload.ts';

/** What one row of a file says about one probe. */
export interface LogRecord {
  readonly sentAt: number;
  readonly result: ProbeResult;
  /** If the file says it. */
  readonly intervalMillis?: number;
  /** Whose result it is, if the file says so: by address or name, and by id. */
  readonly names?: readonly string[];
  readonly namesId?: string;
}

/**
 * One line at a time: a record, a sentence that says what is wrong, or `undefined` for lines without data (the header, an empty
 * row).
 */
export type LogRecordReader = (line: string) => LogRecord | string | undefined;

/** A clock may run ahead by this much. */
const futureMaxMillis = 3_600_000;
/** The longest time that every database can store: 31 bits of microseconds. */
const latencyMaxMs = 2_147_483;
const usualInitialTtl = 64;
/** From this many hops on, a reply with the usual initial TTL would be mistaken for a nearer one that began with 32. */
const hopsOfUsualMax = 31;

const timeFault = 'must be an RFC 3339 time such as 2026-11-23T21:00:00Z.';
const latencyFault = `must be a number of milliseconds from 0 to ${latencyMaxMs}, or empty.`;
const intervalFault = 'must be a number of seconds from 0.001 to 86400, or empty.';
const hopsFault = 'must be a whole number from 0 to 254, or empty.';
const row = z.object({
  time: z.iso.datetime({ offset: true, error: timeFault }),
  latency_ms: z.preprocess(
    toNumber,
    z.number(latencyFault).min(0, latencyFault).max(latencyMaxMs, latencyFault).nullable(),
  ),
  hops: z.preprocess(toNumber, z.int(hopsFault).min(0, hopsFault).max(254, hopsFault).nullable()),
  packet_loss: z
    .union([z.boolean(), z.enum(['0', '1', 'true', 'false'])], 'must be 0 or 1.')
    .transform((value) => value === true || value === '1' || value === 'true'),
});

/** The columns of our and others' exports that identify the target by address or name. */
const nameColumns = ['target_ip', 'ip', 'host', 'hostname', 'address'] as const;

/** Each line is one row: no column of an export can contain a line break, whatever its quotes. */
export function createCsvReader(): LogRecordReader {
  let columns: Columns | undefined;
  let named: Delimiter | undefined;
  let delimiter: Delimiter = ',';
  return (line) => {
    if (columns === undefined) {
      if (named === undefined) {
        named = delimiterNamedBy(line);
        if (named !== undefined) return undefined;
      }
      delimiter = named ?? delimiterOf(line);
      columns = readHeader(cellsOf(line, delimiter).map((name) => name.toLowerCase()));
      return undefined;
    }
    const cells = cellsOf(line, delimiter);
    // Spreadsheets write empty rows like this.
    if (cells.every((cell) => cell === '')) return undefined;
    const cell = (index: number): string | undefined => (index < 0 ? undefined : cells[index]);
    const { time, latency, hops, loss, interval, id, names } = columns;
    return recordOf({
      time: cell(time),
      latency_ms: numberText(cell(latency) ?? '', delimiter),
      hops: cell(hops),
      packet_loss: cell(loss),
      interval_seconds: numberText(cell(interval) ?? '', delimiter),
      target_id: cell(id),
      names: names.map(cell),
    });
  };
}

export function createNdjsonReader(): LogRecordReader {
  return (line) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return 'is not valid JSON.';
    }
    if (typeof value !== 'object' || value === null) return 'is not a JSON object.';
    return recordOf({ ...value, names: nameColumns.map((name) => Reflect.get(value, name) as unknown) });
  };
}

interface Columns {
  readonly time: number;
  readonly latency: number;
  /** -1 if there is none. */
  readonly hops: number;
  readonly loss: number;
  readonly interval: number;
  readonly id: number;
  /** Of the columns in the file. */
  readonly names: readonly number[];
}

type RowColumn = (typeof logColumns)[number] | (typeof nameColumns)[number];

function readHeader(header: readonly string[]): Columns {
  const missing = ['time', 'latency_ms', 'packet_loss'].filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new UnreadableUpload(`The header lacks ${missing.join(', ')}; it should be ${logColumns.join(',')}.`);
  }
  const at = (name: RowColumn): number => header.indexOf(name);
  const names = nameColumns.map(at).filter((index) => index >= 0);
  const results = { time: at('time'), latency: at('latency_ms'), hops: at('hops'), loss: at('packet_loss') };
  return { ...results, interval: at('interval_seconds'), id: at('target_id'), names };
}

function cellsOf(line: string, delimiter: Delimiter): readonly string[] {
  if (!line.includes('"')) return line.split(delimiter).map((cell) => cell.trim());
  try {
    return parse(line, { delimiter, relax_quotes: true, relax_column_count: true, trim: true })[0] ?? [];
  } catch {
    return [line];
  }
}

function toNumber(value: unknown): unknown {
  if (value === undefined || value === '') return null;
  return typeof value === 'string' ? Number(value) : value;
}

interface GivenRow extends Partial<Record<(typeof logColumns)[number], unknown>> {
  readonly names: readonly unknown[];
}

function recordOf(value: GivenRow): LogRecord | string {
  const { time, latency_ms = null, hops = null, packet_loss, interval_seconds } = value;
  const parsed = row.safeParse({ time, latency_ms, hops, packet_loss });
  const interval = intervalOf(interval_seconds);
  const faults = parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  if (interval === 'invalid') faults.push(`interval_seconds: ${intervalFault}`);
  if (!parsed.success || interval === 'invalid') return faults.join(' ');
  const { data } = parsed;
  const sentAt = Date.parse(data.time);
  if (sentAt < 0) return 'time: is before 1970.';
  if (sentAt > Date.now() + futureMaxMillis) return 'time: is in the future.';
  if (data.packet_loss !== (data.latency_ms === null)) {
    return 'packet_loss: must be 1 without a latency_ms and 0 with one.';
  }
  const names = value.names.map(textOf).filter((text) => text !== '');
  const namesId = textOf(value.target_id);
  const said = {
    ...(interval === undefined ? undefined : { intervalMillis: interval }),
    ...(names.length === 0 ? undefined : { names }),
    ...(namesId === '' ? undefined : { namesId }),
  };
  if (data.latency_ms === null) return { sentAt, result: { outcome: 'timeout' }, ...said };
  const replyTtl = data.hops === null ? undefined : ttlOf(data.hops);
  const result = { outcome: 'reply', rttMicros: Math.round(data.latency_ms * 1000), replyTtl } as const;
  return { sentAt, result, ...said };
}

/** In milliseconds; `undefined` if not given. */
function intervalOf(value: unknown): number | 'invalid' | undefined {
  const seconds = toNumber(value);
  if (seconds === null) return undefined;
  const isValid = typeof seconds === 'number' && seconds >= 0.001 && seconds <= 86_400;
  return isValid ? Math.round(seconds * 1000) : 'invalid';
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

/** A TTL that gives the same estimate of hops; only its initial value is a guess. */
function ttlOf(hops: number): number | undefined {
  if (hops <= hopsOfUsualMax) return usualInitialTtl - hops;
  return 255 - hops > 128 ? 255 - hops : undefined;
}
