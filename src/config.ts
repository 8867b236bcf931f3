import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import {
  checkBasePath,
  checkCidr,
  checkDatabase,
  checkDirectDatabase,
  checkEach,
  checkFolder,
  checkHost,
  checkNameServers,
  checkOrigin,
  checkPolicyEntry,
  checkProgram,
  numberFrom,
  splitList,
  wholeFrom,
} from './config-checks.ts';
import { defaultPassword } from './core/default-password.ts';
import { blocksOf } from './core/target/probe-policy.ts';
import { type Fault, Problem } from './core/problem.ts';
import { blockOf, isLoopbackAddress } from './core/target/target.ts';
import { type Dotenv, readDotenv } from './dotenv.ts';
import { maskPasswords } from './core/mask-passwords.ts';
import { nameOfSameBeginning, nearestName } from './near-name.ts';

export interface Config {
  readonly databaseUrl: string;
  /** Of PostgreSQL itself, where `databaseUrl` leads to a connection pooler. */
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
  /** `undefined`: generated at first start and kept beside the data. */
  readonly authSecret: string | undefined;
  readonly tokenMinutes: number;
  /** The path below which browsers reach the server, such as `/pmd`; empty for the root. */
  readonly basePath: string;
  readonly corsOrigins: readonly string[];
  /** Hosts beside loopback names for which the server answers; `undefined` for all. */
  readonly allowedHosts: readonly string[] | undefined;
  /** CIDR blocks of proxies whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[];
  readonly tracerouteBinary: string | undefined;
  /** Empty: those of the system. */
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
  /** What was probably meant otherwise, as sentences. */
  readonly warnings: readonly string[];
  /** Name, default, value in force (secrets masked) and meaning of every setting. */
  readonly settings: readonly Setting[];
}

export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly source: 'environment' | '.env' | 'file' | 'default';
  readonly meaning: string;
}

const flavours = ['auto', 'plain', 'timescale'] as const;
const isFlavour = (value: string): boolean => flavours.some((each) => each === value);

const wellKnownSecrets = new Set(['change-this-secret', 'super-secret-key']);
const secretBytesMin = 32;

interface Definition {
  readonly fallback: string;
  readonly meaning: string;
  readonly isSecret?: boolean;
  /** A sentence that says what is wrong, or `undefined`. */
  readonly check?: (value: string) => string | undefined;
}

const days = 'how many days; 0 keeps for ever';

