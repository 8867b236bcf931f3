import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'vitest';
import { openDatabase } from './database.ts';
import { keepBeforeMigrating } from './keep-before-migrating.ts';
import { migrate, newestSchemaVersion, readMigrations } from './migrations.ts';

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

test('a migration that ends halfway leaves nothing behind, and continues at the next start', () => {
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
  const target = connection
    .prepare('select unique_key, ip, hostname, family, probe_kind, probe_port, name from targets')
    .get();
  assert.deepEqual(
    { ...target },
    {
      ...{
        unique_key: '::1',
        ip: '::1',
        hostname: null,
        family: null,
        probe_kind: 'icmp',
        probe_port: null,
        name: null,
      },
    },
  );
  assert.equal(connection.prepare('select count(*) as count from events').get()?.['count'], 1);
});

test('every earlier schema migrates to the same as a new one', () => {
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

/** As a release with that schema left it after a kill: the last commits are in the log. */
function oldDatabase(folder: string, known: number): string {
  const path = join(folder, 'old.db');
  using connection = new DatabaseSync(path);
  connection.exec('pragma journal_mode = wal');
  migrate(connection, readMigrations().slice(0, known));
  connection.exec(`insert into users (username, password_hash, is_seeded, password_changed_at_millis)
    values ('alice', 'x', 0, 0)`);
  return path;
}

function withFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'pmd-migrations-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a database of an earlier schema is copied before it is migrated, once, readable by its owner alone', () => {
  withFolder((folder) => {
    const path = oldDatabase(folder, 4);
    const reader = new DatabaseSync(path, { readOnly: true });
    // It holds a snapshot of the log, which can therefore not be merged.
    reader.exec('begin; select count(*) from users');
    const notices: string[] = [];
    openDatabase(path, (message) => notices.push(message)).close();
    reader.close();
    const kept = `${path}.schema-4.bak`;
    const back = `install the earlier version and run pmd restore ${kept}, with the server stopped`;
    const from = `The database is brought from schema 4 to ${newestSchemaVersion()}`;
    assert.deepEqual(notices, [`${from}. It is kept as ${kept}; to go back, ${back}.`]);
    assert.equal(statSync(kept).mode & 0o777, 0o600);
    {
      using copy = new DatabaseSync(kept, { readOnly: true });
      const version = copy.prepare('select max(version) as version from schema_migrations').get()?.['version'];
      assert.equal(version, 4);
      assert.equal(copy.prepare('select username from users').get()?.['username'], 'alice');
    }
    openDatabase(path, (message) => notices.push(message)).close();
    assert.equal(notices.length, 1);
    assert.deepEqual(
      readdirSync(folder).filter((name) => /schema-.*(?:bak|partial)$/.test(name)),
      ['old.db.schema-4.bak'],
    );
  });
});

test('without space for the copy, the start is refused and nothing is changed', () => {
  withFolder((folder) => {
    const path = oldDatabase(folder, 4);
    const before = readFileSync(path);
    using connection = new DatabaseSync(path);
    assert.throws(() => keepBeforeMigrating(path, connection, () => 10), {
      code: 'storage-unavailable',
      message: new RegExp(
        `There is no room for a copy of ${path} before its schema is changed: ${before.length} bytes are needed beside it, 10 are free. Free some space`,
      ),
    });
    assert.deepEqual(readFileSync(path), before);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('schema-')),
      [],
    );
  });
});

test('a new database, and one that is up to date, are not copied', () => {
  withFolder((folder) => {
    const path = join(folder, 'new.db');
    for (let start = 0; start < 2; start++) openDatabase(path, (message) => assert.fail(message)).close();
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('schema-')),
      [],
    );
  });
});

test('a database of a later schema is refused with a sentence, and stays unchanged', () => {
  withFolder((folder) => {
    const path = join(folder, 'later.db');
    openDatabase(path).close();
    {
      using connection = new DatabaseSync(path);
      connection.exec(`insert into schema_migrations values (9000, 'later', 0); pragma wal_checkpoint(truncate)`);
    }
    const before = readFileSync(path);
    const versions = `schema 9000, this program knows up to ${newestSchemaVersion()}`;
    assert.throws(() => openDatabase(path), {
      code: 'storage-unavailable',
      message: `The database was written by a newer PingMeDaddy (${versions}): update it.`,
    });
    assert.deepEqual(readFileSync(path), before);
  });
});

test('a target probed over TCP keeps its port and gets its kind of probe by name', () => {
  using connection = new DatabaseSync(':memory:');
  const migrations = readMigrations();
  const at = migrations.findIndex(({ name }) => name.endsWith('names_probe_kinds_and_vantages.sql'));
  migrate(connection, migrations.slice(0, at));
  connection.exec(`insert into targets (unique_key, ip, tcp_port, interval_millis, is_active, created_at_millis, is_synthetic)
    values ('::1 tcp/443', '::1', 443, 1000, 1, 1, 0), ('::2', '::2', null, 1000, 1, 1, 0);`);
  migrate(connection, migrations);
  const rows = connection.prepare('select probe_kind, probe_port from targets order by id').all();
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { probe_kind: 'tcp', probe_port: 443 },
      { probe_kind: 'icmp', probe_port: null },
    ],
  );
});
