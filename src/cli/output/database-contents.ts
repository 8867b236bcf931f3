/** What a database file contains, as reported by the storage. */
export interface DatabaseContents {
  readonly schemaVersion: number;
  readonly targets: number;
  readonly results: number;
  readonly newestAt: number | undefined;
  readonly sizeBytes: number;
}

export interface CheckedDatabase extends DatabaseContents {
  readonly path: string;
  readonly checkedRows: number;
  readonly damages: readonly {
    /** Names the place, without a full stop. */
    readonly message: string;
    readonly table?: string;
    readonly row?: number;
    readonly targetId?: number | undefined;
    readonly at?: number | undefined;
  }[];
}

export interface Restored extends DatabaseContents {
  readonly path: string;
  /** Where the replaced database is now. */
  readonly keptAs: string | undefined;
}

export function describeContents(contents: DatabaseContents): {
  readonly text: string;
  readonly json: Readonly<Record<string, number | string | null>>;
} {
  const { schemaVersion, targets, results, newestAt, sizeBytes } = contents;
  const newest = newestAt === undefined ? undefined : new Date(newestAt).toISOString();
  const until = newest === undefined ? '' : ` up to ${newest}`;
  return {
    text: `${targets} targets, ${results} raw results${until}, ${sizeBytes} bytes, schema ${schemaVersion}`,
    json: { schema_version: schemaVersion, targets, results, newest_at: newest ?? null, bytes: sizeBytes },
  };
}
