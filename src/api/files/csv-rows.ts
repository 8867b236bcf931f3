import { parse } from 'csv-parse/sync';
import { type Delimiter, delimiterNamedBy, delimiterOf } from './encoded-text.ts';

/** `undefined` cells: a row with an unclosed quote. Only that row is lost. */
export interface CsvRow {
  readonly cells: readonly string[] | undefined;
  readonly delimiter: Delimiter;
}

/** A quoted cell may contain line breaks; one that goes on for longer was never closed. */
const linesOfRowMax = 200;
const charactersOfRowMax = 16_384;

/** The rows of a CSV file, header first; empty lines are skipped. */
export async function* csvRows(text: AsyncIterable<string>): AsyncGenerator<CsvRow> {
  let delimiter: Delimiter | undefined;
  let open: string[] = [];
  const rowOf = (lines: readonly string[]): CsvRow => {
    const row = lines.join('\n');
    delimiter ??= delimiterOf(row);
    return { cells: cellsOf(row, delimiter), delimiter };
  };
  function* take(line: string): Generator<CsvRow> {
    if (open.length === 0 && line === '') return;
    if (open.length === 0 && delimiter === undefined) {
      delimiter = delimiterNamedBy(line);
      if (delimiter !== undefined) return;
    }
    open.push(line);
    switch (endOf(open.join('\n'), delimiter ?? delimiterOf(open[0] ?? ''))) {
      case 'whole': {
        const whole = open;
        open = [];
        yield rowOf(whole);
        break;
      }
      case 'open':
        if (open.length > linesOfRowMax || lengthOf(open) > charactersOfRowMax) yield* giveUp();
        break;
      case 'broken':
        yield* giveUp();
        break;
    }
  }
  /** The first line is faulty; those after it are rows of their own. */
  function* giveUp(): Generator<CsvRow> {
    const [, ...behind] = open;
    open = [];
    yield { cells: undefined, delimiter: delimiter ?? ',' };
    for (const line of behind) yield* take(line);
  }

  let rest = '';
  for await (const chunk of text) {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) yield* take(line);
  }
  yield* take(rest.replace(/\r$/, ''));
  while (open.length > 0) yield* giveUp();
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, { length }) => sum + length, 0);
}

/**
 * Whether these lines form a complete row. A quote is special only at the beginning of a cell. `broken`: a cell that began on an
 * earlier line ends in the middle of another, so its quote was never closed.
 */
function endOf(row: string, delimiter: Delimiter): 'whole' | 'open' | 'broken' {
  if (!row.includes('"')) return 'whole';
  let quotedFrom: number | undefined;
  let isStart = true;
  for (let at = 0; at < row.length; at++) {
    const sign = row[at];
    if (quotedFrom !== undefined) {
      if (sign !== '"') continue;
      if (row[at + 1] === '"') {
        at++;
        continue;
      }
      const next = row[at + 1];
      const isEnd = next === undefined || next === delimiter || next === '\n';
      if (!isEnd && row.slice(quotedFrom, at).includes('\n')) return 'broken';
      quotedFrom = undefined;
      isStart = false;
    } else if (sign === '"' && isStart) {
      quotedFrom = at;
    } else {
      isStart = sign === delimiter || sign === '\n';
    }
  }
  return quotedFrom === undefined ? 'whole' : 'open';
}

function cellsOf(row: string, delimiter: Delimiter): readonly string[] {
  if (!row.includes('"')) return row.split(delimiter);
  return parse(row, { delimiter, relax_quotes: true, relax_column_count: true })[0] ?? [];
}
