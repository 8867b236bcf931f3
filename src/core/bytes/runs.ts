import { type ByteReader, type ByteWriter, DamagedBytesError } from './bytes.ts';

/** Writes whole numbers as runs of equal ones: (zigzag step from the run before, length - 1). */
export function writeRuns(writer: ByteWriter, values: ArrayLike<number>, length: number): void {
  let previous = 0;
  for (let start = 0; start < length;) {
    const value = values[start] ?? 0;
    let end = start + 1;
    while (end < length && values[end] === value) end++;
    writer.zigzag(value - previous);
    writer.varint(end - start - 1);
    previous = value;
    start = end;
  }
}

/** Fills `length` rows of a column from `at` on; `max` is the largest value that the column can hold. */
export function readRuns(
  reader: ByteReader,
  into: { [index: number]: number },
  length: number,
  { max, at = 0 }: { readonly max: number; readonly at?: number },
): void {
  let value = 0;
  for (let start = at; start < at + length;) {
    value += reader.zigzag();
    if (value < 0 || value > max) throw new DamagedBytesError(`A column holds ${value}, at most ${max} can be.`);
    const run = reader.count(at + length - start - 1, 'rows in a run') + 1;
    for (const end = start + run; start < end; start++) into[start] = value;
  }
}

/** Ascending whole milliseconds as the first one and runs of equal steps: a regular schedule costs almost nothing. */
export function writeTimes(writer: ByteWriter, times: ArrayLike<number>, length: number): void {
  if (length === 0) return;
  writer.zigzag(times[0] ?? 0);
  let previousStep = 0;
  for (let start = 1; start < length;) {
    const step = (times[start] ?? 0) - (times[start - 1] ?? 0);
    let end = start + 1;
    while (end < length && (times[end] ?? 0) - (times[end - 1] ?? 0) === step) end++;
    writer.zigzag(step - previousStep);
    writer.varint(end - start - 1);
    previousStep = step;
    start = end;
  }
}

export function readTimes(reader: ByteReader, into: Float64Array, length: number): void {
  if (length === 0) return;
  readRunsOfSteps(reader, into, length, reader.zigzag());
}

function readRunsOfSteps(reader: ByteReader, into: Float64Array, length: number, first: number): void {
  let time = first;
  let step = 0;
  into[0] = time;
  for (let start = 1; start < length;) {
    step += reader.zigzag();
    if (step < 0) throw new DamagedBytesError('The times go backwards.');
    const run = reader.count(length - start - 1, 'rows in a run') + 1;
    for (const end = start + run; start < end; start++) into[start] = time += step;
  }
  if (!Number.isSafeInteger(time)) throw new DamagedBytesError('A time is too large.');
}
