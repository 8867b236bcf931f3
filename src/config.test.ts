import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { Problem } from './core/problem.ts';

const empty = mkdtempSync(join(tmpdir(), 'pmd-config-'));

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    parseConfig(environment, empty);
    return [];
  } catch (error) {
    if (error instanceof Problem) return error.faults.map((fault) => `${fault.field} ${fault.message}`);
    throw error;
  }
}

test('without any setting the contract’s defaults apply', () => {
  const config = parseConfig({}, empty);
  expect(config).toMatchObject({
    databaseUrl: 'sqlite:./pingmedaddy.db',
    port: 7464,
    host: '127.0.0.1',
    pingTimeoutMillis: 1000,
    probesInFlightMax: 0,
    adminUsername: 'admin',
    adminPassword: 'changeme',
    authSecret: undefined,
    tokenMinutes: 1440,
    corsOrigins: [],
    tracerouteBinary: undefined,
    retention: { rawDays: 3, minuteDays: 31, hourDays: 1827, eventDays: 1827 },
  });
});

test('one Problem lists every fault', () => {
  const faults = faultsOf({
    APP_PORT: '70000',
    PING_TIMEOUT: 'soon',
    PROBE_DENY: '10.0.0.0/8, 300.1.2.3/8',
    CORS_ORIGINS: '*',
    TRACEROUTE_BINARY: 'traceroute',
    DATABASE_URL: 'mysql://x',
  });
  expect(faults).toEqual([
    'DATABASE_URL must begin with sqlite:, postgres:// or postgresql://.',
    'APP_PORT must be a whole number from 0 to 65535.',
    'PING_TIMEOUT must be a number from 0.01 to 60.',
    'CORS_ORIGINS has "*", which is not an origin such as https://noc.example.',
    'TRACEROUTE_BINARY must be an absolute path.',
    'PROBE_DENY has "300.1.2.3/8", which is neither an address, a CIDR block such as 10.0.0.0/8 nor one of loopback, link-local, private, metadata.',
  ]);
});

test('a PostgreSQL address in keyword form, whose password could not be masked, is refused without being shown', () => {
  const faults = faultsOf({ DATABASE_URL: 'postgresql:host=db password=topsecret' });
  expect(faults).toEqual([expect.stringMatching(/^DATABASE_URL must be like postgresql:\/\/user/)]);
});

test('PROBE_ALLOW and PROBE_DENY accept words for blocks; a block that programs read differently is invalid', () => {
  const { probePolicy } = parseConfig(
    { PROBE_ALLOW: '10.0.0.0/8', PROBE_DENY: 'metadata, 192.0.2.0/24, 198.51.100.7' },
    empty,
  );
  expect(probePolicy).toEqual({
    allow: ['10.0.0.0/8'],
    deny: expect.arrayContaining(['169.254.169.254/32', '168.63.129.16/32', '192.0.2.0/24', '198.51.100.7/32']),
  });
  expect(faultsOf({ PROBE_DENY: '10/8', TRUSTED_PROXIES: '10/8' })).toEqual([
    'TRUSTED_PROXIES has "10/8", which is neither an address nor a CIDR block.',
    expect.stringContaining('PROBE_DENY has "10/8", which is neither'),
  ]);
});

test('probable mistakes in settings are reported with what was meant', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pmd-config-'));
  writeFileSync(
    join(folder, '.env'),
    'RETENTION_RAW_DAY=5\ngarbage\nPOSTGRES_PASSWORD=x\nADMIN_PASSWORD=short\nRETENTION_MINUTE=7\n',
  );
  const { warnings } = parseConfig(
    { APP_PROT: '1', RETENTION_RAW_DAYS: '40', AUTH_SECRET: 'x'.repeat(32), AUTH_SECRET_FILE: 'y' },
    folder,
  );
  expect(warnings).toEqual([
    '.env line 2 is neither NAME=value nor a comment and is ignored.',
    'The environment has APP_PROT, which is no setting; did you mean APP_PORT?',
    'The environment has both AUTH_SECRET and AUTH_SECRET_FILE; AUTH_SECRET counts.',
    '.env has RETENTION_RAW_DAY, which is no setting; did you mean RETENTION_RAW_DAYS?',
    '.env has RETENTION_MINUTE, which is no setting; did you mean RETENTION_MINUTE_DAYS?',
    'ADMIN_PASSWORD has fewer than 8 characters.',
    expect.stringContaining('RETENTION_RAW_DAYS is longer than RETENTION_MINUTE_DAYS'),
  ]);
  expect(parseConfig({ PATH: '/bin', HOME: '/root', PORT: '80', HOST: 'x' }, empty).warnings).toEqual([]);
  expect(faultsOf({ SPOOL_DIR: '/dev/null/spool' })).toEqual([
    'SPOOL_DIR names /dev/null/spool, but /dev/null is no folder.',
  ]);
});

