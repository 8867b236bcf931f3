import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import stringWidth from 'string-width';
import { escapeControlCharacters } from '../../core/control-characters.ts';
import { harmless } from './terminal-text.ts';

const styles = ['bold', 'dim', 'red', 'yellow'] as const;

/** Each colours a text as its name says, or returns it unchanged. */
export type Colors = Readonly<Record<(typeof styles)[number], (text: string) => string>>;

export interface Output {
  /** For scripts: one JSON value and a line break, on stdout. */
  json(value: unknown): void;
  /** For people, on stdout. */
  line(text?: string): void;
  /** Columns named in `right` are right-aligned. */
  table(head: readonly string[], rows: readonly (readonly string[])[], right?: readonly string[]): void;
  /** Everything that is not a result: on stderr. */
  note(text: string): void;
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly colors: Colors;
}

export function createOutput(streams: Pick<Output, 'stdout' | 'stderr'>, hasColors: boolean): Output {
  const { stdout, stderr } = streams;
  const colors = createColors(hasColors);
  const line = (text = ''): void => void stdout.write(`${harmless(text)}\n`);
  return {
    stdout,
    stderr,
    colors,
    line,
    json: (value) => void stdout.write(`${escapeControlCharacters(JSON.stringify(value))}\n`),
    note: (text) => void stderr.write(`${harmless(text)}\n`),
    table(head, rows, right = []) {
      // One row is one line; otherwise a cell could pretend to be another row.
      const cells = rows.map((row) => row.map((cell) => harmless(cell.replaceAll(/\s*[\r\n]+\s*/g, ' '))));
      const widths = head.map((name, column) =>
        cells.reduce((most, row) => Math.max(most, widthOf(row[column] ?? '')), widthOf(name)),
      );
      const lineOf = (row: readonly string[], paint: (text: string) => string): string =>
        row
          .map((cell, column) => {
            const space = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
            return right.includes(head[column] ?? '') ? space + paint(cell) : paint(cell) + space;
          })
          .join('  ')
          .trimEnd();
      stdout.write(`${[lineOf(head, colors.bold), ...cells.map((row) => lineOf(row, String))].join('\n')}\n`);
    },
  };
}

/** The caller decides once whether to colour: Node would look at this process's own streams each time. */
export function createColors(hasColors: boolean): Colors {
  const painter = (style: (typeof styles)[number]) => (text: string) =>
    hasColors ? styleText(style, text, { validateStream: false }) : text;
  return { bold: painter('bold'), dim: painter('dim'), red: painter('red'), yellow: painter('yellow') };
}

/** Width in terminal cells. Nearly all texts are plain ASCII, and asking the library for each of 100,000 takes seconds. */
function widthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}

/** Exactly this many terminal cells: truncated with an ellipsis, or padded. */
export function fitted(text: string, width: number): string {
  if (widthOf(text) <= width) return text + ' '.repeat(width - widthOf(text));
  let cut = '';
  for (const { segment } of graphemes.segment(text)) {
    if (widthOf(cut + segment) >= width) break;
    cut += segment;
  }
  return `${cut}…${' '.repeat(width - 1 - widthOf(cut))}`;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** One line per field, with the values aligned. */
export function fieldLines(fields: readonly (readonly [name: string, value: string])[]): readonly string[] {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)} ${value}`);
}

export function milliseconds(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${value.toFixed(value < 10 ? 3 : 1)} ms`;
}

export function percent(ratio: number | null | undefined, digits = 2): string {
  return ratio === null || ratio === undefined ? '–' : `${(ratio * 100).toFixed(digits)}%`;
}

const blocks = '▁▂▃▄▅▆▇█';

/** One block per value, scaled between minimum and maximum; a space for a missing one. */
export function sparkline(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  const blockOf = (value: number): string => blocks[span === 0 ? 0 : Math.round(((value - low) / span) * 7)] ?? '';
  return values.map((value) => (value === null ? ' ' : blockOf(value))).join('');
}
