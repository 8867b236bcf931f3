import type { Readable } from 'node:stream';
import { z } from 'zod';
import {
  nameColumn,
  packetColumns,
  placeColumns,
  tagsColumn,
  targetColumns,
} from '../../contract/targets/target-files.ts';
import { checkProbe, placeFields } from '../../contract/targets/target-place.ts';
import { address, frequency, packetFields, tags } from '../../contract/targets/target-fields.ts';
import { checkPlace, newTargetFields } from '../../contract/targets/targets.ts';
import { icmpProbe } from '../../core/target/probe-kinds.ts';
import { plainPacket } from '../../core/target/probe-packet.ts';
import type { AskedTarget } from '../../monitor/monitor.ts';
import { csvRows } from './csv-rows.ts';
import { decodeText, numberText } from './encoded-text.ts';
import { UnreadableUpload } from './log-upload.ts';
import { restoreCell } from './spreadsheet-cells.ts';
import { familyFrom, intervalMillis, packetFrom, probeFrom } from '../translate.ts';

export interface RowFault {
  readonly row: number;
  readonly message: string;
}

export interface TargetRows {
  readonly rowCount: number;
  readonly targets: readonly (AskedTarget & { readonly row: number })[];
  readonly faults: readonly RowFault[];
}

const flagWords = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['no', false],
]);

/** An empty cell is null. */
const numberCell = z
  .string()
  .default('')
  .transform((text) => (text.trim() === '' ? null : Number(text)));

/** An empty cell counts as absent. */
const wordCell = z
  .string()
  .default('')
  .transform((text) => (text.trim() === '' ? undefined : text.trim()));

function flagCell(whenEmpty: boolean) {
  return z
    .string()
    .default('')
    .transform((text, context) => {
      const word = text.trim().toLowerCase();
      const isSet = word === '' ? whenEmpty : flagWords.get(word);
      if (isSet !== undefined) return isSet;
      context.addIssue({ code: 'custom', message: 'must be true or false.' });
      return z.NEVER;
    });
}

/** One CSV row: the texts as they are in the file. */
const rowFields = newTargetFields.extend({
  frequency: z
    .string()
    .default('')
    .transform((text) => (text.trim() === '' ? 1 : Number(text)))
    .pipe(frequency),
  tags: z
    .string()
    .default('')
    .transform((text) => text.split(';').filter((tag) => tag.trim() !== ''))
    .pipe(tags),
  host: wordCell.pipe(placeFields.host.optional()),
  family: wordCell.pipe(placeFields.family.optional()),
  probe: wordCell.pipe(placeFields.probe.optional()),
  port: numberCell.pipe(placeFields.port),
  packet_size: numberCell.pipe(packetFields.packet_size),
  dscp: numberCell.pipe(packetFields.dscp),
  ttl: numberCell.pipe(packetFields.ttl),
  dont_fragment: flagCell(false),
  is_active: flagCell(true),
});
const row = rowFields.check(checkProbe, checkPlace);
/** An empty address is absent if there is a name; otherwise it is faulty as it stands. */
const namedRow = rowFields.extend({ ip: wordCell.pipe(address.optional()) }).check(checkProbe, checkPlace);

/** As many targets as one server probes. A file full of faults can use that much time and memory, but no more. */
const rowsMax = 100_000;

/** Reads a target file; each fault gives its row (the header is row 1) and column. */
export async function readTargetRows(file: Readable): Promise<TargetRows> {
  const faults: RowFault[] = [];
  const targets: (AskedTarget & { row: number })[] = [];
  let columns: readonly string[] | undefined;
  let rowCount = 0;
  /** The row number in the file, empty rows included. */
  let number = 1;
  try {
    for await (const { cells, delimiter } of csvRows(decodeText(file.iterator({ destroyOnReturn: false })))) {
      if (columns === undefined) {
        columns = readHeader(cells ?? []);
        continue;
      }
      number++;
      // Spreadsheets write empty rows like this.
      if (cells?.every((cell) => cell.trim() === '') === true) continue;
      if (rowCount >= rowsMax) {
        faults.push({ row: number, message: `The file has more than ${rowsMax} rows; what follows was not read.` });
        break;
      }
      rowCount++;
      if (cells === undefined) {
        faults.push({ row: number, message: 'has a quote that is not closed.' });
        continue;
      }
      const isTooLong = cells.slice(columns.length).some((cell) => cell.trim() !== '');
      if (cells.length < columns.length || isTooLong) {
        faults.push({ row: number, message: `has ${cells.length} fields; the header has ${columns.length}.` });
        continue;
      }
      if (cells.some((cell) => cell.includes('\0'))) {
        faults.push({ row: number, message: 'has a NUL character, which no text here can have.' });
        continue;
      }
      const texts = Object.fromEntries(columns.map((column, index) => [column, restoreCell(cells[index] ?? '')]));
      if (texts['frequency'] !== undefined) texts['frequency'] = numberText(texts['frequency'], delimiter);
      const parsed = ((texts['host'] ?? '').trim() === '' ? row : namedRow).safeParse(texts);
      if (parsed.success) targets.push({ ...toTarget(parsed.data), row: number });
      else faults.push(...parsed.error.issues.map((issue) => toFault(number, issue)));
    }
    if (columns === undefined) throw new HeaderError('The file is empty.');
  } catch (error) {
    if (error instanceof HeaderError) faults.push({ row: 1, message: error.message });
    else if (error instanceof UnreadableUpload) {
      // What was read before may be in the same wrong encoding without showing it.
      targets.length = 0;
      faults.push({ row: error.line ?? number + 1, message: error.message });
    } else throw error;
  }
  // The rest is read and discarded, because the sender waits until everything is sent.
  file.resume();
  return { rowCount, targets, faults };
}

class HeaderError extends Error {}

function readHeader(header: readonly string[]): readonly string[] {
  const names = header.map((name) => name.trim().toLowerCase());
  // Spreadsheets write separators for empty columns, too.
  while (names.at(-1) === '') names.pop();
  if (!names.includes('ip') && !names.includes('host'))
    throw new HeaderError('The first row must name the columns and have one named ip.');
  const known: readonly string[] = [...targetColumns, tagsColumn, ...placeColumns, ...packetColumns, nameColumn];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new HeaderError(`The column ${JSON.stringify(unknown)} is unknown; the columns are ${known.join(', ')}.`);
  }
  return names;
}

function toTarget(data: z.output<typeof row>): AskedTarget {
  return {
    ip: data.ip,
    hostname: data.host ?? null,
    family: familyFrom(data.family) ?? null,
    probe: probeFrom(data) ?? icmpProbe,
    name: data.name ?? null,
    intervalMillis: intervalMillis(data.frequency),
    url: data.url ?? null,
    notes: data.notes ?? null,
    tags: data.tags,
    packet: { ...plainPacket, ...packetFrom(data) },
    isActive: data.is_active,
    isSynthetic: false,
  };
}

function toFault(number: number, issue: z.core.$ZodIssue): RowFault {
  return { row: number, message: `${issue.path.join('.')}: ${issue.message}` };
}
