import type { EpochMillis, TargetId } from '../../../core/ids.ts';
import { Problem } from '../../../core/problem.ts';
import { plainPacket } from '../../../core/target/probe-packet.ts';
import { icmpProbe, isProbeKind, portOf, type ProbeSpec, probeSpecOf } from '../../../core/target/probe-kinds.ts';
import type { AddressFamily } from '../../../core/target/address-family.ts';
import { type NewTarget, type Target, type TargetChange, targetKey } from '../../../core/target/target.ts';
import { keyInUse } from '../../records/key-in-use.ts';
import type { Queries, Row } from '../connection/connection.ts';
import { millisOf, numberIn, textOrNull, timestamp } from '../connection/sql-values.ts';

const columns = `id, name, ip, hostname, family, probe_kind, probe_port, interval_millis, is_active, ${millisOf('created_at')} as created_at_millis, url, notes,
  is_synthetic, ${millisOf('deleted_at')} as deleted_at_millis, tags, payload_bytes, dscp, probe_ttl, dont_fragment`;

function targetFrom(row: Row): Target {
  return {
    id: numberIn(row, 'id') as TargetId,
    ip: String(row['ip']),
    hostname: textOrNull(row, 'hostname'),
    family: numberOrNull(row, 'family') as AddressFamily | null,
    probe: probeFromRow(row),
    name: textOrNull(row, 'name'),
    intervalMillis: numberIn(row, 'interval_millis'),
    isActive: row['is_active'] === true,
    createdAt: numberIn(row, 'created_at_millis'),
    url: textOrNull(row, 'url'),
    notes: textOrNull(row, 'notes'),
    isSynthetic: row['is_synthetic'] === true,
    deletedAt: numberOrNull(row, 'deleted_at_millis'),
    tags: row['tags'] as readonly string[],
    packet: {
      payloadBytes: numberOrNull(row, 'payload_bytes'),
      dscp: numberOrNull(row, 'dscp'),
      ttl: numberOrNull(row, 'probe_ttl'),
      dontFragment: row['dont_fragment'] === true,
    },
  };
}

function probeFromRow(row: Row): ProbeSpec {
  const kind = String(row['probe_kind']);
  const probe = isProbeKind(kind) ? probeSpecOf(kind, numberOrNull(row, 'probe_port')) : undefined;
  if (probe === undefined) throw new Error(`target ${String(row['id'])} has probes of the unknown kind ${kind}`);
  return probe;
}

function numberOrNull(row: Row, name: string): number | null {
  const value = row[name];
  return typeof value === 'number' ? value : null;
}

export async function listTargets(queries: Queries): Promise<readonly Target[]> {
  const rows = await queries.all(`select ${columns} from pmd.targets where deleted_at is null order by id`);
  return rows.map(targetFrom);
}

/** Most recently deleted first. */
export async function listDeletedTargets(queries: Queries): Promise<readonly Target[]> {
  const where = 'where deleted_at is not null order by deleted_at desc, id desc';
  return (await queries.all(`select ${columns} from pmd.targets ${where}`)).map(targetFrom);
}

/** Including deleted ones. */
export async function listAllTargets(queries: Queries): Promise<readonly Target[]> {
  return (await queries.all(`select ${columns} from pmd.targets order by id`)).map(targetFrom);
}

/** Within a transaction: as it is, under its id. */
export async function putTarget(queries: Queries, target: Target): Promise<void> {
  const { id, ip, intervalMillis, isActive, createdAt, url, notes, isSynthetic, deletedAt, tags, packet } = target;
  await queries.all(
    `insert into pmd.targets (id, ip, interval_millis, is_active, created_at, url, notes, is_synthetic, deleted_at,
       tags, payload_bytes, dscp, probe_ttl, unique_key, hostname, family, probe_kind, probe_port, dont_fragment, name)
     overriding system value
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
     on conflict (id) do update set unique_key = excluded.unique_key, ip = excluded.ip, hostname = excluded.hostname,
       family = excluded.family, probe_kind = excluded.probe_kind, probe_port = excluded.probe_port,
       name = excluded.name, interval_millis = excluded.interval_millis,
       is_active = excluded.is_active, created_at = excluded.created_at, url = excluded.url, notes = excluded.notes,
       is_synthetic = excluded.is_synthetic, deleted_at = excluded.deleted_at, tags = excluded.tags,
       payload_bytes = excluded.payload_bytes, dscp = excluded.dscp, probe_ttl = excluded.probe_ttl,
       dont_fragment = excluded.dont_fragment`,
    [
      ...[id, ip, intervalMillis, isActive, timestamp(createdAt), url, notes, isSynthetic],
      deletedAt === null ? null : timestamp(deletedAt),
      ...[tags, packet.payloadBytes, packet.dscp, packet.ttl],
      ...[targetKey(target), target.hostname, target.family, target.probe.kind, portOf(target.probe)],
      ...[packet.dontFragment, target.name],
    ],
  );
}

