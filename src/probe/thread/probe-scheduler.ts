import { icmpProbe, portOf } from '../../core/target/probe-kinds.ts';
import { plainPacket } from '../../core/target/probe-packet.ts';
import { outcomeCodes } from '../../core/result/probe-result.ts';
import { nextSlotAfter } from '../../core/result/schedule.ts';
import type { LaneSet } from './lane-set.ts';
import { errnos } from '../linux/libc.ts';
import type { LaneContext } from '../lane/probe-lane.ts';
import type { ScheduleChange } from '../port.ts';
import { TargetTable } from './target-table.ts';
import { TimingWheel } from './timing-wheel.ts';

/**
 * Time between two wake-ups, which is also the most that a probe is late. When wake-ups cost more than the few probes that each
 * sends, a fiftieth of the shortest interval is used instead.
 */
const busyTickMillis = 5;
const calmTickMillis = 20;
const calmShareOfInterval = 0.02;
const busyProbesPerSecond = 2000;
const longestSleepMillis = 50;
/** If it is later than this, or than one interval, a probe is skipped: it would describe a different moment. */
const latestMillis = 1000;
/** A step of the wall clock that kernel stamps must not straddle; slewing moves it by 0.0025 ms per tick at most. */
const stampStepMillis = 0.5;
const noticeMillis = 10_000;

export interface EngineParts {
  readonly context: LaneContext;
  readonly lanes: LaneSet;
  /** 0: no limit. */
  readonly maxInFlight: number;
  readonly onNotice: (message: string) => void;
}

