import type { NewEvent } from '../../../core/event/event.ts';
import type { EpochMillis, SeriesKey, TargetId } from '../../../core/ids.ts';
import type { Outage } from '../../../core/outage/outage.ts';
import { type OutageWrite, outageWriteOf } from '../../../core/outage/outage-log.ts';
import type { OutageFilter, OutagePlace, StoredOutage } from '../../records/outages.ts';
import type { Queries, Row } from '../connection/connection.ts';
import { millisOf, numberIn, numberOrNone, timestamp } from '../connection/sql-values.ts';

const columns = `target_id, vantage, ${millisOf('from_at')} as from_millis, ${millisOf('to_at')} as to_millis, lost_probes, ended_by`;
const allColumns = `${columns}, is_imported`;

function outageFrom(row: Row): StoredOutage {
  return {
    targetId: numberIn(row, 'target_id') as TargetId,
    vantage: numberIn(row, 'vantage'),
    from: numberIn(row, 'from_millis'),
    to: numberOrNone(row, 'to_millis'),
    lostProbes: numberOrNone(row, 'lost_probes'),
    endedBy: typeof row['ended_by'] === 'string' ? (row['ended_by'] as Outage['endedBy']) : undefined,
    ...(row['is_imported'] === true ? { isImported: true } : {}),
  };
}

type Write<Kind extends OutageWrite['kind']> = Extract<OutageWrite, { kind: Kind }> &
  Pick<NewEvent, 'targetId' | 'vantage'>;

/** Within a transaction: what events change about their targets' outages, for each target in the order of its events. */
export async function noteOutages(queries: Queries, events: readonly NewEvent[]): Promise<void> {
  let waiting = events.flatMap((event) => {
    const write = outageWriteOf(event);
    return write === undefined ? [] : [{ ...write, targetId: event.targetId, vantage: event.vantage }];
  });
  while (waiting.length > 0) {
    const taken = new Set<TargetId>();
    // The first of each target are applied now: those of different targets need no order.
    const isFirst = ({ targetId }: { readonly targetId: TargetId }): boolean =>
      !taken.has(targetId) && taken.add(targetId).has(targetId);
    const { now = [], later = [] } = Object.groupBy(waiting, (write) => (isFirst(write) ? 'now' : 'later'));
    await begin(
      queries,
      now.filter((write) => write.kind === 'begin'),
    );
    await end(
      queries,
      now.filter((write) => write.kind === 'end'),
    );
    waiting = later;
  }
}

async function begin(queries: Queries, writes: readonly Write<'begin'>[]): Promise<void> {
  if (writes.length === 0) return;
  await queries.all(
    `insert into pmd.outages (target_id, vantage, from_at, lost_probes)
     select new.target_id, new.vantage, new.from_at, new.lost_probes
     from unnest($1::integer[], $2::smallint[], $3::timestamptz[], $4::bigint[])
       as new (target_id, vantage, from_at, lost_probes)
     where exists (select from pmd.targets where targets.id = new.target_id)
       and not exists (select from pmd.outages
         where outages.target_id = new.target_id and outages.vantage = new.vantage and outages.to_at is null)
     on conflict do nothing`,
    [
      writes.map(({ targetId }) => targetId),
      writes.map(({ vantage }) => vantage),
      writes.map(({ from }) => timestamp(from)),
      writes.map(({ lostProbes }) => lostProbes ?? null),
    ],
  );
}

async function end(queries: Queries, writes: readonly Write<'end'>[]): Promise<void> {
  if (writes.length === 0) return;
  const ended = await queries.all(
    `update pmd.outages set to_at = greatest(from_at, new.to_at), lost_probes = new.lost_probes, ended_by = new.ended_by
     from unnest($1::integer[], $2::smallint[], $3::timestamptz[], $4::bigint[], $5::text[])
       as new (target_id, vantage, to_at, lost_probes, ended_by)
     where outages.target_id = new.target_id and (new.vantage is null or outages.vantage = new.vantage)
       and outages.to_at is null
     returning outages.target_id`,
    [
      writes.map(({ targetId }) => targetId),
      writes.map(({ vantage }) => vantage),
      writes.map(({ to }) => timestamp(to)),
      writes.map(({ lostProbes }) => lostProbes ?? null),
      writes.map(({ endedBy }) => endedBy ?? null),
    ],
  );
  const known = new Set(ended.map((row) => numberIn(row, 'target_id')));
  const missing = writes.flatMap(({ from, vantage, ...write }) =>
    from === undefined || vantage === null || known.has(write.targetId) ? [] : [{ ...write, from, vantage }],
  );
  await putOutages(queries, missing);
}

