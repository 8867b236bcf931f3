import {
  fleetGridKey,
  type FleetRowStart,
  type FleetWindow,
  startFleetRow,
  summarizeFleetRow,
} from '../../core/fleet-row.ts';
import type { EpochMillis, TargetId } from '../../core/ids.ts';
import { hopsFromReplyTtl } from '../../core/path.ts';
import { outcomeCodes, type ResultBatch } from '../../core/probe-result.ts';
import { mergeRollups, type Rollup, RollupAccumulator } from '../../core/rollup.ts';
import { floorTo, minuteMillis } from '../../core/time-buckets.ts';
import type { FleetRow } from '../../core/window.ts';

/** A window of an hour touches 61 minutes. */
const slots = 64;
/** Of preparing the next minute's sums after a commit. */
const prepareMillis = 15;
/** Nobody has looked at the fleet for so long: nothing is prepared. */
const attentionMillis = 3 * minuteMillis;

export interface LastSent {
  readonly sentAt: EpochMillis;
  readonly outcome: number;
  readonly rttMicros: number;
  readonly detail: number;
}

interface OpenMinute {
  readonly startAt: EpochMillis;
  readonly sums: Sums;
}

/** What the minutes of a window before the newest add up to. */
interface KnownStart {
  readonly grid: string;
  readonly until: EpochMillis;
  readonly start: FleetRowStart;
}

interface ClosedMinute {
  readonly rollup: Rollup;
  /** Looked for once; `undefined` without a reply. */
  readonly medianMicros: number | undefined;
}

interface TargetMinutes {
  /** By minute of the hour; older ones are overwritten. */
  readonly closed: (ClosedMinute | undefined)[];
  open: OpenMinute | undefined;
  last: LastSent | undefined;
  starts: readonly KnownStart[];
}

/**
 * The minutes of the last hour of the targets that were asked for, kept up to date by each commit: reading them from the
 * server each time takes seconds for a large fleet.
 */
export class RecentMinutes {
  readonly #targets = new Map<TargetId, TargetMinutes>();
  /** Whether rollups were read that late results were missing from. */
  isProvisional = false;
  #newest: EpochMillis = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #preparing: Iterator<TargetMinutes, undefined> | undefined;
  #window: FleetWindow | undefined;

  has(id: TargetId): boolean {
    return this.#targets.has(id);
  }

  /** From now on results of these are added; what is stored already follows by `addStored`. */
  follow(ids: readonly TargetId[], isProvisional: boolean): void {
    this.isProvisional ||= isProvisional;
    for (const id of ids)
      this.#targets.set(id, { closed: Array.from({ length: slots }), open: undefined, last: undefined, starts: [] });
  }

  /** They will be read anew. */
  forget(ids: Iterable<TargetId>): void {
    for (const id of ids) this.#targets.delete(id);
  }

  forgetAll(): void {
    this.isProvisional = false;
    this.#targets.clear();
  }

  addStored(id: TargetId, rollups: readonly Rollup[], last: LastSent | undefined): void {
    const target = this.#targets.get(id);
    if (target === undefined) return;
    for (const rollup of rollups) {
      const { startAt } = rollup;
      if (target.open?.startAt === startAt) target.open.sums.addBefore(rollup);
      else this.#join(target, rollup, (later) => [rollup, later]);
    }
    if (last !== undefined && last.sentAt > (target.last?.sentAt ?? 0)) target.last = last;
    target.starts = [];
  }