/** Every setting; `.env.example` is made from this table. */
export const definitions = {
  DATABASE_URL: {
    fallback: 'sqlite:./pingmedaddy.db',
    meaning: 'where history is kept: sqlite:./file.db or postgresql://user:password@host:5432/database',
    isSecret: false,
    check: checkDatabase,
  },
  DATABASE_DIRECT_URL: {
    fallback: '',
    meaning:
      'address of PostgreSQL itself where DATABASE_URL leads to a connection pooler in transaction mode, such as PgBouncer: for the writer lock and migrations',
    isSecret: false,
    check: checkDirectDatabase,
  },
  DATABASE_FLAVOUR: {
    fallback: 'auto',
    meaning:
      'tables of a new PostgreSQL database: timescale, plain, or auto for TimescaleDB where the server has it and it works; a database stays what it was begun as',
    check: (value) => (isFlavour(value) ? undefined : 'must be auto, plain or timescale.'),
  },
  APP_PORT: { fallback: '7464', meaning: 'listening port; 0 takes a free one', check: wholeFrom(0, 65_535) },
  APP_HOST: {
    fallback: '127.0.0.1',
    meaning: 'listening address; 0.0.0.0 for every IPv4 address of this machine, :: for IPv6 too',
    check: (value) => (isIP(value) === 0 && value !== 'localhost' ? 'must be an IP address or localhost.' : undefined),
  },
  BASE_PATH: {
    fallback: '',
    meaning:
      'path below which a reverse proxy serves it, such as /pmd; empty for the root. Health checks may leave it out',
    check: checkBasePath,
  },
  PING_TIMEOUT: { fallback: '1.0', meaning: 'seconds until a probe counts as lost', check: numberFrom(0.01, 60) },
  PING_CONCURRENCY_LIMIT: {
    fallback: '0',
    meaning: 'at most so many probes in flight; 0 for no limit, none is needed',
    check: wholeFrom(0, 10_000_000),
  },
  PROBE_THREADS: {
    fallback: '',
    meaning: 'probing threads, among which the targets are shared; empty takes one for every four cores, four at most',
    check: (value) => (value === '' ? undefined : wholeFrom(1, 64)(value)),
  },
  ADMIN_USERNAME: {
    fallback: 'admin',
    meaning: 'user name of the first user',
    check: (value) => (value.length > 200 ? 'must have at most 200 characters.' : undefined),
  },
  ADMIN_PASSWORD: {
    fallback: defaultPassword,
    meaning: 'password of the first user; changeme works on a loopback address only',
    isSecret: true,
    check: (value) => (value.length > 1000 ? 'must have at most 1000 characters.' : undefined),
  },
  AUTH_SECRET: {
    fallback: '',
    meaning: 'signs the tokens, at least 32 bytes; empty generates one at first start and keeps it beside the data',
    isSecret: true,
  },
  AUTH_TOKEN_MINUTES: { fallback: '1440', meaning: 'lifetime of a token in minutes', check: wholeFrom(1, 527_040) },
  CORS_ORIGINS: {
    fallback: '',
    meaning: 'comma-separated origins whose pages may call the API, such as https://noc.example',
    check: checkEach(checkOrigin),
  },
  TRUSTED_PROXIES: {
    fallback: '',
    meaning: 'comma-separated CIDR blocks of reverse proxies whose X-Forwarded-For and -Proto count; empty trusts none',
    check: checkEach(checkCidr),
  },
  ALLOWED_HOSTS: {
    fallback: '',
    meaning:
      'comma-separated host names under which browsers reach the server; empty allows localhost and the hosts of CORS_ORIGINS on a loopback address, and every host on others',
    check: checkEach(checkHost),
  },
  TRACEROUTE_BINARY: {
    fallback: '',
    meaning: 'absolute path of an external traceroute; empty uses the built-in tracer',
    check: checkProgram,
  },
  MAX_TARGETS: {
    fallback: '0',
    meaning: 'at most so many targets, paused ones included; 0 for no limit',
    check: wholeFrom(0, 10_000_000),
  },
  MAX_PROBES_PER_SECOND: {
    fallback: '0',
    meaning: 'at most so many probes a second, those of all targets together; 0 for no limit',
    check: wholeFrom(0, 10_000_000),
  },
  DNS_SERVERS: {
    fallback: '',
    meaning:
      'comma-separated addresses of name servers, such as 192.0.2.53 or 192.0.2.53:5353, that resolve the names of targets; empty takes those of the system',
    check: checkNameServers,
  },
  DNS_MIN_TTL: {
    fallback: '30',
    meaning: 'seconds that the address of a name is used at least, however short its time to live; an hour at most',
    check: numberFrom(1, 3600),
  },
  PROBE_ALLOW: {
    fallback: '',
    meaning:
      'comma-separated CIDR blocks that may be probed, or words for blocks: loopback, link-local, private, metadata; empty allows all that are not denied',
    check: checkEach(checkPolicyEntry),
  },
  PROBE_DENY: {
    fallback: '',
    meaning:
      'comma-separated CIDR blocks or words (as in PROBE_ALLOW) that may not be probed, such as link-local,metadata; also over NAT64 and 6to4',
    check: checkEach(checkPolicyEntry),
  },
  SPOOL_MAX_MIB: {
    fallback: '1024',
    meaning: 'so many MiB of results wait on disk while the database is away; 0 lets them wait in memory only',
    check: wholeFrom(0, 1_048_576),
  },
  SPOOL_DIR: {
    fallback: '',
    meaning:
      'folder where results wait while the database is away; empty takes pingmedaddy.db.spool beside an SQLite database and ./pingmedaddy-spool for others',
    check: checkFolder,
  },
  RETENTION_RAW_DAYS: { fallback: '3', meaning: `raw results are kept ${days}`, check: numberFrom(0, 36_500) },
  RETENTION_MINUTE_DAYS: { fallback: '31', meaning: `1-minute rollups are kept ${days}`, check: numberFrom(0, 36_500) },
  RETENTION_HOUR_DAYS: { fallback: '1827', meaning: `1-hour rollups are kept ${days}`, check: numberFrom(0, 36_500) },
  RETENTION_EVENT_DAYS: { fallback: '1827', meaning: `events are kept ${days}`, check: numberFrom(0, 36_500) },
} as const satisfies Record<string, Definition>;
type Name = keyof typeof definitions;

