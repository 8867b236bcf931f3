import type { SQLInputValue } from 'node:sqlite';
import { decodeBatch } from '../../../core/result/batch-codec.ts';
import { DamagedBytesError } from '../../../core/bytes/bytes.ts';
import { parseEventData } from '../../../core/event/event-check.ts';
import { checkRollupBlock } from '../../../core/history/rollup-codec.ts';
import { checkSeries } from '../../../core/result/series-codec.ts';
import { passwordHashFault } from '../../../core/password-hash.ts';
import type { StoredDamage } from '../../port.ts';
import { zstd } from '../../series/compression.ts';
import { DamagedRowError, inRow } from '../file/damage.ts';
import type { Row } from '../file/database.ts';
import { splitHours } from '../blocks/joined-hours.ts';
import { payloadOf } from '../blocks/raw-blocks.ts';
import { probeFromRow, tagsFromJson } from '../records/targets.ts';
import { readHops } from '../records/traces.ts';

/** For an open database or a copy, whichever version wrote it. */
export interface RowSource {
  all(sql: string, ...values: SQLInputValue[]): Row[];
}

interface RowCheck {
  /** The column with the time that a row is about. */
  readonly time?: string;
  readonly target?: string;
  /** Throws `DamagedBytesError`. */
  readonly check: (row: Row) => void;
}

const rollups: RowCheck = {
  time: 'from_millis',
  target: 'target_id',
  check: (row) => checkRollupBlock(payloadOf(row), zstd),
};

/** Damage that SQLite itself cannot find: the page is intact, its contents are not. */
const checks: Readonly<Record<string, RowCheck>> = {
  raw_blocks: { time: 'hour_at_millis', target: 'target_id', check: checkRaw },
  minute_rollup_blocks: rollups,
  hour_rollup_blocks: rollups,
  import_hours: { time: 'hour_at_millis', target: 'target_id', check: (row) => checkSeries(payloadOf(row), zstd) },
  unsealed_batches: { time: 'from_millis', check: (row) => void decodeBatch(payloadOf(row)) },
  events: {
    time: 'created_at_millis',
    target: 'target_id',
    // Databases of earlier versions have only sentences.
    check: (row) => void parseEventData(String(row['type']), String(row['data'] ?? '')),
  },
  traces: { time: 'started_at_millis', target: 'target_id', check: ({ hops }) => void readHops(hops) },
  targets: {
    target: 'id',
    check: (row) => {
      tagsFromJson(row['tags'] ?? '[]');
      // Databases of earlier versions have only a port.
      if (row['probe_kind'] !== undefined) probeFromRow(row['probe_kind'], row['probe_port']);
    },
  },
  users: {
    check: ({ username, password_hash: hash }) => {
      const fault = passwordHashFault(String(hash));
      if (fault === undefined) return;
      throw new DamagedBytesError(`The password of ${String(username)} cannot be read. ${fault}`);
    },
  },
};

export const checkedTables: readonly string[] = Object.keys(checks);

function checkRaw(row: Row): void {
  const joinedHours = Number(row['joined_hours'] ?? 0);
  if (joinedHours === 0) checkSeries(payloadOf(row), zstd);
  else for (const { payload } of splitHours(payloadOf(row), joinedHours)) checkSeries(payload, zstd);
}

export interface CheckedPage {
  readonly rows: number;
  /** The last row that was checked. */
  readonly last: number;
  readonly damages: readonly StoredDamage[];
}

/** Checks the next rows of a table after `after`, until `isEnough`. */
export function checkPage(
  source: RowSource,
  table: string,
  { after, limit, isEnough = () => false }: { after: number; limit: number; isEnough?: () => boolean },
): CheckedPage {
  const found = source.all(
    `select rowid as row_id, * from ${table} where rowid > ? order by rowid limit ?`,
    after,
    limit,
  );
  const damages: StoredDamage[] = [];
  let [rows, last] = [0, after];
  for (const row of found) {
    const damage = damageOf(table, row);
    if (damage !== undefined) damages.push(damage);
    rows++;
    last = Number(row['row_id']);
    if (isEnough()) break;
  }
  return { rows, last, damages };
}

function damageOf(table: string, row: Row): StoredDamage | undefined {
  const { time, target, check } = checks[table] ?? { check: () => undefined };
  if (table === 'events' && !('data' in row)) return undefined;
  const number = (column: string | undefined): number | undefined =>
    column === undefined ? undefined : Number(row[column]);
  const place = { table, id: Number(row['row_id']), targetId: number(target), at: number(time) };
  try {
    inRow(place, () => check(row));
    return undefined;
  } catch (error) {
    if (error instanceof DamagedRowError) return error.damage;
    throw error;
  }
}

/** Whether damage that was found is still there. */
export function isStillDamaged(source: RowSource, { table, row }: StoredDamage): boolean {
  return checkPage(source, table, { after: row - 1, limit: 1 }).damages.some((each) => each.row === row);
}