/** One that begins at the same time exists already and stays as it is. */
export async function putOutages(queries: Queries, outages: readonly StoredOutage[]): Promise<void> {
  if (outages.length === 0) return;
  const end = ({ from, to }: StoredOutage): string | null => (to === undefined ? null : timestamp(Math.max(from, to)));
  await queries.all(
    `insert into pmd.outages (target_id, vantage, from_at, to_at, lost_probes, ended_by, is_imported)
     select new.* from unnest($1::integer[], $2::smallint[], $3::timestamptz[], $4::timestamptz[], $5::bigint[],
       $6::text[], $7::text[]::boolean[])
       as new (target_id, vantage, from_at, to_at, lost_probes, ended_by, is_imported)
     where exists (select from pmd.targets where targets.id = new.target_id)
     on conflict do nothing`,
    [
      outages.map(({ targetId }) => targetId),
      outages.map(({ vantage }) => vantage),
      outages.map(({ from }) => timestamp(from)),
      outages.map(end),
      outages.map(({ lostProbes }) => lostProbes ?? null),
      outages.map(({ endedBy }) => endedBy ?? null),
      outages.map(({ isImported }) => String(isImported === true)),
    ],
  );
}

/** Within a transaction: those that imported history shows in a stretch, instead of what it showed before. */
export async function replaceImportedOutages(
  queries: Queries,
  { targetId, vantage }: SeriesKey,
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
  outages: readonly Outage[],
): Promise<void> {
  await queries.all(
    `delete from pmd.outages where target_id = $1 and vantage = $2 and is_imported and from_at >= $3 and from_at < $4`,
    [targetId, vantage, timestamp(from), timestamp(to)],
  );
  // What was observed live is more reliable.
  await queries.all(
    `insert into pmd.outages (target_id, vantage, from_at, to_at, lost_probes, ended_by, is_imported)
     select $1::integer, $2::smallint, new.*, true
     from unnest($3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::text[])
       as new (from_at, to_at, lost_probes, ended_by)
     where exists (select from pmd.targets where targets.id = $1)
       and not exists (select from pmd.outages as known where known.target_id = $1 and known.vantage = $2
         and known.from_at <= new.to_at and (known.to_at is null or known.to_at >= new.from_at))
     on conflict do nothing`,
    [
      ...[targetId, vantage, outages.map((outage) => timestamp(outage.from))],
      outages.map((outage) => timestamp(Math.max(outage.from, outage.to ?? outage.from))),
      outages.map(({ lostProbes }) => lostProbes ?? null),
      outages.map(({ endedBy }) => endedBy ?? null),
    ],
  );
}

export async function listOutages(
  queries: Queries,
  id: TargetId,
  { vantage, from, to, limit, before = to }: OutageFilter,
): Promise<readonly StoredOutage[]> {
  const sql = `select ${allColumns} from pmd.outages
    where target_id = $1 and vantage = $5 and from_at < $2 and (to_at is null or to_at >= $3)
    order by from_at desc limit $4`;
  const rows = await queries.all(sql, [id, timestamp(Math.min(to, before)), timestamp(from), limit, vantage]);
  return rows.map(outageFrom);
}

export async function listOutagesAfter(
  queries: Queries,
  after: OutagePlace,
  limit: number,
): Promise<readonly StoredOutage[]> {
  const sql = `select ${allColumns} from pmd.outages where (target_id, vantage, from_at) > ($1, $2, $3)
    order by target_id, vantage, from_at limit $4`;
  return (await queries.all(sql, [after.targetId, after.vantage, timestamp(after.from), limit])).map(outageFrom);
}
