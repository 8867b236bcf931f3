import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { createApi } from './api/api.ts';
import { openAuthSecret, seedAdministrator } from './credentials.ts';
import type { Config } from './config.ts';
import { mainVantage } from './core/ids.ts';
import { escapeControlCharacters } from './core/control-characters.ts';
import { Problem } from './core/problem.ts';
import { descriptorLimit } from './descriptor-limit.ts';
import { returnLargeBlocks } from './large-blocks.ts';
import { createHistoryClock, openMonitor } from './monitor/monitor.ts';
import { createNameResolver, openProber } from './probe/probe.ts';
import { openStorage, refuseHalfMoved } from './storage/storage.ts';
import { version } from './version.ts';

// The same place from src/ and from dist/.
const webFolder = fileURLToPath(new URL('../dist/web', import.meta.url));

export interface StartedServer extends AsyncDisposable {
  readonly url: string;
  /** Resolves with a sentence when another server writes to the database: this one no longer stores anything. */
  readonly superseded: Promise<string>;
}

/**
 * Starts the whole server; disposing stops it in reverse: HTTP, probing, the last results, storage. `beforeListening` is called
 * when everything else has been started.
 */
export async function startServer(
  config: Config,
  folder: string,
  beforeListening: () => Promise<void> = () => Promise.resolve(),
): Promise<StartedServer> {
  returnLargeBlocks();
  const logger = pino({
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    // Messages contain names and paths from others, which must not forge lines or control the terminal.
    hooks: { streamWrite: (line) => `${escapeControlCharacters(line.trimEnd())}\n` },
  });
  const onNotice = (message: string): void => logger.warn(message);
  for (const warning of config.warnings) onNotice(warning);
  const clock = createHistoryClock();
  const { now } = clock;
  const { retention } = config;
  const { promise: superseded, resolve: onSuperseded } = Promise.withResolvers<string>();
  await using stack = new AsyncDisposableStack();
  const storage = stack.use(
    await openStorage(config.databaseUrl, {
      retention,
      now,
      onNotice,
      settleMillis: settleMillisFor(config),
      flavour: config.databaseFlavour,
      directUrl: config.databaseDirectUrl,
      onSuperseded,
    }),
  );
  await refuseHalfMoved(storage);
  await seedAdministrator({ storage, config, now, onNotice });
  const authSecret = await openAuthSecret(config, folder);
  const monitor = stack.use(
    await openMonitor({
      vantage: mainVantage,
      storage,
      clock,
      retention,
      spool: config.spool,
      policy: config.probePolicy,
      limits: config.probeLimits,
      resolver: createNameResolver(config.dnsServers),
      ttlBounds: { minSeconds: config.dnsMinTtlSeconds, maxSeconds: 3600 },
      onNotice,
      openProber: (given) =>
        openProber({
          ...given,
          timeoutMillis: config.pingTimeoutMillis,
          maxInFlight: config.probesInFlightMax,
          threads: config.probingThreads,
          tracerouteBinary: config.tracerouteBinary,
        }),
    }),
  );
  const { corsOrigins, basePath, trustedProxies, allowedHosts, tokenMinutes, settings } = config;
  const api = stack.use(
    await createApi({
      monitor,
      storage,
      logger,
      authSecret,
      tokenMinutes,
      corsOrigins,
      basePath,
      trustedProxies,
      allowedHosts,
      // The other half is for probing, the database, files and outgoing connections.
      connectionsMax: Math.floor(descriptorLimit() / 2),
      settings,
      version,
      webFolder,
      now,
    }),
  );
  await beforeListening();
  const url = (await listen(api, config)) + basePath;
  const { ipv4, ipv6, message } = monitor.prober.status();
  const isBest = [ipv4, ipv6].every((method) => method.endsWith('socket'));
  logger[isBest ? 'info' : 'warn'](message);
  logger.info(`PingMeDaddy ${version} listens on ${url}`);
  if (config.port === 6666) logger.warn('Browsers block port 6666: the dashboard cannot be opened there, the API can.');
  const parts = stack.move();
  return {
    url,
    superseded,
    async [Symbol.asyncDispose]() {
      logger.info('Stopping');
      await parts.disposeAsync();
      logger.info('Stopped');
    },
  };
}

/** A probe may be pending this long before it is known to be lost. */
const settleMillisFor = ({ pingTimeoutMillis }: Config): number => Math.max(30_000, pingTimeoutMillis + 10_000);

async function listen(api: Awaited<ReturnType<typeof createApi>>, { host, port }: Config): Promise<string> {
  try {
    return await api.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why: Readonly<Record<string, string>> = {
      EADDRINUSE: `Port ${port} on ${host} is in use by another program; stop it or set APP_PORT to a free port.`,
      EACCES: `Port ${port} needs more rights than this user has; set APP_PORT to a port from 1024 up.`,
      EADDRNOTAVAIL: `${host} is not an address of this machine; set APP_HOST to one that is.`,
    };
    const message = code === undefined ? undefined : why[code];
    throw message === undefined ? error : new Problem('port-unavailable', message, { cause: error });
  }
}
