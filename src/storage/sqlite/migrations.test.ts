import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'vitest';
import { migrate, readMigrations } from './migrations.ts';

const sites = { version: 8001, name: '8001_sites.sql', sql: 'create table sites (name text) strict;' };
const half = `alter table sites add column city text; insert into sites values ('a', 'b'); `;

function stateOf(connection: DatabaseSync): { readonly version: unknown; readonly columns: readonly unknown[] } {
  return {
    version: connection.prepare('select max(version) as version from schema_migrations').get()?.['version'],
    columns: connection
      .prepare(`select name from pragma_table_info('sites')`)
      .all()
      .map(({ name }) => name),
  };
}

test('a migration that ends half way leaves nothing of itself, and goes on at the next start', () => {
  using connection = new DatabaseSync(':memory:');
  const broken = { version: 8002, name: '8002_cities.sql', sql: `${half} insert into nowhere values (1);` };
  assert.throws(() => migrate(connection, [...readMigrations(), sites, broken]), /no such table: nowhere/);
  assert.deepEqual(stateOf(connection), { version: 8001, columns: ['name'] });
  assert.equal(connection.isTransaction, false);
  migrate(connection, [...readMigrations(), sites, { ...broken, sql: half }]);
  assert.deepEqual(stateOf(connection), { version: 8002, columns: ['name', 'city'] });
  assert.equal(connection.prepare('select count(*) as count from sites').get()?.['count'], 1);
  // Once more: nothing is done twice.
  migrate(connection, [...readMigrations(), sites, { ...broken, sql: half }]);
  assert.equal(connection.prepare('select count(*) as count from sites').get()?.['count'], 1);
});

test('targets from before there were names and ports keep their address, their key and their events', () => {
  using connection = new DatabaseSync(':memory:');
  connection.exec('pragma foreign_keys = on');
  const migrations = readMigrations();
  const at = migrations.findIndex(({ name }) => name.endsWith('hosts_and_ports.sql'));
  migrate(connection, migrations.slice(0, at));
  connection.exec(`
    insert into targets (ip, interval_millis, is_active, created_at_millis, is_synthetic) values ('::1', 1000, 1, 1, 0);
    insert into events (target_id, type, message, created_at_millis) values (1, 'start', 'Tracking started', 1);`);
  migrate(connection, migrations);
  const target = connection.prepare('select unique_key, ip, hostname, family, tcp_port from targets').get();
  assert.deepEqual({ ...target }, { unique_key: '::1', ip: '::1', hostname: null, family: null, tcp_port: null });
  assert.equal(connection.prepare('select count(*) as count from events').get()?.['count'], 1);
});

test('from every earlier schema comes the same as from nothing', () => {
  const migrations = readMigrations();
  const schemaOf = (connection: DatabaseSync): unknown =>
    connection.prepare('select type, name, tbl_name, sql from sqlite_schema order by type, name').all();
  using fresh = new DatabaseSync(':memory:');
  migrate(fresh);
  for (let known = 1; known < migrations.length; known++) {
    using connection = new DatabaseSync(':memory:');
    migrate(connection, migrations.slice(0, known));
    migrate(connection);
    assert.deepEqual(schemaOf(connection), schemaOf(fresh), `from schema ${known}`);
  }
});
