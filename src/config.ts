import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { splitList } from './config-checks.ts';
import { type Definition, type SettingName, definitions, flavours, usualThreads } from './config-settings.ts';
import { defaultPassword } from './core/default-password.ts';
import { blocksOf } from './core/target/probe-policy.ts';
import { type Fault, Problem, messageOf } from './core/problem.ts';
import { blockOf, isLoopbackAddress } from './core/target/target.ts';
import { type Dotenv, readDotenv } from './dotenv.ts';
import { maskPasswords } from './core/mask-passwords.ts';
import { parseDatabaseUrl } from './storage/storage.ts';
import { nameOfSameBeginning, nearestName } from './near-name.ts';

export interface Config {
  readonly databaseUrl: string;
  /** PostgreSQL itself, when `databaseUrl` leads to a connection pooler. */
  readonly databaseDirectUrl: string | undefined;
  readonly databaseFlavour: (typeof flavours)[number];
  readonly port: number;
  readonly host: string;
  readonly pingTimeoutMillis: number;
  /** 0: no limit. */
  readonly probesInFlightMax: number;
  readonly probingThreads: number;
  readonly adminUsername: string;
  readonly adminPassword: string;
  /** `undefined`: generated at first start and stored beside the data. */
  readonly authSecret: string | undefined;
  readonly tokenMinutes: number;
  /** The path below which browsers reach the server, such as `/pmd`; empty for the root. */
  readonly basePath: string;
  readonly corsOrigins: readonly string[];
  /** Hosts besides loopback names for which the server answers; `undefined` for all. */
  readonly allowedHosts: readonly string[] | undefined;
  /** CIDR blocks of proxies whose X-Forwarded-For is trusted. */
  readonly trustedProxies: readonly string[];
  readonly tracerouteBinary: string | undefined;
  /** Empty: the system's. */
  readonly dnsServers: readonly string[];
  readonly dnsMinTtlSeconds: number;
  readonly probeLimits: { readonly targetsMax: number; readonly probesPerSecondMax: number };
  readonly probePolicy: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  readonly spool: { readonly folder: string; readonly maxBytes: number };
  readonly retention: {
    readonly rawDays: number;
    readonly minuteDays: number;
    readonly hourDays: number;
    readonly eventDays: number;
  };
  /** Probable mistakes, as sentences. */
  readonly warnings: readonly string[];
  /** Name, default, effective value (secrets masked) and meaning of every setting. */
  readonly settings: readonly Setting[];
}

export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly source: 'environment' | '.env' | 'file' | 'default';
  readonly meaning: string;
}

const wellKnownSecrets = new Set(['change-this-secret', 'super-secret-key']);
const secretBytesMin = 32;