test('an address is a block of one', () => {
  const config = parseConfig({ TRUSTED_PROXIES: '127.0.0.1, ::1, 10.0.0.0/8' }, empty);
  expect(config.trustedProxies).toEqual(['127.0.0.1/32', '::1/128', '10.0.0.0/8']);
});

test('on a loopback address only known hosts are answered, elsewhere all hosts unless some are named', () => {
  expect(parseConfig({}, empty).allowedHosts).toEqual([]);
  const named = { CORS_ORIGINS: 'https://noc.example:8443', ALLOWED_HOSTS: 'Ping.example' };
  expect(parseConfig(named, empty).allowedHosts).toEqual(['ping.example', 'noc.example']);
  const open = { APP_HOST: '0.0.0.0', ADMIN_PASSWORD: 'a good one' };
  expect(parseConfig(open, empty).allowedHosts).toBeUndefined();
  expect(parseConfig({ ...open, ALLOWED_HOSTS: 'ping.example' }, empty).allowedHosts).toEqual(['ping.example']);
  expect(faultsOf({ ALLOWED_HOSTS: 'https://ping.example' })).toEqual([
    'ALLOWED_HOSTS has "https://ping.example", which is not a host name such as noc.example.',
  ]);
});

test('BASE_PATH is a path that every program writes alike; a trailing slash is removed', () => {
  for (const [given, expected] of [
    ['/pmd', '/pmd'],
    ['/pmd/', '/pmd'],
    ['/tools/ping-me_1.0~x', '/tools/ping-me_1.0~x'],
    ['/', ''],
    ['', ''],
  ] as const) {
    expect(parseConfig({ BASE_PATH: given }, empty).basePath).toBe(expected);
  }
  for (const [given, fault] of [
    ['pmd', 'must be a path that begins with /, such as /pmd, without scheme and host.'],
    ['https://noc.example/pmd', 'must be a path that begins with /, such as /pmd, without scheme and host.'],
    ['/../pmd', 'must not have . or .. as a part of the path.'],
    ['/pmd/.', 'must not have . or .. as a part of the path.'],
    ['//pmd', 'must not have two slashes next to each other.'],
    ['/pmd//', 'must not have two slashes next to each other.'],
    ['/p md', 'has " "; it may have letters, digits, -, _, ., ~ and / only.'],
    ['/pmd?x', 'has "?"; it may have letters, digits, -, _, ., ~ and / only.'],
    ['/p%6Dd', 'has "%"; it may have letters, digits, -, _, ., ~ and / only.'],
    ['/pmd;Path=/', 'has ";"; it may have letters, digits, -, _, ., ~ and / only.'],
  ] as const) {
    expect(faultsOf({ BASE_PATH: given })).toEqual([`BASE_PATH ${fault}`]);
  }
});

test('DATABASE_DIRECT_URL is an address of PostgreSQL, shown without its password', () => {
  const direct = 'postgresql://u:secret@db.example/pmd';
  const config = parseConfig({ DATABASE_DIRECT_URL: direct }, empty);
  expect(config.databaseDirectUrl).toBe(direct);
  expect(JSON.stringify(config.settings)).not.toContain('secret@');
  expect(parseConfig({}, empty).databaseDirectUrl).toBeUndefined();
  expect(faultsOf({ DATABASE_DIRECT_URL: 'sqlite:./x.db' })).toEqual([
    'DATABASE_DIRECT_URL must name a database server, such as postgresql://host/database.',
  ]);
});

