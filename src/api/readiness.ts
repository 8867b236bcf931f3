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

/** Whether database, prober and recorder do their work, and what is the matter where they do not. */
export async function readReadiness({
  monitor,
  storage,
}: Pick<ApiDependencies, 'monitor' | 'storage'>): Promise<Readiness> {
  const checks = {
    database: await checkDatabase(storage, monitor.upkeepFailure()),
    prober: checkProber(monitor.prober.status()),
    recorder: checkRecorder(monitor.recorder.status()),
  };
  const isFine = Object.values(checks).every((check) => check.status === 'ok');
  return { status: isFine ? 'ok' : 'failing', checks };
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
