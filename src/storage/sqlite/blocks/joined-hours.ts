import { ByteReader, ByteWriter } from '../../../core/bytes/bytes.ts';

/** The packed results of one hour in a block of several. */
export interface JoinedHour {
  /** Hours since the block's first. */
  readonly offset: number;
  readonly resultCount: number;
  /** As the series codec wrote them, with a version and checksum of their own. */
  readonly payload: Uint8Array;
}

/** The offsets of a block's bits, ascending. */
export function offsetsOf(joinedHours: number): readonly number[] {
  const offsets: number[] = [];
  for (let bits = joinedHours, offset = 0; bits > 0; bits >>>= 1, offset++) if ((bits & 1) === 1) offsets.push(offset);
  return offsets;
}

export function bitsOf(hours: readonly JoinedHour[]): number {
  return hours.reduce((bits, { offset }) => bits | (1 << offset), 0);
}

/** The hours one after the other, each preceded by its number of results and bytes. `hours`: ascending. */
export function joinHours(hours: readonly JoinedHour[]): Uint8Array {
  const writer = new ByteWriter(hours.reduce((sum, { payload }) => sum + payload.length + 10, 0));
  for (const { resultCount, payload } of hours) {
    writer.varint(resultCount);
    writer.varint(payload.length);
    writer.bytes(payload);
  }
  return writer.finish();
}

/** Throws DamagedBytesError when there are too few bytes or too many. */
export function splitHours(joined: Uint8Array, joinedHours: number): readonly JoinedHour[] {
  const reader = new ByteReader(joined);
  const hours = offsetsOf(joinedHours).map((offset) => {
    const resultCount = reader.varint();
    return { offset, resultCount, payload: reader.bytes(reader.varint()) };
  });
  // Otherwise a bit is missing in joinedHours, and the hours are not the ones it lists.
  reader.expectEnd();
  return hours;
}
