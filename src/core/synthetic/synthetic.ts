import type { EpochMillis, TargetId } from '../ids.ts';
import { type ResultBatch, createBatch, outcomeCodes } from '../result/probe-result.ts';

/** The properties of a synthetic path, drawn from the seed; the same for the same seed and index. */
interface Character {
  readonly baseMicros: number;
  /** How much slower the evening is than the early morning, as a share. */
  readonly dailySwing: number;
  readonly peakHour: number;
  readonly jitterShare: number;
  readonly hops: number;
}

export interface SyntheticPlan {
  readonly seed: number;
  /** The index of the target, from 0. */
  readonly index: number;
  readonly targetId: TargetId;
  readonly intervalMillis: number;
  /** Mean share of lost probes, 0..1; most come in bursts. */
  readonly lossRatio: number;
}

export interface SyntheticHistory {
  /** The results of [from, to); stretches must be requested in time order, each once. */
  results(from: EpochMillis, to: EpochMillis): ResultBatch;
  /** The target's distance at the end of the last stretch, without rhythm and noise. */
  distance(): { readonly hops: number; readonly rttMicros: number };
}

const dayMillis = 86_400_000;
const meanBurstProbes = 12;
const initialTtl = 64;

/** Plausible history: a daily rhythm, jitter with a long tail, loss in bursts, level shifts with hop changes every few weeks. */
export function createSyntheticHistory(plan: SyntheticPlan): SyntheticHistory {
  const random = createRandom(plan.seed * 1_000_003 + plan.index * 7919);
  const character = drawCharacter(random);
  const phase = Math.floor(random() * plan.intervalMillis);
  let shift = { factor: 1, hops: 0, until: 0 };
  let lossesLeft = 0;

  function moveOn(at: EpochMillis): void {
    const isFirst = shift.until === 0;
    const factor = isFirst ? 1 : 0.75 + random() * 0.6;
    const hops = isFirst ? 0 : Math.floor(random() * 5) - 2;
    shift = { factor, hops, until: at + (5 + random() * 40) * dayMillis };
  }

  function isLost(): boolean {
    if (lossesLeft > 0) {
      lossesLeft--;
      return true;
    }
    // Four fifths of the losses come in bursts, the rest singly.
    if (random() < (plan.lossRatio * 0.8) / meanBurstProbes) {
      lossesLeft = Math.floor(-Math.log(1 - random()) * meanBurstProbes);
      return true;
    }
    return random() < plan.lossRatio * 0.2;
  }

  function rttMicros(at: EpochMillis): number {
    const hour = (at % dayMillis) / 3_600_000;
    const rhythm = 1 + character.dailySwing * 0.5 * (1 + Math.cos(((hour - character.peakHour) / 12) * Math.PI));
    const noise = -Math.log(1 - random()) * character.jitterShare * (random() < 0.01 ? 12 : 1);
    return Math.round(character.baseMicros * shift.factor * rhythm * (1 + noise));
  }

  return {
    results(from, to) {
      const first = Math.ceil((from - phase) / plan.intervalMillis) * plan.intervalMillis + phase;
      const count = first >= to ? 0 : Math.floor((to - 1 - first) / plan.intervalMillis) + 1;
      const batch = createBatch(count);
      for (let row = 0; row < count; row++) {
        const at = first + row * plan.intervalMillis;
        if (at >= shift.until) moveOn(at);
        const lost = plan.lossRatio >= 1 || (plan.lossRatio > 0 && isLost());
        batch.targetIds[row] = plan.targetId;
        batch.sentAtMillis[row] = at;
        batch.intervalMillis[row] = plan.intervalMillis;
        batch.outcomes[row] = lost ? outcomeCodes.timeout : outcomeCodes.reply;
        batch.rttMicros[row] = lost ? 0 : rttMicros(at);
        batch.details[row] = lost ? 0 : initialTtl - Math.max(1, character.hops + shift.hops);
      }
      return batch;
    },
    distance: () => ({
      hops: Math.max(1, character.hops + shift.hops),
      rttMicros: Math.round(character.baseMicros * shift.factor),
    }),
  };
}

function drawCharacter(random: () => number): Character {
  return {
    // From 1 ms to about 180 ms, near targets more often than far ones.
    baseMicros: 1000 * Math.exp(random() * 5.2),
    dailySwing: random() * 0.35,
    peakHour: 18 + random() * 4,
    jitterShare: 0.01 + random() * 0.06,
    hops: 3 + Math.floor(random() * 14),
  };
}

/** Mulberry32: 32 bits of state, uniform in [0, 1); the same numbers for the same seed everywhere. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
