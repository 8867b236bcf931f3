import type { TargetEvent } from '../../../core/event/event.ts';
import type { SeriesKey, VantageId } from '../../../core/ids.ts';
import type { Rollup } from '../../../core/history/rollup.ts';
import { decodeRollups, encodeRollups } from '../../../core/history/rollup-codec.ts';
import { floorTo, hourMillis } from '../../../core/history/time-buckets.ts';
import type { Inventory, RollupPage } from '../../move/transfer.ts';
import type { AgedResults } from '../blocks/aged-results.ts';
import { uncompressed } from '../../series/compression.ts';
import type { Database } from '../file/database.ts';
import { eventColumns, eventFrom } from '../records/events.ts';
import type { History } from '../blocks/history.ts';
import { raiseRetentionFloor, readRetentionFloors } from '../blocks/retention-floors.ts';
import { hourTable, minuteTable, writeRollups } from '../blocks/rollup-blocks.ts';
import { listStates, putStates } from '../records/target-states.ts';
import { listAllTargets, putTarget } from '../records/targets.ts';
import { listApiTokens, listUsers, putApiToken, saveUser } from '../records/accounts.ts';

// States of the vantage point -1 are those of commands.
const vantagesSql = `select distinct vantage from (${[
  'unsealed_batches',
  'raw_blocks',
  'hour_rollup_blocks',
  'outages',
  'target_states',
]
  .map((table) => `select vantage from ${table}`)
  .join(' union ')}) where vantage >= 0 order by vantage`;

export function listVantages(database: Database): readonly VantageId[] {
  return database.all(vantagesSql).map((row) => Number(row['vantage']));
}

export function readInventory(database: Database): Inventory {
  const last = database.get(`select seq from sqlite_sequence where name = 'targets'`)?.['seq'];
  return {
    targets: listAllTargets(database),
    users: listUsers(database),
    apiTokens: listApiTokens(database),
    states: listStates(database),
    floors: readRetentionFloors(database),
    sources: database
      .all('select source, last_sequence from commit_sources order by source')
      .map((row) => ({ source: String(row['source']), sequence: Number(row['last_sequence']) })),
    lastTargetId: Number(last ?? 0),
  };
}

/** One transaction. */
export function writeInventory(database: Database, inventory: Inventory): void {
  database.transaction(() => {
    for (const target of inventory.targets) putTarget(database, target);
    for (const user of inventory.users) saveUser(database, user);
    for (const token of inventory.apiTokens) putApiToken(database, token);
    putStates(database, inventory.states);
    for (const resolution of ['raw', '1m', '1h'] as const) {
      raiseRetentionFloor(database, resolution, inventory.floors[resolution]);
    }
    for (const { source, sequence } of inventory.sources) {
      database.run(
        `insert into commit_sources (source, last_sequence, used_at_millis)
         values (?, ?, cast(unixepoch('subsec') * 1000 as integer))
         on conflict (source) do update set last_sequence = max(last_sequence, excluded.last_sequence)`,
        ...[source, sequence],
      );
    }
    const { changes } = database.run(
      `update sqlite_sequence set seq = max(seq, ?) where name = 'targets'`,
      inventory.lastTargetId,
    );
    if (changes === 0) {
      database.run(`insert into sqlite_sequence (name, seq) values ('targets', ?)`, inventory.lastTargetId);
    }
  });
}

export function readEventPage(database: Database, afterId: number, limit: number): readonly TargetEvent[] {
  const sql = `select ${eventColumns} from events where id > ? order by id limit ?`;
  return database.all(sql, afterId, limit).map(eventFrom);
}

/** One transaction. */
export function writeEvents(database: Database, events: readonly TargetEvent[]): void {
  database.transaction(() => {
    for (const { id, targetId, vantage, type, message = '', data, createdAt } of events) {
      database.run(
        `insert into events (${eventColumns}) values (?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
        ...[id, targetId, vantage, type, message, JSON.stringify(data), createdAt],
      );
    }
  });
}

/** As a block of the rollup codec: one array crosses to the other thread instead of thousands of objects. */
export function readRollupPage(history: History, { key, resolution, from, to, limit }: RollupPage): Uint8Array {
  const stored = resolution === '1m' ? history.minuteRollups(key, from, to) : history.hourRollups(key, from, to);
  const page: Rollup[] = [];
  for (const rollup of stored) {
    // Each is valid only until the next.
    page.push({ ...rollup, hops: [...rollup.hops], sketch: rollup.sketch.slice() });
    if (page.length === limit) break;
  }
  return packRollups(page);
}

/** One transaction. */
export function writeRollupPage(
  { database, aged }: { readonly database: Database; readonly aged: AgedResults },
  key: SeriesKey,
  resolution: '1m' | '1h',
  packed: Uint8Array,
): void {
  const byHour = Map.groupBy(unpackRollups(packed), ({ startAt }) => floorTo(startAt, hourMillis));
  const hours = [...byHour].map(([hourAt, rollups]) => ({ hourAt, rollups }));
  database.transaction(() => {
    writeRollups(database, resolution === '1m' ? minuteTable : hourTable, key, hours);
  });
  for (const { hourAt } of hours) aged.noteSealed(hourAt);
}

export const packRollups = (rollups: readonly Rollup[]): Uint8Array => encodeRollups(rollups, uncompressed);
export const unpackRollups = (packed: Uint8Array): readonly Rollup[] => decodeRollups(packed, uncompressed);
