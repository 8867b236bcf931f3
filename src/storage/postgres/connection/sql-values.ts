import type { EpochMillis } from '../../../core/ids.ts';
import type { Row } from './connection.ts';

// PostgreSQL supports later years, but not in the format that JavaScript writes.
const lastMillis = Date.UTC(9999, 11, 31);

/** A time as a parameter of type timestamptz, exact to the millisecond. */
export function timestamp(time: EpochMillis): string {
  return new Date(Math.min(lastMillis, Math.max(0, time))).toISOString();
}

/** SQL that turns a timestamptz into epoch milliseconds, exact. */
export function millisOf(column: string): string {
  return `(date_part('epoch', ${column} - timestamptz 'epoch') * 1000)`;
}

/** int8 and numeric arrive as text. */
export function numberIn(row: Row, column: string): number {
  const value = row[column];
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) throw new Error(`the column ${column} is not a number`);
  return number;
}

export function textOrNull(row: Row, column: string): string | null {
  const value = row[column];
  return typeof value === 'string' ? value : null;
}

/** `undefined` for null. */
export function numberOrNone(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : numberIn(row, column);
}
