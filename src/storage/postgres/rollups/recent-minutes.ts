import { fleetGridKey, type FleetWindow, summarizeFleetRow } from '../../../core/history/fleet-row.ts';
import type { EpochMillis, TargetId } from '../../../core/ids.ts';
import { outcomeCodes, type ResultBatch } from '../../../core/result/probe-result.ts';
import { type Rollup, RollupAccumulator } from '../../../core/history/rollup.ts';
import { ceilTo, minuteMillis } from '../../../core/history/time-buckets.ts';
import type { FleetRow } from '../../../core/history/window.ts';
import { percentilesOf, summaryOf } from '../../../core/history/window-builder.ts';
import {
  addOpen,
  addSpark,
  createFollowed,
  type Followed,
  type LastSent,
  type Past,
  type WritableSparks,
} from './followed-target.ts';
import { MinuteColumns, type MinuteRollup, minutesKept } from './minute-columns.ts';

/**
 * The minutes of the last hour of the targets that were requested, updated by each commit: reading them from the server each time
 * takes seconds for a large fleet.
 */
export class RecentMinutes {
  readonly #targets = new Map<TargetId, Followed>();
  readonly #closed = new MinuteColumns();
  readonly #freeSlots: number[] = [];
  /** Whether the rollups that were read lacked late results. */
  isProvisional = false;
  #newest: EpochMillis = 0;

  has(id: TargetId): boolean {
    return this.#targets.has(id);
  }

  followed(): Iterable<TargetId> {
    return this.#targets.keys();
  }

