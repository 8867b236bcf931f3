import type { FleetTarget } from '../../contract/fleet.ts';
import { hopsFromReplyTtl } from '../../core/path/path.ts';
import { portOf } from '../../core/target/probe-kinds.ts';
import type { Target } from '../../core/target/target.ts';
import type { StateOfTarget } from '../../core/outage/target-state.ts';
import type { FleetRow, Sparks } from '../../core/history/window.ts';
import { instantOf, lossRate, millisecondsOf, shownHost, stateShape } from '../translate.ts';

interface SparkTexts {
  /** JSON numbers separated by commas. */
  readonly latencies: string;
  readonly lossRates: string;
}

// Closed minutes, which make up most of an answer, do not change, and targets rarely do: caching their text saves much time for
// large fleets.
const known = new WeakMap<Sparks, SparkTexts>();
const knownPlaces = new WeakMap<Target, string>();

type Place = Pick<FleetTarget, 'id' | 'name' | 'ip' | 'host' | 'probe' | 'port' | 'notes' | 'tags' | 'frequency'>;

interface LiveFigures extends StateOfTarget {
  readonly consecutiveLosses: number;
  /** As expected by `hopsFromReplyTtl`. */
  readonly pathHops: number | undefined;
}

/** A target's row as JSON. The state is passed separately because it is newer than the stored data. */
export function fleetRowText(
  target: Target,
  row: FleetRow | undefined,
  { consecutiveLosses, pathHops, ...state }: LiveFigures,
): string {
  const isProbed = target.isActive && !target.isSynthetic;
  const figures: Omit<FleetTarget, keyof Place | 'spark_latency_ms' | 'spark_loss_rate'> = {
    ...stateShape(state),
    last_time: row?.lastSentAt === undefined ? null : instantOf(row.lastSentAt),
    last_latency_ms: millisecondsOf(row?.lastRttMicros),
    last_hops: hopsFromReplyTtl(row?.lastReplyTtl, pathHops) ?? null,
    consecutive_losses: isProbed ? consecutiveLosses : 0,
    sample_count: row?.summary.sampleCount ?? 0,
    loss_count: row?.summary.lossCount ?? 0,
    loss_rate: row === undefined ? null : lossRate(row.summary),
    latency_p50_ms: millisecondsOf(row?.summary.rttP50Micros),
    latency_p95_ms: millisecondsOf(row?.summary.rttP95Micros),
    jitter_ms: millisecondsOf(row?.jitterMicros),
  };
  const sparks = (row?.sparks ?? []).map((stretch, index, all) => sparkTexts(stretch, index < all.length - 1));
  const latencies = sparks.map((each) => each.latencies).filter((text) => text !== '');
  const lossRates = sparks.map((each) => each.lossRates).filter((text) => text !== '');
  const sparkText = `"spark_latency_ms":[${latencies.join()}],"spark_loss_rate":[${lossRates.join()}]`;
  return `{${placeText(target)},${JSON.stringify(figures).slice(1, -1)},${sparkText}}`;
}

function placeText(target: Target): string {
  let text = knownPlaces.get(target);
  if (text === undefined) {
    const place: Place = {
      id: target.id,
      name: target.name,
      ip: target.ip,
      host: shownHost(target.hostname),
      probe: target.probe.kind,
      port: portOf(target.probe),
      notes: target.notes,
      tags: [...target.tags],
      frequency: target.intervalMillis / 1000,
    };
    text = JSON.stringify(place).slice(1, -1);
    knownPlaces.set(target, text);
  }
  return text;
}

/** The last bucket is open and changes with each result, so its text is not cached. */
function sparkTexts(sparks: Sparks, isKept: boolean): SparkTexts {
  const before = known.get(sparks);
  if (before !== undefined) return before;
  const texts = {
    latencies: numbersText(sparks.rttMicros.map(millisecondsOf)),
    lossRates: numbersText(sparks.lossRatio.map((ratio) => ratio ?? null)),
  };
  if (isKept) known.set(sparks, texts);
  return texts;
}

function numbersText(numbers: readonly (number | null)[]): string {
  return JSON.stringify(numbers).slice(1, -1);
}
