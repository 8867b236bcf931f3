import type { FastifyBaseLogger } from 'fastify';
import type { EpochMillis } from '../core/ids.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { Storage } from '../storage/storage.ts';

/** Everything the API is built from; each part declares what it uses. */
export interface ApiDependencies {
  readonly monitor: Monitor;
  readonly storage: Storage;
  readonly logger: FastifyBaseLogger;
  /** At least 32 bytes; signs the tokens. */
  readonly authSecret: string;
  readonly tokenMinutes: number;
  readonly corsOrigins: readonly string[];
  /** Such as `/pmd`; empty for the root. */
  readonly basePath: string;
  /** CIDR blocks of proxies whose forwarding headers are trusted. */
  readonly trustedProxies: readonly string[];
  /** Hosts that are answered besides loopback names; `undefined` for all. */
  readonly allowedHosts: readonly string[] | undefined;
  /** The maximum number of connections. */
  readonly connectionsMax: number;
  /** What `GET /config` shows, with secrets masked. */
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  readonly version: string;
  /** Where the dashboard's built files are, if they were built. */
  readonly webFolder: string;
  readonly now: () => EpochMillis;
}

/** The open event streams. */
export interface Streams {
  readonly end: () => void;
  /** How many are open, and how many were closed because their reader did not keep up. */
  readonly counts: () => { readonly open: number; readonly dropped: number };
}