  /** Results that have been stored. */
  add(batch: ResultBatch): void {
    for (let index = 0; index < batch.length; index++) {
      const target = this.#targets.get(batch.targetIds[index] as TargetId);
      if (target === undefined) continue;
      const sentAt = batch.sentAtMillis[index] ?? 0;
      const startAt = floorTo(sentAt, minuteMillis);
      if (startAt > this.#newest) this.#newest = startAt;
      const one = { ...oneOf(batch, index), sentAt };
      if (one.outcome !== outcomeCodes['not-sent'] && sentAt >= (target.last?.sentAt ?? 0)) target.last = one;
      if (target.open === undefined || startAt > target.open.startAt) {
        if (target.open !== undefined) this.#close(target, target.open);
        target.open = { startAt, sums: new Sums() };
      }
      if (target.starts.some(({ until }) => startAt < until)) target.starts = [];
      if (startAt === target.open.startAt) target.open.sums.add(one);
      else if (startAt > target.open.startAt - slots * minuteMillis) this.#addLate(target, startAt, one);
    }
    this.#prepare();
  }

  /** `undefined` where a window is none of the last hour's, or a target is not followed. */
  read(ids: readonly TargetId[], window: FleetWindow): readonly FleetRow[] | undefined {
    if (!this.covers(window) || !ids.every((id) => this.#targets.has(id))) return undefined;
    this.#window = window;
    this.#askedAt = performance.now();
    return ids.map((targetId) => this.#row(targetId, window));
  }

  /** Whether the minutes that a window is made of would be here. */
  covers({ from, to, sparkBuckets }: FleetWindow): boolean {
    const hasGrid = fleetGridKey({ from, to, sparkBuckets }) !== undefined;
    return hasGrid && to - from <= 60 * minuteMillis && from > this.#newest - (slots - 2) * minuteMillis;
  }

  #row(targetId: TargetId, window: FleetWindow): FleetRow {
    const target = this.#targets.get(targetId);
    if (target === undefined) throw new Error('a target is not followed');
    const { from, to } = window;
    const known = this.#startOf(target, window);
    const isWithin = (startAt: EpochMillis): boolean => startAt >= Math.max(from, known.until) && startAt < to;
    const closed = closedFrom(target, Math.max(from, known.until)).map(({ rollup }) => rollup);
    const rest = [...closed, ...openOf(target)].filter(({ startAt }) => isWithin(startAt));
    const last =
      target.last !== undefined && target.last.sentAt >= from && target.last.sentAt < to ? target.last : undefined;
    const isReply = last?.outcome === outcomeCodes.reply;
    return {
      targetId,
      ...summarizeFleetRow(rest, window, known.start),
      lastSentAt: last?.sentAt,
      lastRttMicros: isReply ? last.rttMicros : undefined,
      lastHops: isReply ? hopsFromReplyTtl(last.detail) : undefined,
    };
  }

  #startOf(target: TargetMinutes, window: FleetWindow): KnownStart {
    const grid = fleetGridKey(window) ?? '';
    const known = target.starts.find((each) => each.grid === grid);
    if (known !== undefined) return known;
    const until = Math.min(target.open?.startAt ?? window.to, floorTo(window.to - 1, minuteMillis));
    const minutes = closedFrom(target, window.from).filter(({ rollup }) => rollup.startAt < until);
    const made = { grid, until, start: startOf(minutes, window) };
    target.starts = [...target.starts.slice(-1), made];
    return made;
  }

  /** A window moves on with each minute: what the next one begins with is added up before, a few targets at a time. */
  #prepare(): void {
    const [window, until] = [this.#window, performance.now() + prepareMillis];
    if (window === undefined || performance.now() - this.#askedAt > attentionMillis) return;
    const next = { ...window, from: window.from + minuteMillis, to: window.to + minuteMillis };
    this.#preparing ??= this.#targets.values();
    while (performance.now() < until) {
      const step = this.#preparing.next();
      if (step.done === true) {
        this.#preparing = undefined;
        return;
      }
      this.#startOf(step.value, next);
    }
  }

  #close(target: TargetMinutes, { startAt, sums }: OpenMinute): void {
    this.#join(target, sums.toRollup(startAt), (before) => [before, sums.toRollup(startAt)]);
  }

  #addLate(target: TargetMinutes, startAt: EpochMillis, one: LastSent): void {
    const sums = new Sums();
    sums.add(one);
    const rollup = sums.toRollup(startAt);
    this.#join(target, rollup, (before) => [before, rollup]);
  }

  #join(target: TargetMinutes, rollup: Rollup, both: (known: Rollup) => readonly [Rollup, Rollup]): void {
    const slot = (rollup.startAt / minuteMillis) % slots;
    const known = target.closed[slot]?.rollup;
    if (known === undefined || known.startAt < rollup.startAt) target.closed[slot] = closedOf(rollup);
    else if (known.startAt === rollup.startAt)
      target.closed[slot] = closedOf(mergeRollups(both(known), rollup.startAt));
  }
}