/** Decides what is sent when. Owns no thread and no timer: its owner calls `tick` as often as it asks for. */
export class ProbeScheduler {
  readonly #parts: EngineParts;
  readonly #targets: TargetTable;
  readonly #wheel: TimingWheel;
  readonly #probe = { targetId: 0, slotMillis: 0, intervalMillis: 0 };
  readonly #target = { ip: '', words: new Uint32Array(4), from: 0, port: 0, packet: plainPacket };
  #tickMillis = calmTickMillis;
  #isStopping = false;
  #offsetMillis: number | undefined;
  #secondAt = 0;
  #skipped = 0;
  #worstLateMillis = 0;
  #noticeAt = Number.NEGATIVE_INFINITY;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#targets = new TargetTable(parts.lanes);
    const { clocks, schedule } = parts.context;
    clocks.read();
    this.#wheel = new TimingWheel(schedule.at(clocks.monotonicMillis));
  }

  get inFlight(): number {
    return this.#parts.lanes.inFlight;
  }

  change({ set, remove }: ScheduleChange): void {
    for (const id of remove) {
      const index = this.#targets.remove(id);
      if (index !== undefined) this.#wheel.cancel(index);
    }
    const now = this.#now();
    for (const target of set) {
      const { index, isRescheduled } = this.#targets.set(target);
      if (isRescheduled) this.#wheel.schedule(index, nextSlotAfter(target.id, target.intervalMillis, now));
    }
    this.#parts.context.tally.targets = this.#targets.size;
    this.#tickMillis = this.#tickFor();
  }

  #tickFor(): number {
    const { probesPerSecond, shortestIntervalMillis } = this.#targets;
    if (probesPerSecond >= busyProbesPerSecond) return busyTickMillis;
    return Math.min(calmTickMillis, Math.max(busyTickMillis, shortestIntervalMillis * calmShareOfInterval));
  }

  /** Nothing more is sent; probes in flight still end. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Reads replies, sends what is due, and returns how long to sleep, in milliseconds. */
  tick(): number {
    const { context, lanes } = this.#parts;
    const { clocks, schedule } = context;
    clocks.read();
    this.#watchClock();
    for (const lane of lanes.all) lane.drain(this.#isStopping);
    const startMillis = clocks.monotonicMillis;
    if (this.#isStopping) return busyTickMillis;
    this.#wheel.advance(schedule.at(startMillis), this.#fire);
    for (const lane of lanes.all) lane.flush();
    this.#everySecond(startMillis);
    clocks.read();
    const fraction = schedule.at(startMillis) % 1;
    const untilDue = this.#wheel.quietMillis(longestSleepMillis) - fraction;
    return Math.max(0, Math.max(this.#tickMillis, untilDue) - (clocks.monotonicMillis - startMillis));
  }

  readonly #fire = (index: number, dueMillis: number): void => {
    const { context, maxInFlight } = this.#parts;
    const targets = this.#targets;
    const id = targets.idOf(index);
    const intervalMillis = targets.intervalOf(index);
    const now = this.#now();
    const lateMillis = now - dueMillis;
    this.#wheel.schedule(index, nextSlotAfter(id, intervalMillis, Math.max(now, dueMillis)));
    if (lateMillis > Math.min(intervalMillis, latestMillis)) {
      this.#skipped++;
      this.#worstLateMillis = Math.max(this.#worstLateMillis, lateMillis);
      return;
    }
    const probe = this.#probe;
    probe.targetId = id;
    probe.slotMillis = dueMillis;
    probe.intervalMillis = intervalMillis;
    const lane = targets.wayOutOf(index);
    if (typeof lane === 'number' || (maxInFlight > 0 && this.inFlight >= maxInFlight)) {
      const errno = typeof lane === 'number' ? lane : errnos.EAGAIN;
      context.columns.add(probe, outcomeCodes['not-sent'], 0, errno);
      context.tally.notSent++;
      return;
    }
    const { ip, probe: spec = icmpProbe, packet } = targets.at(index);
    this.#target.ip = ip;
    this.#target.port = portOf(spec) ?? 0;
    this.#target.packet = packet ?? plainPacket;
    this.#target.words = targets.words;
    this.#target.from = index * 4;
    lane.send(probe, this.#target);
  };

  #now(): number {
    const { clocks, schedule } = this.#parts.context;
    return schedule.at(clocks.monotonicMillis);
  }

  #watchClock(): void {
    const { context, onNotice } = this.#parts;
    const { clocks, schedule, lastStep } = context;
    if (!clocks.isPairTight) return;
    const wallMillis = clocks.baseSeconds * 1000 + clocks.wallNanos / 1e6;
    const offsetMillis = wallMillis - clocks.monotonicMillis;
    const byMillis = offsetMillis - (this.#offsetMillis ?? offsetMillis);
    if (Math.abs(byMillis) > stampStepMillis) {
      lastStep.monotonicMillis = clocks.monotonicMillis;
      lastStep.byMillis = byMillis;
    }
    this.#offsetMillis = offsetMillis;
    const step = schedule.observe(wallMillis, clocks.monotonicMillis);
    if (step === undefined) return;
    const bySeconds = (step.byMillis / 1000).toFixed(1);
    if (step.kind === 'backward') {
      onNotice(`The clock went back by ${bySeconds} s; results go on from the old time, so that none is used twice.`);
      return;
    }
    onNotice(`The clock went forward by ${bySeconds} s; the time between holds no results.`);
    const now = this.#now();
    for (const index of this.#targets.indices()) {
      this.#wheel.schedule(index, nextSlotAfter(this.#targets.idOf(index), this.#targets.intervalOf(index), now));
    }
  }

  #everySecond(monotonicMillis: number): void {
    if (monotonicMillis - this.#secondAt < 1000) return;
    const { context, lanes } = this.#parts;
    const { lateness, tally } = context;
    lanes.closeUnused();
    this.#targets.retakeStranded();
    this.#secondAt = monotonicMillis;
    tally.latenessP50Micros = lateness.quantileMicros(0.5);
    tally.latenessP99Micros = lateness.quantileMicros(0.99);
    lateness.nextSecond();
    if (this.#skipped === 0 || monotonicMillis - this.#noticeAt < noticeMillis) return;
    const seconds = (this.#worstLateMillis / 1000).toFixed(1);
    this.#parts.onNotice(`Probing was held up for ${seconds} s; ${this.#skipped} probes were left out.`);
    this.#noticeAt = monotonicMillis;
    this.#skipped = 0;
    this.#worstLateMillis = 0;
  }
}