/** Reads `.env` (in `folder`) and the environment into a Config; throws one Problem that lists every fault. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>, folder: string): Config {
  const faults: Fault[] = [];
  const { values: dotenv, warnings: unread } = openDotenv(resolve(folder, '.env'), faults);
  const found = new Map<SettingName, Setting & { readonly text: string }>();
  for (const [name, definition] of Object.entries(definitions) as [SettingName, Definition][]) {
    const { text, source } = find(name, environment, dotenv, faults) ?? {
      text: definition.fallback,
      source: 'default' as const,
    };
    const wrong = definition.check?.(text);
    if (wrong !== undefined) faults.push({ field: name, message: wrong });
    const value = definition.isSecret === true && text !== '' ? '********' : maskPasswords(text);
    found.set(name, { name, value, source, meaning: definition.meaning, text });
  }
  const text = (name: SettingName): string => found.get(name)?.text ?? '';
  const list = (name: SettingName): readonly string[] => splitList(text(name));
  const blocks = (name: SettingName): readonly string[] => list(name).flatMap((entry) => blocksOf(entry) ?? []);
  checkSecrets(text, faults);
  if (faults.length > 0) {
    const lines = faults.map((fault) => `  ${fault.field} ${fault.message}`);
    throw new Problem(
      'invalid-setting',
      `Invalid configuration (${faults.length} ${faults.length === 1 ? 'error' : 'errors'}):\n${lines.join('\n')}`,
      { faults },
    );
  }
  return {
    databaseUrl: text('DATABASE_URL'),
    databaseDirectUrl: text('DATABASE_DIRECT_URL') === '' ? undefined : text('DATABASE_DIRECT_URL'),
    databaseFlavour: flavours.find((each) => each === text('DATABASE_FLAVOUR')) ?? 'auto',
    port: Number(text('APP_PORT')),
    host: text('APP_HOST'),
    pingTimeoutMillis: Math.round(Number(text('PING_TIMEOUT')) * 1000),
    probesInFlightMax: Number(text('PING_CONCURRENCY_LIMIT')),
    probingThreads: Number(text('PROBE_THREADS')) || usualThreads(),
    adminUsername: text('ADMIN_USERNAME'),
    adminPassword: text('ADMIN_PASSWORD'),
    authSecret: text('AUTH_SECRET') === '' ? undefined : text('AUTH_SECRET'),
    tokenMinutes: Number(text('AUTH_TOKEN_MINUTES')),
    basePath: text('BASE_PATH').replace(/\/$/, ''),
    corsOrigins: list('CORS_ORIGINS'),
    allowedHosts: allowedHosts(text('APP_HOST'), list('ALLOWED_HOSTS'), list('CORS_ORIGINS')),
    trustedProxies: list('TRUSTED_PROXIES').flatMap((entry) => blockOf(entry) ?? []),
    tracerouteBinary: text('TRACEROUTE_BINARY') === '' ? undefined : text('TRACEROUTE_BINARY'),
    dnsServers: list('DNS_SERVERS'),
    dnsMinTtlSeconds: Number(text('DNS_MIN_TTL')),
    probeLimits: { targetsMax: Number(text('MAX_TARGETS')), probesPerSecondMax: Number(text('MAX_PROBES_PER_SECOND')) },
    probePolicy: { allow: blocks('PROBE_ALLOW'), deny: blocks('PROBE_DENY') },
    spool: {
      folder: resolve(folder, spoolFolder(text('SPOOL_DIR'), text('DATABASE_URL'))),
      maxBytes: Number(text('SPOOL_MAX_MIB')) * 1024 * 1024,
    },
    retention: {
      rawDays: Number(text('RETENTION_RAW_DAYS')),
      minuteDays: Number(text('RETENTION_MINUTE_DAYS')),
      hourDays: Number(text('RETENTION_HOUR_DAYS')),
      eventDays: Number(text('RETENTION_EVENT_DAYS')),
    },
    warnings: [...unread, ...doubtsAbout(environment, dotenv), ...doubtsAboutValues(text)],
    settings: [...found.values()].map(({ name, value, source, meaning }) => ({ name, value, source, meaning })),
  };
}

/** On a loopback address only this machine's own pages may reach it; elsewhere any host name is accepted. */
function allowedHosts(
  appHost: string,
  given: readonly string[],
  origins: readonly string[],
): readonly string[] | undefined {
  if (given.length === 0 && !isLoopback(appHost)) return undefined;
  return [...given.map((host) => host.toLowerCase()), ...origins.map((origin) => new URL(origin).hostname)];
}

/** Target ids belong to a database, so in a folder that several may use, each has its own. */
function spoolFolder(given: string, databaseUrl: string): string {
  const found = parseDatabaseUrl(databaseUrl);
  const file = 'fault' in found ? undefined : found.address.file;
  if (given === '' && file !== undefined) return `${file}.spool`;
  const name = file ?? databaseUrl.replace(/^[^:]*:\/\/(?:[^@/]*@)?/, '');
  const id = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return join(given === '' ? 'pingmedaddy-spool' : given, id);
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}