export async function findTarget(queries: Queries, id: TargetId): Promise<Target | undefined> {
  const [row] = await queries.all(`select ${columns} from pmd.targets where id = $1`, [id]);
  return row && targetFrom(row);
}

export async function targetIds(queries: Queries): Promise<readonly TargetId[]> {
  const rows = await queries.all('select id from pmd.targets');
  return rows.map((row) => numberIn(row, 'id') as TargetId);
}

/** Within a transaction. */
export async function insertTarget(queries: Queries, target: NewTarget, createdAt: EpochMillis): Promise<Target> {
  const { ip, intervalMillis, url, notes, isActive, isSynthetic, packet = plainPacket } = target;
  const { hostname = null, family = null, probe = icmpProbe, name = null } = target;
  const key = targetKey(target);
  const [row] = await queries.all(
    `insert into pmd.targets (ip, interval_millis, is_active, created_at, url, notes, is_synthetic, tags,
       payload_bytes, dscp, probe_ttl, unique_key, hostname, family, probe_kind, probe_port, dont_fragment, name)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
     on conflict (unique_key) do update set ip = excluded.ip, interval_millis = excluded.interval_millis, is_active = excluded.is_active,
       url = excluded.url, notes = excluded.notes, is_synthetic = excluded.is_synthetic, tags = excluded.tags,
       payload_bytes = excluded.payload_bytes, dscp = excluded.dscp, probe_ttl = excluded.probe_ttl,
       dont_fragment = excluded.dont_fragment, name = excluded.name, deleted_at = null
       where targets.deleted_at is not null
     returning ${columns}`,
    [
      ...[ip, intervalMillis, isActive, timestamp(createdAt), url, notes, isSynthetic, target.tags ?? []],
      ...[packet.payloadBytes, packet.dscp, packet.ttl, key, hostname, family, probe.kind, portOf(probe)],
      ...[packet.dontFragment, name],
    ],
  );
  if (row === undefined) throw new Problem('target-exists', `${key} is already monitored.`);
  return targetFrom(row);
}

/** Within a transaction; `undefined` if there is no such target, or it is deleted and the change is not about that. */
export async function updateTarget(queries: Queries, id: TargetId, change: TargetChange): Promise<Target | undefined> {
  const target = await findTarget(queries, id);
  if (target === undefined || (target.deletedAt !== null && change.deletedAt === undefined)) return undefined;
  const changed = { ...target, ...change };
  const { name, ip, hostname, family, probe, intervalMillis, isActive, url, notes, tags, packet, deletedAt } = changed;
  const key = targetKey(changed);
  const [holder] = await queries.all(
    'select id, deleted_at is not null as is_deleted from pmd.targets where unique_key = $1 and id <> $2',
    [key, id],
  );
  if (holder !== undefined) throw keyInUse(key, numberIn(holder, 'id'), holder['is_deleted'] === true);
  await queries.all(
    `update pmd.targets set interval_millis = $1, is_active = $2, url = $3, notes = $4, tags = $5, deleted_at = $6,
       payload_bytes = $7, dscp = $8, probe_ttl = $9, unique_key = $11, ip = $12, hostname = $13, family = $14,
       probe_kind = $15, probe_port = $16, dont_fragment = $17, name = $18
     where id = $10`,
    [
      ...[intervalMillis, isActive, url, notes, tags, deletedAt === null ? null : timestamp(deletedAt)],
      ...[packet.payloadBytes, packet.dscp, packet.ttl, id, key, ip, hostname, family, probe.kind, portOf(probe)],
      ...[packet.dontFragment, name],
    ],
  );
  return changed;
}

/** Within a transaction. */
export async function markDeleted(queries: Queries, id: TargetId, deletedAt: EpochMillis): Promise<boolean> {
  const sql = `update pmd.targets set deleted_at = $1 where id = $2 and deleted_at is null returning id`;
  return (await queries.all(sql, [timestamp(deletedAt), id])).length > 0;
}
