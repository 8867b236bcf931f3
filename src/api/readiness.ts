import type { z } from 'zod';
import type { readiness } from '../contract/system.ts';
import type { ApiDependencies } from './api.ts';

type Readiness = z.infer<typeof readiness>;
type Check = Readiness['checks']['database'];

/** Whether database, prober and recorder do their work, and what is the matter where they do not. */
export async function readReadiness({
  monitor,
  storage,
}: Pick<ApiDependencies, 'monitor' | 'storage'>): Promise<Readiness> {
  const checks = {
    database: await checkDatabase(storage, monitor.upkeepFailure()),
    prober: checkProber(monitor.prober.status()),
    recorder: checkOf(!monitor.recorder.status().isFailing, monitor.recorder.status().message),
  };
  const isFine = Object.values(checks).every((check) => check.status === 'ok');
  return { status: isFine ? 'ok' : 'failing', checks };
}

async function checkDatabase(storage: ApiDependencies['storage'], upkeepFailure: string | undefined): Promise<Check> {
  try {
    const health = await storage.health();
    if (upkeepFailure !== undefined) return checkOf(false, `Sealing and retention fail: ${upkeepFailure}`);
    return checkOf(health.isWritable, health.message);
  } catch (error) {
    return checkOf(false, error instanceof Error ? error.message : String(error));
  }
}

function checkProber(status: ReturnType<ApiDependencies['monitor']['prober']['status']>): Check {
  const canProbe = status.ipv4 !== 'none' || status.ipv6 !== 'none';
  return checkOf(status.isRunning && canProbe, status.message);
}

function checkOf(isFine: boolean, message: string): Check {
  return { status: isFine ? 'ok' : 'failing', message };
}