test('an external traceroute must exist and be executable', () => {
  expect(faultsOf({ TRACEROUTE_BINARY: '/no/such/traceroute' })).toEqual([expect.stringContaining('cannot be run')]);
  expect(faultsOf({ TRACEROUTE_BINARY: process.execPath })).toEqual([]);
});

test('well-known or short secrets are refused everywhere, the default password off loopback', () => {
  for (const AUTH_SECRET of ['super-secret-key', 'change-this-secret', 'x'.repeat(31)]) {
    const message = 'AUTH_SECRET is well known or shorter than 32 bytes; leave it empty to have one generated.';
    expect(faultsOf({ AUTH_SECRET })).toEqual([message]);
  }
  expect(faultsOf({ APP_HOST: '0.0.0.0' })).toEqual([expect.stringContaining('ADMIN_PASSWORD is still changeme')]);
  const other = { APP_HOST: '0.0.0.0', ADMIN_PASSWORD: 'a good one' };
  expect(faultsOf(other)).toEqual([]);
  expect(faultsOf({ ...other, AUTH_SECRET: 'super-secret-key' })).toHaveLength(1);
  expect(faultsOf({ ...other, AUTH_SECRET: 'x'.repeat(32) })).toEqual([]);
});

test('the environment wins over .env, and NAME_FILE reads a secret from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pmd-config-'));
  writeFileSync(join(folder, 'password'), 'from the file\n');
  writeFileSync(
    join(folder, '.env'),
    `APP_PORT=8001\nPING_TIMEOUT=2\nADMIN_PASSWORD_FILE=${join(folder, 'password')}\n`,
  );
  const config = parseConfig({ APP_PORT: '8002' }, folder);
  expect(config.port).toBe(8002);
  expect(config.pingTimeoutMillis).toBe(2000);
  expect(config.adminPassword).toBe('from the file');
  expect(faultsOf({ AUTH_SECRET_FILE: join(folder, 'missing') })).toEqual([expect.stringContaining('cannot be read')]);
});

test('secrets and passwords in addresses are masked where settings are shown', () => {
  const { settings } = parseConfig(
    { AUTH_SECRET: 'x'.repeat(40), DATABASE_URL: 'postgres://pmd:secret@db.example/pmd' },
    empty,
  );
  const shown = JSON.stringify(settings.map(({ value }) => value));
  expect(shown).not.toContain('secret@');
  expect(shown).not.toContain('xxxx');
  expect(shown).not.toContain('changeme');
  expect(shown).toContain('postgres://pmd:********@db.example/pmd');
});

test.each([
  'postgres://pmd:sec@ret@db.example/pmd',
  'postgres://:secret@db.example/pmd',
  'postgres://pmd@db.example/pmd?password=secret&sslmode=require',
  'postgresql+asyncpg://pmd:x@db.example/pmd?sslmode=require&sslpassword=secret',
])('no part of the password of %s is shown', (databaseUrl) => {
  const { settings } = parseConfig({ DATABASE_URL: databaseUrl }, empty);
  const { value } = settings.find(({ name }) => name === 'DATABASE_URL') ?? { value: '' };
  expect(value).toContain('db.example/pmd');
  expect(value).not.toMatch(/sec|ret@/);
});

test('SPOOL_DIR and SPOOL_MAX_MIB set where and how much is spooled; each database has its own folder in SPOOL_DIR', () => {
  expect(parseConfig({}, empty).spool).toEqual({
    folder: join(empty, 'pingmedaddy.db.spool'),
    maxBytes: 1024 * 1024 * 1024,
  });
  const spoolOf = (databaseUrl: string): string =>
    parseConfig({ SPOOL_DIR: '/data/spool', SPOOL_MAX_MIB: '0', DATABASE_URL: databaseUrl }, empty).spool.folder;
  expect(dirname(spoolOf('postgres://u:p@db/one'))).toBe('/data/spool');
  expect(spoolOf('postgres://u:p@db/one')).toBe(spoolOf('postgres://u:other@db/one'));
  expect(spoolOf('postgres://u:p@db/one')).not.toBe(spoolOf('postgres://u:p@db/two'));
  expect(parseConfig({ SPOOL_MAX_MIB: '0' }, empty).spool.maxBytes).toBe(0);
});