function openDotenv(path: string, faults: Fault[]): Dotenv {
  const none = { values: {}, warnings: [] };
  try {
    const { values, warnings } = readDotenv(path) ?? none;
    return { values, warnings: warnings.map((warning) => `.env ${warning}`) };
  } catch (error) {
    faults.push({ field: '.env', message: messageOf(error) });
    return none;
  }
}

type Values = Readonly<Record<string, string | undefined>>;

/** Names that nearly match settings, and settings that are given twice. */
function doubtsAbout(environment: Values, dotenv: Values): readonly string[] {
  const names = Object.keys(definitions);
  const all = names.flatMap((name) => [name, `${name}_FILE`]);
  return [environment, dotenv].flatMap((values) => {
    const where = values === dotenv ? '.env has' : 'The environment has';
    const misspelt = Object.keys(values).flatMap((name) => {
      // What is in `.env` is more probably meant for us than what is in a machine's environment.
      const meant = nearestName(name, all) ?? (values === dotenv ? nameOfSameBeginning(name, all) : undefined);
      return meant === undefined ? [] : [`${where} ${name}, which is no setting; did you mean ${meant}?`];
    });
    const doubled = names
      .filter((name) => (values[name] ?? '') !== '' && (values[`${name}_FILE`] ?? '') !== '')
      .map((name) => `${where} both ${name} and ${name}_FILE; ${name} counts.`);
    return [...misspelt, ...doubled];
  });
}

const passwordMin = 8;

function doubtsAboutValues(text: (name: SettingName) => string): readonly string[] {
  const [raw = 0, minute = 0, hour = 0] = (
    ['RETENTION_RAW_DAYS', 'RETENTION_MINUTE_DAYS', 'RETENTION_HOUR_DAYS'] as const
  ).map((name) => Number(text(name)) || Number.POSITIVE_INFINITY);
  const longer = (fine: string, coarse: string): string =>
    `${fine} is longer than ${coarse}: charts of older times would have details but no overview.`;
  return [
    ...(text('ADMIN_PASSWORD').length < passwordMin
      ? [`ADMIN_PASSWORD has fewer than ${passwordMin} characters.`]
      : []),
    ...(raw > minute ? [longer('RETENTION_RAW_DAYS', 'RETENTION_MINUTE_DAYS')] : []),
    ...(minute > hour ? [longer('RETENTION_MINUTE_DAYS', 'RETENTION_HOUR_DAYS')] : []),
  ];
}

/** The environment wins over `.env`, and a plain name wins over its `_FILE` in the same place. */
function find(
  name: SettingName,
  environment: Readonly<Record<string, string | undefined>>,
  dotenv: Readonly<Record<string, string | undefined>>,
  faults: Fault[],
): { readonly text: string; readonly source: Setting['source'] } | undefined {
  for (const [source, values] of [
    ['environment', environment],
    ['.env', dotenv],
  ] as const) {
    const text = values[name];
    if (text !== undefined && (text !== '' || definitions[name].fallback === '')) return { text: text.trim(), source };
    const path = values[`${name}_FILE`];
    if (path === undefined || path === '') continue;
    try {
      return { text: readFileSync(path, 'utf8').trim(), source: 'file' };
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? String(error);
      faults.push({ field: `${name}_FILE`, message: `names ${path}, which cannot be read (${why}).` });
    }
  }
  return undefined;
}

function checkSecrets(text: (name: SettingName) => string, faults: Fault[]): void {
  if (!isLoopback(text('APP_HOST')) && text('ADMIN_PASSWORD') === defaultPassword) {
    const message = `is still ${defaultPassword}, which works on a loopback address only; set a password of your own.`;
    faults.push({ field: 'ADMIN_PASSWORD', message });
  }
  const secret = text('AUTH_SECRET');
  if (secret === '') return;
  if (wellKnownSecrets.has(secret) || Buffer.byteLength(secret) < secretBytesMin) {
    const message = `is well known or shorter than ${secretBytesMin} bytes; leave it empty to have one generated.`;
    faults.push({ field: 'AUTH_SECRET', message });
  }
}