function closedOf(rollup: Rollup): ClosedMinute {
  scratch.clear();
  scratch.add(rollup);
  const [medianMicros] = scratch.sketch.percentiles([0.5], rollup.rttMinMicros, rollup.rttMaxMicros);
  return { rollup, medianMicros };
}

function closedFrom({ closed, open }: TargetMinutes, from: EpochMillis): ClosedMinute[] {
  const first = Math.ceil(from / minuteMillis);
  const found: ClosedMinute[] = [];
  const last = Math.min(first + slots - 1, (open?.startAt ?? Number.POSITIVE_INFINITY) / minuteMillis);
  for (let minute = first; minute <= last; minute++) {
    const each = closed[minute % slots];
    if (each?.rollup.startAt === minute * minuteMillis) found.push(each);
  }
  return found;
}

/** What `startFleetRow` gives; where each spark is a minute, from the medians that are known. */
function startOf(minutes: readonly ClosedMinute[], window: FleetWindow): FleetRowStart {
  const { from, to, sparkBuckets } = window;
  const newest = minutes.at(-1)?.rollup;
  if (newest === undefined || to - from !== sparkBuckets * minuteMillis)
    return startFleetRow(
      minutes.map(({ rollup }) => rollup),
      window,
    );
  const sparkOf = ({ startAt }: Rollup): number => Math.floor((startAt - from) / minuteMillis);
  const sparkRttMicros = Array.from<number | undefined>({ length: sparkBuckets });
  const sparkLossRatio = Array.from<number | undefined>({ length: sparkBuckets });
  const earlier = minutes.slice(0, -1);
  for (const { rollup, medianMicros } of earlier) {
    if (rollup.sent === 0) continue;
    sparkRttMicros[sparkOf(rollup)] = medianMicros;
    sparkLossRatio[sparkOf(rollup)] = rollup.lost / rollup.sent;
  }
  const total = mergeRollups(
    earlier.map(({ rollup }) => rollup),
    0,
  );
  return { total, bucket: newest, spark: sparkOf(newest), sparkRttMicros, sparkLossRatio };
}

function openOf({ open }: TargetMinutes): readonly Rollup[] {
  return open === undefined ? [] : [open.sums.toRollup(open.startAt)];
}

function oneOf(batch: ResultBatch, index: number): Omit<LastSent, 'sentAt'> {
  return {
    outcome: batch.outcomes[index] ?? 0,
    rttMicros: batch.rttMicros[index] ?? 0,
    detail: batch.details[index] ?? 0,
  };
}

const scratch = new RollupAccumulator();

/** A minute under construction: round trips in the order in which they came. */
class Sums {
  #lost = 0;
  #notSent = 0;
  #rtts: number[] = [];
  #before: Rollup | undefined;

  add({ outcome, rttMicros }: Omit<LastSent, 'sentAt'>): void {
    if (outcome === outcomeCodes['not-sent']) this.#notSent++;
    else if (outcome === outcomeCodes.reply) this.#rtts.push(rttMicros);
    else this.#lost++;
  }

  /** What was stored before all of them. */
  addBefore(rollup: Rollup): void {
    this.#before = this.#before === undefined ? rollup : mergeRollups([this.#before, rollup], rollup.startAt);
  }

  toRollup(startAt: EpochMillis): Rollup {
    scratch.clear();
    if (this.#before !== undefined) scratch.add(this.#before);
    scratch.addReplies(this.#rtts);
    scratch.lost += this.#lost;
    scratch.sent += this.#lost;
    scratch.notSent += this.#notSent;
    return scratch.toRollup(startAt);
  }
}
