import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import type { readiness } from '../contract/system.ts';
import { Problem } from '../core/problem.ts';
import type { StorageHealth } from '../storage/storage.ts';
import type { ApiDependencies } from './api.ts';

type Readiness = z.infer<typeof readiness>;
type Check = Readiness['checks']['database'];
type RecorderStatus = ReturnType<ApiDependencies['monitor']['recorder']['status']>;

const healthPatienceMillis = 2000;

/**
 * Whether database, prober and recorder do their work, and what is the matter where they do not. Who is not known is told
 * no more than that: the words of the parts name paths, hosts and errors.
 */
export async function readReadiness(
  { monitor, storage }: Pick<ApiDependencies, 'monitor' | 'storage'>,
  isKnown: boolean,
): Promise<Readiness> {
  const checks = {
    database: await checkDatabase(storage, monitor.upkeepFailure()),
    prober: checkProber(monitor.prober.status()),
    recorder: checkRecorder(monitor.recorder.status()),
  };
  const isFine = Object.values(checks).every((check) => check.status === 'ok');
  return { status: isFine ? 'ok' : 'failing', checks: isKnown ? checks : withoutWords(checks, monitor) };
}

function withoutWords(
  { database, prober, recorder }: Readiness['checks'],
  monitor: ApiDependencies['monitor'],
): Readiness['checks'] {
  const { ipv4, ipv6 } = monitor.prober.status();
  const why = 'GET /readyz with a token says why';
  const told = <Checked extends Check>(check: Checked, fine: string, failing: string): Checked => ({
    ...check,
    message: check.status === 'ok' ? `${fine}.` : `${failing}; ${why}.`,
  });
  return {
    database: told(database, 'The database does its work', 'The database does not do its work'),
    prober: told(prober, `Probing IPv4 by ${ipv4} and IPv6 by ${ipv6}`, 'There is no probing'),
    recorder: told(recorder, 'Every result is stored or on its way', 'Results wait until the database takes them'),
  };
}

async function checkDatabase(storage: ApiDependencies['storage'], upkeepFailure: string | undefined): Promise<Check> {
  try {
    const health = await healthSoon(storage);
    if (upkeepFailure !== undefined) return checkOf(false, `Sealing and retention fail: ${upkeepFailure}`);
    return checkOf(health.isWritable, health.message);
  } catch (error) {
    return checkOf(false, error instanceof Error ? error.message : String(error));
  }
}

/** A database that hangs must not make the question hang. */
export async function healthSoon(storage: ApiDependencies['storage']): Promise<StorageHealth> {
  const patience = new AbortController();
  const tooLong = delay(healthPatienceMillis, undefined, { signal: patience.signal }).then(() => {
    throw new Problem('storage-unavailable', `The database has not answered for ${healthPatienceMillis / 1000} s.`);
  });
  tooLong.catch(() => undefined);
  try {
    return await Promise.race([storage.health(), tooLong]);
  } finally {
    patience.abort();
  }
}

function checkRecorder(status: RecorderStatus): Readiness['checks']['recorder'] {
  const { isFailing, message, pendingResults, spooledResults, spooledBytes, droppedResults } = status;
  return {
    ...checkOf(!isFailing, message),
    pending_results: pendingResults,
    spooled_results: spooledResults,
    spooled_bytes: spooledBytes,
    dropped_results: droppedResults,
  };
}

function checkProber(status: ReturnType<ApiDependencies['monitor']['prober']['status']>): Check {
  const canProbe = status.ipv4 !== 'none' || status.ipv6 !== 'none';
  return checkOf(status.isRunning && canProbe, status.message);
}

function checkOf(isFine: boolean, message: string): Check {
  return { status: isFine ? 'ok' : 'failing', message };
}
