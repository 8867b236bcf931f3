import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
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
  wholeFrom,
} from './config-checks.ts';
import { defaultPassword } from './core/default-password.ts';

export const flavours = ['auto', 'plain', 'timescale'] as const;
const isFlavour = (value: string): boolean => flavours.some((each) => each === value);

/** One thread handles 100,000 probes a second; with a small fleet, more wake-ups cost more than they gain. */
export const usualThreads = (): number => Math.min(4, Math.max(1, Math.floor(availableParallelism() / 4)));

export interface Definition {
  readonly fallback: string;
  readonly meaning: string;
  readonly isSecret?: boolean;
  /** A sentence that says what is wrong, or `undefined`. */
  readonly check?: (value: string) => string | undefined;
}

const inDays = 'in days; 0 keeps them forever';

/** Every setting; `.env.example` and the documentation are generated from this table. */
export const definitions = {
  DATABASE_URL: {
    fallback: 'sqlite:./pingmedaddy.db',
    meaning: 'where history is stored: sqlite:./file.db or postgresql://user:password@host:5432/database',
    isSecret: false,
    check: checkDatabase,
  },
  DATABASE_DIRECT_URL: {
    fallback: '',
    meaning:
      'address of PostgreSQL itself, if DATABASE_URL leads to a connection pooler in transaction mode such as PgBouncer; used for the writer lock and migrations',
    isSecret: false,
    check: checkDirectDatabase,
  },
  DATABASE_FLAVOUR: {
    fallback: 'auto',
    meaning:
      'tables of a new PostgreSQL database: timescale, plain, or auto, which uses TimescaleDB if the server has it and it works; the choice is permanent for that database',
    check: (value) => (isFlavour(value) ? undefined : 'must be auto, plain or timescale.'),
  },
  APP_PORT: { fallback: '7464', meaning: 'listening port; 0 takes a free one', check: wholeFrom(0, 65_535) },
  APP_HOST: {
    fallback: '127.0.0.1',
    meaning:
      'bind address; 0.0.0.0 for all IPv4 addresses of this machine, :: for IPv6 too. On a non-loopback address you must set your own ADMIN_PASSWORD',
    check: (value) => (isIP(value) === 0 && value !== 'localhost' ? 'must be an IP address or localhost.' : undefined),
  },
  BASE_PATH: {
    fallback: '',
    meaning: 'path below which a reverse proxy serves it, such as /pmd; empty for the root. Health checks may omit it',
    check: checkBasePath,
  },
  PING_TIMEOUT: { fallback: '1.0', meaning: 'seconds until a probe counts as lost', check: numberFrom(0.01, 60) },
  PING_CONCURRENCY_LIMIT: {
    fallback: '0',
    meaning: 'maximum number of probes in flight; 0 for no limit, and no limit is needed',
    check: wholeFrom(0, 10_000_000),
  },
  PROBE_THREADS: {
    fallback: '',
    meaning:
      'number of probing threads, which share the targets; empty uses one for every four cores, four at most. One thread holds 100,000 probes a second',
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
    meaning:
      'secret that signs the tokens, at least 32 bytes; empty generates one at the first start and stores it beside the data with mode 0600',
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
    meaning:
      'comma-separated addresses or CIDR blocks of reverse proxies whose X-Forwarded-For, -Proto and -Host are trusted; empty trusts none',
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
    meaning: 'maximum number of targets, including paused ones; 0 for no limit',
    check: wholeFrom(0, 10_000_000),
  },
  MAX_PROBES_PER_SECOND: {
    fallback: '0',
    meaning: 'maximum number of probes per second for all targets together; 0 for no limit',
    check: wholeFrom(0, 10_000_000),
  },
  DNS_SERVERS: {
    fallback: '',
    meaning:
      'comma-separated addresses of name servers, such as 192.0.2.53 or 192.0.2.53:5353, that resolve the names of targets; empty uses those of the system',
    check: checkNameServers,
  },
  DNS_MIN_TTL: {
    fallback: '30',
    meaning: 'minimum number of seconds for which the address of a name is used, however short its TTL; 3600 at most',
    check: numberFrom(1, 3600),
  },
  PROBE_ALLOW: {
    fallback: '',
    meaning:
      'comma-separated addresses or CIDR blocks that may be probed, or words for blocks: loopback, link-local, private, metadata; empty allows all that are not denied',
    check: checkEach(checkPolicyEntry),
  },
  PROBE_DENY: {
    fallback: '',
    meaning:
      'comma-separated addresses, CIDR blocks or words (as in PROBE_ALLOW) that must not be probed, such as link-local,metadata; they are denied over NAT64 and 6to4 too',
    check: checkEach(checkPolicyEntry),
  },
  SPOOL_MAX_MIB: {
    fallback: '1024',
    meaning: 'disk space in MiB for buffering results while the database is unavailable; 0 buffers in memory only',
    check: wholeFrom(0, 1_048_576),
  },
  SPOOL_DIR: {
    fallback: '',
    meaning:
      'folder for buffering results while the database is unavailable; empty uses pingmedaddy.db.spool beside an SQLite database and ./pingmedaddy-spool for others',
    check: checkFolder,
  },
  RETENTION_RAW_DAYS: {
    fallback: '3',
    meaning: `how long raw results are kept, ${inDays}`,
    check: numberFrom(0, 36_500),
  },
  RETENTION_MINUTE_DAYS: {
    fallback: '31',
    meaning: `how long 1-minute rollups are kept, ${inDays}`,
    check: numberFrom(0, 36_500),
  },
  RETENTION_HOUR_DAYS: {
    fallback: '1827',
    meaning: `how long 1-hour rollups, traces and outages are kept, ${inDays}`,
    check: numberFrom(0, 36_500),
  },
  RETENTION_EVENT_DAYS: {
    fallback: '1827',
    meaning: `how long events are kept, ${inDays}`,
    check: numberFrom(0, 36_500),
  },
} as const satisfies Record<string, Definition>;
export type SettingName = keyof typeof definitions;
