/** How far a spool file has been read. */
export interface Cursor {
  /** In bytes from the beginning of the file. */
  readonly at: number;
  /** Results before it: those of whole records and those known to be lost. */
  readonly accounted: number;
  /** Of the last record; they increase. */
  readonly sequence: number;
}

/** A record whose checksum is right. */
export interface WholeRecord {
  /** `undefined` in files of 1.0.0-rc.1, which have it at their beginning. */
  readonly source: string | undefined;
  readonly sequence: number;
  readonly results: number;
  readonly news: Uint8Array;
  readonly batch: Uint8Array;
}

export interface Found {
  /** `undefined`: there is none up to the end. */
  readonly record: WholeRecord | undefined;
  readonly next: Cursor;
  /** Results between the cursor and the record, as far as can be told from what is left. */
  readonly lostResults: number;
  /** Bytes that belong to no whole record; more than 0 only in a damaged file. */
  readonly skippedBytes: number;
}

export function nothingFound(cursor: Cursor, skippedBytes: number, lostResults: number): Found {
  return { record: undefined, lostResults, skippedBytes, next: { ...cursor, at: cursor.at + skippedBytes } };
}
