import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import type { readiness } from '../../contract/system.ts';
import type { EpochMillis } from '../../core/ids.ts';
import { Problem, messageOf } from '../../core/problem.ts';
import type { StorageHealth } from '../../storage/storage.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { instantOf } from '../translate.ts';
import { notSentSentence, readNotSent } from './not-sent.ts';

type Readiness = z.infer<typeof readiness>;
type Check = Pick<Readiness['checks']['prober'], 'status' | 'message'>;
type DatabaseCheck = Readiness['checks']['database'];
type RecorderStatus = ReturnType<ApiDependencies['monitor']['recorder']['status']>;

const healthTimeoutMillis = 2000;

/**
 * Whether database, prober and recorder work, and what is wrong if not. Anonymous callers get only the status: the details
 * contain paths, hosts and errors.
 */
export async function readReadiness(
  { monitor, storage, now }: Pick<ApiDependencies, 'monitor' | 'storage' | 'now'>,
  isKnown: boolean,
): Promise<Readiness> {
  const checks = {
    database: await checkDatabase(storage, monitor.upkeepFailure(), now()),
    prober: checkProber(monitor),
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
    // How many targets cannot be sent to, and why, without naming any.
    prober:
      prober.not_sent_targets > 0
        ? prober
        : told(prober, `Probing IPv4 by ${ipv4} and IPv6 by ${ipv6}`, 'There is no probing'),
    recorder: told(
      recorder,
      recorder.dropped_results > 0
        ? `${recorder.dropped_results} results were lost; ${why}`
        : 'Every result is stored or on its way',
      'Results wait until the database takes them',
    ),
  };
}

async function checkDatabase(
  storage: ApiDependencies['storage'],
  upkeepFailure: string | undefined,
  now: EpochMillis,
): Promise<DatabaseCheck> {
  const unknown = { rolled_up_until: null, rollups_behind_seconds: null, damaged_rows: 0 };
  try {
    const { rolledUpUntil, isWritable, message, damages } = await healthSoon(storage);
    const isFine = isWritable && upkeepFailure === undefined && damages.length === 0;
    const said = [
      upkeepFailure === undefined ? message : `Sealing and retention fail: ${upkeepFailure}`,
      ...describeDamages(damages),
    ]
      .map((text, index, all) => (all.length === 1 ? text : withFullStop(text)))
      .join(' ');
    const damaged = { damaged_rows: damages.length };
    if (rolledUpUntil === undefined) return { ...checkOf(isFine, said), ...unknown, ...damaged };
    const progress = progressOf(rolledUpUntil, now);
    return { ...checkOf(isFine, `${withFullStop(said)} ${describeProgress(progress)}`), ...progress, ...damaged };
  } catch (error) {
    return { ...checkOf(false, messageOf(error)), ...unknown };
  }
}

/** Shows the first in full; the command lists them all. */
function describeDamages(damages: StorageHealth['damages']): readonly string[] {
  const [first] = damages;
  if (first === undefined) return [];
  const others = damages.length === 1 ? '' : ` and ${damages.length - 1} more`;
  return [
    `The database is damaged: ${first.message}${others}. pmd check lists all damage, pmd restore puts a backup in its place.`,
  ];
}

function progressOf(rolledUpUntil: EpochMillis, now: EpochMillis) {
  return {
    rolled_up_until: instantOf(rolledUpUntil),
    rollups_behind_seconds: Math.round(Math.max(0, now - rolledUpUntil) / 1000),
  };
}

function describeProgress({ rolled_up_until: until, rollups_behind_seconds: behind }: ReturnType<typeof progressOf>) {
  return `Rollups are complete until ${until.replace(/\.\d+/, '')}, ${behind} s ago.`;
}

function withFullStop(text: string): string {
  return text.replace(/([^.])$/, '$1.');
}

export function healthSoon(storage: ApiDependencies['storage']): Promise<StorageHealth> {
  return withTimeout(storage.health());
}

/** A hanging database must not make the check hang. */
async function withTimeout<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const waiting = new AbortController();
  const tooLong = delay(healthTimeoutMillis, undefined, { signal: waiting.signal }).then(() => {
    throw new Problem('storage-unavailable', `The database has not answered for ${healthTimeoutMillis / 1000} s.`);
  });
  tooLong.catch(() => undefined);
  try {
    return await Promise.race([answer, tooLong]);
  } finally {
    waiting.abort();
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

type ProberCheck = Readiness['checks']['prober'];

function checkProber(monitor: ApiDependencies['monitor']): ProberCheck {
  const status = monitor.prober.status();
  const canProbe = status.ipv4 !== 'none' || status.ipv6 !== 'none';
  const notSent = readNotSent(monitor);
  const count = notSent.targets.length;
  const isSending = count === 0 || count < notSent.probed;
  const message = [status.message, ...notSentSentence(notSent)].join(' ');
  return { ...checkOf(status.isRunning && canProbe && isSending, message), not_sent_targets: count };
}

function checkOf(isFine: boolean, message: string): Check {
  return { status: isFine ? 'ok' : 'failing', message };
}
