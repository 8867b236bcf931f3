import { DamagedBytesError } from '../../../core/bytes/bytes.ts';
import { parseJson } from '../../../core/event/event-check.ts';
import type { EpochMillis, TargetId } from '../../../core/ids.ts';
import { Problem } from '../../../core/problem.ts';
import { type ProbePacket, plainPacket } from '../../../core/target/probe-packet.ts';
import { icmpProbe, isProbeKind, portOf, type ProbeSpec, probeSpecOf } from '../../../core/target/probe-kinds.ts';
import type { AddressFamily } from '../../../core/target/address-family.ts';
import { type NewTarget, type Target, type TargetChange, targetKey } from '../../../core/target/target.ts';
import { keyInUse } from '../../records/key-in-use.ts';
import { inRow } from '../file/damage.ts';
import type { Database, Row } from '../file/database.ts';

const columns = `id, unique_key, ip, hostname, family, probe_kind, probe_port, interval_millis, is_active,
  created_at_millis, url, notes, is_synthetic, deleted_at_millis, tags, payload_bytes, dscp, probe_ttl, dont_fragment, name`;

function targetFrom(row: Row): Target {
  return {
    id: Number(row['id']) as TargetId,
    ip: String(row['ip']),
    hostname: textOrNull(row['hostname']),
    family: numberOrNull(row['family']) as AddressFamily | null,
    probe: inRow({ table: 'targets', id: Number(row['id']), targetId: Number(row['id']) }, () =>
      probeFromRow(row['probe_kind'], row['probe_port']),
    ),
    name: textOrNull(row['name']),
    intervalMillis: Number(row['interval_millis']),
    isActive: row['is_active'] === 1,
    createdAt: Number(row['created_at_millis']),
    url: textOrNull(row['url']),
    notes: textOrNull(row['notes']),
    isSynthetic: row['is_synthetic'] === 1,
    deletedAt: numberOrNull(row['deleted_at_millis']),
    tags: inRow({ table: 'targets', id: Number(row['id']), targetId: Number(row['id']) }, () =>
      tagsFromJson(row['tags']),
    ),
    packet: {
      payloadBytes: numberOrNull(row['payload_bytes']),
      dscp: numberOrNull(row['dscp']),
      ttl: numberOrNull(row['probe_ttl']),
      dontFragment: row['dont_fragment'] === 1,
    },
  };
}

/** Throws `DamagedBytesError`. */
export function tagsFromJson(text: Row[string] | undefined): readonly string[] {
  const tags = parseJson(String(text));
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return tags;
  throw new DamagedBytesError('The tags are no list.');
}

/** Throws `DamagedBytesError`. */
export function probeFromRow(kind: Row[string] | undefined, port: Row[string] | undefined): ProbeSpec {
  const probe = typeof kind === 'string' && isProbeKind(kind) ? probeSpecOf(kind, numberOrNull(port)) : undefined;
  if (probe === undefined)
    throw new DamagedBytesError('The kind of its probes is unknown, or does not go with its port.');
  return probe;
}

/** In the order of the columns. */
function packetValues({ payloadBytes, dscp, ttl, dontFragment }: ProbePacket): readonly (number | null)[] {
  return [payloadBytes, dscp, ttl, dontFragment ? 1 : 0];
}

