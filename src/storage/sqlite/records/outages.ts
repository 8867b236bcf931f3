import type { NewEvent } from '../../../core/event/event.ts';
import type { EpochMillis, SeriesKey, TargetId } from '../../../core/ids.ts';
import type { Outage } from '../../../core/outage/outage.ts';
import { outageWriteOf } from '../../../core/outage/outage-log.ts';
import type { OutageFilter, StoredOutage } from '../../records/outages.ts';
import type { Database, Row } from '../file/database.ts';

const columns = 'target_id, vantage, from_millis, to_millis, lost_probes, ended_by';
const allColumns = `${columns}, is_imported`;

function outageFrom(row: Row): StoredOutage {
  return {
    targetId: Number(row['target_id']) as TargetId,
    vantage: Number(row['vantage']),
    from: Number(row['from_millis']),
    to: numberOrNone(row['to_millis']),
    lostProbes: numberOrNone(row['lost_probes']),
    endedBy: typeof row['ended_by'] === 'string' ? (row['ended_by'] as Outage['endedBy']) : undefined,
    ...(row['is_imported'] === 1 ? { isImported: true } : {}),
  };
}

function numberOrNone(value: Row[string] | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Within a transaction: what an event changes about its target's outages. */
export function noteOutage(database: Database, event: NewEvent): void {
  const write = outageWriteOf(event);
  if (write === undefined) return;
  const { targetId, vantage } = event;
  const lost = write.lostProbes ?? null;
  if (write.kind === 'begin') {
    if (vantage === null) throw new Error('an outage is seen from nowhere');
    database.run(
      `insert into outages (${columns}) select ?1, ?2, ?3, null, ?4, null
       where not exists (select 1 from outages where target_id = ?1 and vantage = ?2 and to_millis is null)
       on conflict do nothing`,
      ...[targetId, vantage, write.from, lost],
    );
    return;
  }
  const { changes } = database.run(
    `update outages set to_millis = max(from_millis, ?1), lost_probes = ?2, ended_by = ?3
     where target_id = ?4 and (?5 is null or vantage = ?5) and to_millis is null`,
    ...[write.to, lost, write.endedBy ?? null, targetId, vantage],
  );
  if (changes > 0 || write.from === undefined || vantage === null) return;
  putOutages(database, [{ ...write, from: write.from, targetId, vantage }]);
}

/** Within a transaction; one that begins at the same time exists already and stays as it is. */
export function putOutages(database: Database, outages: readonly StoredOutage[]): void {
  for (const { targetId, vantage, from, to, lostProbes, endedBy, isImported } of outages) {
    database.run(
      `insert into outages (${allColumns}) select id, ?, ?, ?, ?, ?, ? from targets where id = ? on conflict do nothing`,
      ...[vantage, from, to === undefined ? null : Math.max(from, to), lostProbes ?? null, endedBy ?? null],
      ...[isImported === true ? 1 : 0, targetId],
    );
  }
}

/** Within a transaction: those that imported history shows in a stretch, instead of what it showed before. */
export function replaceImportedOutages(
  database: Database,
  { targetId, vantage }: SeriesKey,
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
  outages: readonly Outage[],
): void {
  database.run(
    `delete from outages where target_id = ? and vantage = ? and is_imported = 1 and from_millis >= ? and from_millis < ?`,
    ...[targetId, vantage, from, to],
  );
  for (const outage of outages) {
    const end = Math.max(outage.from, outage.to ?? outage.from);
    // What was observed live is more reliable.
    database.run(
      `insert into outages (${columns}, is_imported) select ?1, ?2, ?3, ?4, ?5, ?6, 1 from targets where id = ?1
       and not exists (select 1 from outages where target_id = ?1 and vantage = ?2 and from_millis <= ?4
         and (to_millis is null or to_millis >= ?3)) on conflict do nothing`,
      ...[targetId, vantage, outage.from, end, outage.lostProbes ?? null, outage.endedBy ?? null],
    );
  }
}

export function listOutages(
  database: Database,
  id: TargetId,
  { vantage, from, to, limit, before = Number.MAX_SAFE_INTEGER }: OutageFilter,
): readonly StoredOutage[] {
  const sql = `select ${allColumns} from outages
    where target_id = ? and vantage = ? and from_millis < ? and (to_millis is null or to_millis >= ?)
    order by from_millis desc limit ?`;
  return database.all(sql, id, vantage, Math.min(to, before), from, limit).map(outageFrom);
}

/** Of all targets, by target, vantage point and time, after a position in that order. */
export function listOutagesAfter(
  database: Database,
  after: { readonly targetId: number; readonly vantage: number; readonly from: EpochMillis },
  limit: number,
): readonly StoredOutage[] {
  const sql = `select ${allColumns} from outages where (target_id, vantage, from_millis) > (?, ?, ?)
    order by target_id, vantage, from_millis limit ?`;
  return database.all(sql, after.targetId, after.vantage, after.from, limit).map(outageFrom);
}