  /** From now on results of these are added; what is already stored follows by `addStored`. */
  follow(ids: readonly TargetId[], isProvisional: boolean): void {
    this.forget(ids);
    this.isProvisional = isProvisional || (this.isProvisional && this.#targets.size > 0);
    this.#closed.reserve(this.#targets.size + this.#freeSlots.length + ids.length);
    for (const id of ids) this.#targets.set(id, createFollowed(this.#freeSlots.pop() ?? this.#targets.size));
  }

  /** They will be read again. */
  forget(ids: Iterable<TargetId>): void {
    for (const id of ids) {
      const target = this.#targets.get(id);
      if (target === undefined) continue;
      this.#targets.delete(id);
      this.#closed.clear(target.slot);
      this.#freeSlots.push(target.slot);
    }
  }

  addStored(id: TargetId, rollups: readonly Rollup[], last: LastSent | undefined): void {
    const target = this.#targets.get(id);
    if (target === undefined) return;
    for (const rollup of rollups) {
      const minute = rollup.startAt / minuteMillis;
      if (minute <= target.openMinute - minutesKept) continue;
      // Otherwise a window that ends before it would take its round trips for those of the hour.
      if (minute > target.openMinute) this.#open(target, minute);
      if (minute >= target.hourFrom) target.hour.addSketch(rollup.sketch);
      this.#join(target, rollup, (later) => [rollup, later]);
    }
    if (last !== undefined && last.sentAt > (target.last?.sentAt ?? 0)) target.last = last;
  }

  /** Results that have been stored. */
  add(batch: ResultBatch): void {
    for (let index = 0; index < batch.length; index++) {
      const target = this.#targets.get(batch.targetIds[index] as TargetId);
      if (target === undefined) continue;
      const sentAt = batch.sentAtMillis[index] ?? 0;
      const outcome = batch.outcomes[index] ?? 0;
      if (sentAt > this.#newest) this.#newest = sentAt;
      if (outcome !== outcomeCodes['not-sent'] && sentAt >= (target.last?.sentAt ?? 0))
        target.last = { sentAt, outcome, rttMicros: batch.rttMicros[index] ?? 0, detail: batch.details[index] ?? 0 };
      const minute = Math.floor(sentAt / minuteMillis);
      if (minute > target.openMinute) this.#open(target, minute);
      if (minute === target.openMinute) addOpen(target, outcome, batch.rttMicros[index] ?? 0);
      else if (minute > target.openMinute - minutesKept)
        this.#addLate(target, minute, outcome, batch.rttMicros[index] ?? 0);
    }
  }

  /** `undefined` if a window is not within the last hour, or a target is not cached. */
  read(ids: readonly TargetId[], window: FleetWindow): readonly FleetRow[] | undefined {
    if (!this.covers(window) || !ids.every((id) => this.#targets.has(id))) return undefined;
    return ids.map((targetId) => this.#row(targetId, window));
  }

  /** Whether the minutes of a window would be cached. */
  covers({ from, to, sparkBuckets }: FleetWindow): boolean {
    const hasGrid = fleetGridKey({ from, to, sparkBuckets }) !== undefined;
    return hasGrid && to - from <= 60 * minuteMillis && from > this.#newest - (minutesKept - 2) * minuteMillis;
  }

  #row(targetId: TargetId, window: FleetWindow): FleetRow {
    const target = this.#targets.get(targetId);
    if (target === undefined) throw new Error('a target is not followed');
    const { from, to, sparkBuckets } = window;
    const last =
      target.last !== undefined && target.last.sentAt >= from && target.last.sentAt < to ? target.last : undefined;
    const isReply = last?.outcome === outcomeCodes.reply;
    const isByMinute = to - from === sparkBuckets * minuteMillis && target.openMinute * minuteMillis < to;
    return {
      targetId,
      ...(isByMinute ? this.#sumUp(target, window) : summarizeFleetRow(this.#rollupsOf(target, window), window)),
      lastSentAt: last?.sentAt,
      lastRttMicros: isReply ? last.rttMicros : undefined,
      lastReplyTtl: isReply ? last.detail : undefined,
    };
  }

  /** What `summarizeFleetRow` returns for a window up to now in which each spark is a minute. */
  #sumUp(target: Followed, { from, sparkBuckets }: FleetWindow): ReturnType<typeof summarizeFleetRow> {
    const first = ceilTo(from, minuteMillis) / minuteMillis;
    const end = first + sparkBuckets;
    const isOpen = target.openMinute >= first && target.openMinute < end;
    const past = this.#pastOf(target, first, isOpen ? target.openMinute : end);
    past.isAskedFor = true;
    this.#beginHourAt(target, first);
    total.clear();
    total.add(past.total);
    const rest: WritableSparks = { rttMicros: [], lossRatio: [] };
    if (isOpen) {
      this.#sumOpen(target);
      addSpark(rest, open, medianOf(open));
      total.addAccumulator(open);
      this.#addClosed(target, target.openMinute + 1, end, rest);
    }
    return {
      summary: summaryOf(total, percentilesOf(target.hour, total)),
      jitterMicros: total.replies < 2 ? undefined : total.jitterMicros,
      sparks: [past.sparks, rest],
    };
  }

  /** Summed once for all readers while the minute after it is open. */
  #pastOf(target: Followed, first: number, end: number): Past {
    if (target.past?.first === first && target.past.end === end) return target.past;
    const sparks: WritableSparks = { rttMicros: [], lossRatio: [] };
    total.clear();
    this.#addClosed(target, first, end, sparks);
    const past = { first, end, total: total.toRollup(first * minuteMillis), sparks, isAskedFor: false };
    if (end === target.openMinute) target.past = past;
    return past;
  }

  /** Closed minutes into `total` and `sparks`. */
  #addClosed(target: Followed, first: number, end: number, sparks: WritableSparks): void {
    for (let minute = first; minute < end; minute++) {
      const rollup = this.#closed.get(target.slot, minute, false) ?? none;
      addSpark(sparks, rollup, rollup.medianMicros);
      total.add(rollup);
    }
  }

  /** Into `open`. */
  #sumOpen(target: Followed): void {
    open.clear();
    const before = this.#closed.get(target.slot, target.openMinute, true);
    if (before !== undefined) open.add(before);
    open.addReplies(target.openRtts);
    open.lost += target.openLost;
    open.sent += target.openLost;
    open.notSent += target.openNotSent;
  }

  *#rollupsOf(target: Followed, { from, to }: FleetWindow): Generator<Rollup> {
    for (let minute = ceilTo(from, minuteMillis) / minuteMillis; minute * minuteMillis < to; minute++) {
      if (minute === target.openMinute) {
        this.#sumOpen(target);
        yield open.toRollup(minute * minuteMillis);
      } else {
        const rollup = this.#closed.get(target.slot, minute, true);
        if (rollup !== undefined) yield rollup;
      }
    }
  }