function textOrNull(value: Row[string] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOrNull(value: Row[string] | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

export function listTargets(database: Database): readonly Target[] {
  const sql = `select ${columns} from targets where deleted_at_millis is null order by id`;
  return database.all(sql).map(targetFrom);
}

/** Most recently deleted first. */
export function listDeletedTargets(database: Database): readonly Target[] {
  const sql = `select ${columns} from targets where deleted_at_millis is not null order by deleted_at_millis desc, id desc`;
  return database.all(sql).map(targetFrom);
}

/** Including deleted ones. */
export function listAllTargets(database: Database): readonly Target[] {
  return database.all(`select ${columns} from targets order by id`).map(targetFrom);
}

/** Within a transaction: as it is, under its id. */
export function putTarget(database: Database, target: Target): void {
  const { id, ip, intervalMillis, isActive, createdAt, url, notes, isSynthetic, deletedAt, tags, packet } = target;
  const { hostname, family, probe, name } = target;
  database.run(
    `insert into targets (${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (id) do update set unique_key = excluded.unique_key, ip = excluded.ip, hostname = excluded.hostname,
       family = excluded.family, probe_kind = excluded.probe_kind, probe_port = excluded.probe_port,
       name = excluded.name, interval_millis = excluded.interval_millis,
       is_active = excluded.is_active, created_at_millis = excluded.created_at_millis, url = excluded.url,
       notes = excluded.notes, is_synthetic = excluded.is_synthetic, deleted_at_millis = excluded.deleted_at_millis,
       tags = excluded.tags, payload_bytes = excluded.payload_bytes, dscp = excluded.dscp,
       probe_ttl = excluded.probe_ttl, dont_fragment = excluded.dont_fragment`,
    ...[
      id,
      targetKey(target),
      ip,
      hostname,
      family,
      probe.kind,
      portOf(probe),
      intervalMillis,
      isActive ? 1 : 0,
      createdAt,
      url,
      notes,
      isSynthetic ? 1 : 0,
      deletedAt,
    ],
    ...[JSON.stringify(tags), ...packetValues(packet), name],
  );
}

export function findTarget(database: Database, id: TargetId): Target | undefined {
  const row = database.get(`select ${columns} from targets where id = ?`, id);
  return row && targetFrom(row);
}

export function targetIds(database: Database): readonly TargetId[] {
  return database.all('select id from targets').map((row) => Number(row['id']) as TargetId);
}

/** Within a transaction. */
export function insertTarget(database: Database, target: NewTarget, createdAt: EpochMillis): Target {
  const key = targetKey(target);
  const existing = database.get('select id, deleted_at_millis from targets where unique_key = ?', key);
  if (existing !== undefined && existing['deleted_at_millis'] === null) {
    throw new Problem('target-exists', `${key} is already monitored.`);
  }
  const { ip, intervalMillis, url, notes, packet = plainPacket } = target;
  const { hostname = null, family = null, probe = icmpProbe, name = null } = target;
  const [isActive, isSynthetic] = [target.isActive ? 1 : 0, target.isSynthetic ? 1 : 0];
  const row = database.get(
    `insert into targets (unique_key, ip, hostname, family, probe_kind, probe_port, interval_millis, is_active,
       created_at_millis, url, notes, is_synthetic, tags, payload_bytes, dscp, probe_ttl, dont_fragment, name)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (unique_key) do update set ip = excluded.ip, interval_millis = excluded.interval_millis, is_active = excluded.is_active,
       url = excluded.url, notes = excluded.notes, is_synthetic = excluded.is_synthetic, tags = excluded.tags,
       payload_bytes = excluded.payload_bytes, dscp = excluded.dscp, probe_ttl = excluded.probe_ttl,
       dont_fragment = excluded.dont_fragment, name = excluded.name, deleted_at_millis = null
     returning ${columns}`,
    ...[
      key,
      ip,
      hostname,
      family,
      probe.kind,
      portOf(probe),
      intervalMillis,
      isActive,
      createdAt,
      url,
      notes,
      isSynthetic,
    ],
    ...[JSON.stringify(target.tags ?? []), ...packetValues(packet), name],
  );
  if (row === undefined) throw new Error('an insert returned no row');
  return targetFrom(row);
}

/** Within a transaction; `undefined` if there is no such target, or it is deleted and the change is not about that. */
export function updateTarget(database: Database, id: TargetId, change: TargetChange): Target | undefined {
  const target = findTarget(database, id);
  if (target === undefined || (target.deletedAt !== null && change.deletedAt === undefined)) return undefined;
  const changed = { ...target, ...change };
  const key = targetKey(changed);
  const holder = database.get('select id, deleted_at_millis from targets where unique_key = ? and id <> ?', key, id);
  if (holder !== undefined) throw keyInUse(key, Number(holder['id']), holder['deleted_at_millis'] !== null);
  database.run(
    `update targets set unique_key = ?, ip = ?, hostname = ?, family = ?, probe_kind = ?, probe_port = ?, name = ?, interval_millis = ?, is_active = ?, url = ?, notes = ?, tags = ?, payload_bytes = ?,
       dscp = ?, probe_ttl = ?, dont_fragment = ?, deleted_at_millis = ?
     where id = ?`,
    ...[key, changed.ip, changed.hostname, changed.family, changed.probe.kind, portOf(changed.probe), changed.name],
    ...[changed.intervalMillis, changed.isActive ? 1 : 0, changed.url, changed.notes],
    ...[JSON.stringify(changed.tags), ...packetValues(changed.packet)],
    ...[changed.deletedAt, id],
  );
  return changed;
}

/** Within a transaction. */
export function markDeleted(database: Database, id: TargetId, deletedAt: EpochMillis): boolean {
  const sql = 'update targets set deleted_at_millis = ? where id = ? and deleted_at_millis is null';
  return database.run(sql, deletedAt, id).changes > 0;
}

/** Within a transaction; events go with it. */
export function eraseTarget(database: Database, id: TargetId): boolean {
  return database.run('delete from targets where id = ?', id).changes > 0;
}
