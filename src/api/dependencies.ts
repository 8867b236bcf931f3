import type { FastifyBaseLogger } from 'fastify';
import type { EpochMillis } from '../core/ids.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { Storage } from '../storage/storage.ts';

/** What the API is made from; each part of it names those that it uses. */
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
  /** CIDR blocks of proxies that are believed when they say who calls. */
  readonly trustedProxies: readonly string[];
  /** Hosts beside loopback names for which it answers; `undefined` for all. */
  readonly allowedHosts: readonly string[] | undefined;
  /** How many connections there may be at once. */
  readonly connectionsMax: number;
  /** What `GET /config` shows: secrets masked. */
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  readonly version: string;
  /** Where the dashboard's built files are; they may be missing. */
  readonly webFolder: string;
  readonly now: () => EpochMillis;
}

/** The open event streams. */
export interface Streams {
  readonly end: () => void;
  /** How many are open, and how many were ended because their reader did not keep up. */
  readonly counts: () => { readonly open: number; readonly dropped: number };
}