  #open(target: Followed, minute: number): void {
    const { past } = target;
    this.#close(target);
    target.openMinute = minute;
    target.past = undefined;
    // A client that polls every few seconds must not wait for the sums of all targets at the end of each minute.
    if (past?.isAskedFor === true) {
      const first = minute - (past.end - past.first);
      this.#pastOf(target, first, minute);
      this.#beginHourAt(target, first);
    }
    // Their places will be reused.
    if (target.hourFrom <= minute - minutesKept) this.#beginHourAt(target, minute - minutesKept + 1);
  }

  #close(target: Followed): void {
    if (target.openRtts.length + target.openLost + target.openNotSent === 0) return;
    this.#sumOpen(target);
    this.#put(target, target.openMinute * minuteMillis, open);
    target.openRtts.length = target.openLost = target.openNotSent = 0;
  }

  #addLate(target: Followed, minute: number, outcome: number, rttMicros: number): void {
    open.clear();
    if (outcome === outcomeCodes.reply) {
      open.addReplies([rttMicros]);
      if (minute >= target.hourFrom) target.hour.add(rttMicros);
    } else if (outcome === outcomeCodes['not-sent']) open.notSent++;
    else open.sent = open.lost = 1;
    const rollup = open.toRollup(minute * minuteMillis);
    this.#join(target, rollup, (before) => [before, rollup]);
  }

  #join(target: Followed, rollup: Rollup, both: (known: Rollup) => readonly [Rollup, Rollup]): void {
    const known = this.#closed.get(target.slot, rollup.startAt / minuteMillis, true);
    joined.clear();
    for (const part of known === undefined ? [rollup] : both(known)) joined.add(part);
    this.#put(target, rollup.startAt, joined);
  }

  #put(target: Followed, startAt: EpochMillis, sums: RollupAccumulator): void {
    target.past = undefined;
    this.#closed.put(target.slot, { ...sums.toRollup(startAt), medianMicros: medianOf(sums) ?? Number.NaN });
  }

  /** Subtracts minutes that have left the hour, or adds some back for a request that began before they left. */
  #beginHourAt(target: Followed, first: number): void {
    const { hour, hourFrom } = target;
    if (hourFrom === first) return;
    if (target.openMinute < first) this.#close(target);
    const minutes = this.#closed.minutesOf(target.slot);
    const moved = minutes.filter((minute) => minute >= Math.min(first, hourFrom) && minute < Math.max(first, hourFrom));
    target.hourFrom = first;
    if (hourFrom > 0 && moved.every((minute) => this.#closed.hasSketches(minute))) {
      for (const minute of moved) {
        if (first > hourFrom) hour.subtractSketch(this.#sketchOf(target, minute));
        else hour.addSketch(this.#sketchOf(target, minute));
      }
      return;
    }
    hour.clear();
    for (const minute of minutes) if (minute >= first) hour.addSketch(this.#sketchOf(target, minute));
    if (target.openMinute >= first) for (const rtt of target.openRtts) hour.add(rtt);
  }

  #sketchOf(target: Followed, minute: number): Rollup['sketch'] {
    return this.#closed.get(target.slot, minute, true)?.sketch ?? new Uint8Array(0);
  }
}

// Histograms are large, so they are cleared and reused.
const total = new RollupAccumulator(false);
const open = new RollupAccumulator();
const joined = new RollupAccumulator();
const none: MinuteRollup = { ...new RollupAccumulator(false).toRollup(0), medianMicros: Number.NaN };

function medianOf({ sketch, rttMinMicros, rttMaxMicros }: RollupAccumulator): number | undefined {
  return sketch.percentiles([0.5], rttMinMicros, rttMaxMicros)[0];
}