/** One holds 100,000 probes a second; more wake-ups cost a small fleet more than they give it. */
const usualThreads = (): number => Math.min(4, Math.max(1, Math.floor(availableParallelism() / 4)));

/** Reads `.env` (in `folder`) and the environment into a Config; throws one Problem that lists every fault. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>, folder: string): Config {
  const faults: Fault[] = [];
  const { values: dotenv, warnings: unread } = openDotenv(resolve(folder, '.env'), faults);
  const found = new Map<Name, Setting & { readonly text: string }>();
  for (const [name, definition] of Object.entries(definitions) as [Name, Definition][]) {
    const { text, source } = find(name, environment, dotenv, faults) ?? {
      text: definition.fallback,
      source: 'default' as const,
    };
    const wrong = definition.check?.(text);
    if (wrong !== undefined) faults.push({ field: name, message: wrong });
    const value = definition.isSecret === true && text !== '' ? '********' : maskPasswords(text);
    found.set(name, { name, value, source, meaning: definition.meaning, text });
  }
  const text = (name: Name): string => found.get(name)?.text ?? '';
  const list = (name: Name): readonly string[] => splitList(text(name));
  const blocks = (name: Name): readonly string[] => list(name).flatMap((entry) => blocksOf(entry) ?? []);
  checkSecrets(text, faults);
  if (faults.length > 0) {
    const lines = faults.map((fault) => `  ${fault.field} ${fault.message}`);
    throw new Problem('invalid-setting', `The settings have ${faults.length} fault(s):\n${lines.join('\n')}`, {
      faults,
    });
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

/** On a loopback address only this machine's own pages may reach it; elsewhere it is known by whatever name it was given. */
function allowedHosts(
  appHost: string,
  given: readonly string[],
  origins: readonly string[],
): readonly string[] | undefined {
  if (given.length === 0 && !isLoopback(appHost)) return undefined;
  return [...given.map((host) => host.toLowerCase()), ...origins.map((origin) => new URL(origin).hostname)];
}

/** Target ids belong to a database: in a folder that several may use, each has its own. */
function spoolFolder(given: string, databaseUrl: string): string {
  const file = /^sqlite(?:\+\w+)?:(?:\/\/\/)?(.+)$/.exec(databaseUrl)?.[1];
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
    faults.push({ field: '.env', message: error instanceof Error ? error.message : String(error) });
    return none;
  }
}

type Values = Readonly<Record<string, string | undefined>>;

/** Names that are nearly those of settings, and settings that are given twice. */
function doubtsAbout(environment: Values, dotenv: Values): readonly string[] {
  const names = Object.keys(definitions);
  const all = names.flatMap((name) => [name, `${name}_FILE`]);
  return [environment, dotenv].flatMap((values) => {
    const where = values === dotenv ? '.env has' : 'The environment has';
    const misspelt = Object.keys(values).flatMap((name) => {
      // What stands in `.env` is meant for us more probably than what the environment of a machine has.
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

function doubtsAboutValues(text: (name: Name) => string): readonly string[] {
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

/** The environment wins over `.env`; a plain name wins over its `_FILE` in the same place. */
function find(
  name: Name,
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

function checkSecrets(text: (name: Name) => string, faults: Fault[]): void {
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
