/** How far a spool file has been read. */
export interface Cursor {
  /** In bytes from the beginning of the file. */
  readonly at: number;
  /** Results before it: those of whole records and those that are known to be lost. */
  readonly accounted: number;
  /** Of the last record; they grow. */
  readonly sequence: number;
}

/** A record whose checksum is right. */
export interface WholeRecord {
  /** `undefined` in files of 1.0.0-rc.1: it stands at their beginning. */
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
  /** Results between the cursor and the record, as far as what is left of them says. */
  readonly lostResults: number;
  /** Bytes that belong to no whole record; more than 0 in a damaged file alone. */
  readonly skippedBytes: number;
}

export function nothingFound(cursor: Cursor, skippedBytes: number, lostResults: number): Found {
  return { record: undefined, lostResults, skippedBytes, next: { ...cursor, at: cursor.at + skippedBytes } };
}
