import type { EpochMillis, SeriesKey, TargetId, VantageId } from '../../../core/ids.ts';
import type { ResultBatch } from '../../../core/result/probe-result.ts';
import { floorTo, hourMillis } from '../../../core/history/time-buckets.ts';
import { keyNumber } from './series-key.ts';
import { TailHour } from './tail-hour.ts';

/** One series' part of the tail, its hours in order of arrival. */
interface TailSeries {
  readonly key: SeriesKey;
  readonly hours: TailHour[];
}

// An hour is worth packing about once in this many rows, so each is checked in time.
const rowsPerLook = 120;

/** All results that are committed but not yet in raw blocks: an index in memory over the append table. */
export class Tail {
  readonly #series = new Map<number, TailSeries>();
  readonly #rowsOfHour = new Map<EpochMillis, number>();
  /** By vantage and target id: the hour of its last row. */
  readonly #latest = new Map<VantageId, (TailHour | undefined)[]>();
  #packingQueue: TailHour[] = [];
  #rowsSinceLook = 0;

  get count(): number {
    return this.#rowsOfHour.values().reduce((sum, count) => sum + count, 0);
  }

  /** Adds the rows for which `isWanted`; rows keep their order. */
  add(batch: ResultBatch, vantage: VantageId, isWanted?: (targetId: TargetId, hourAt: EpochMillis) => boolean): void {
    const { length, targetIds, sentAtMillis } = batch;
    const latest = this.#latestOf(vantage);
    let hourAt: EpochMillis = Number.NEGATIVE_INFINITY;
    let rowsOfHour = 0;
    for (let index = 0; index < length; index++) {
      const targetId = targetIds[index] as TargetId;
      const sentAt = sentAtMillis[index] ?? 0;
      if (sentAt < hourAt || sentAt >= hourAt + hourMillis) {
        this.#countRows(hourAt, rowsOfHour);
        hourAt = floorTo(sentAt, hourMillis);
        rowsOfHour = 0;
      }
      if (isWanted !== undefined && !isWanted(targetId, hourAt)) continue;
      // Nearly every row belongs to the hour of the target's previous row.
      let hour = latest[targetId];
      if (hour?.hourAt !== hourAt) latest[targetId] = hour = this.#hourFor({ targetId, vantage }, hourAt);
      hour.push(batch, index);
      rowsOfHour++;
    }
    this.#countRows(hourAt, rowsOfHour);
  }

  #latestOf(vantage: VantageId): (TailHour | undefined)[] {
    let latest = this.#latest.get(vantage);
    if (latest === undefined) this.#latest.set(vantage, (latest = []));
    return latest;
  }

  #countRows(hourAt: EpochMillis, rows: number): void {
    if (rows === 0) return;
    this.#rowsOfHour.set(hourAt, (this.#rowsOfHour.get(hourAt) ?? 0) + rows);
    this.#rowsSinceLook += rows;
  }

  #hourFor(key: SeriesKey, hourAt: EpochMillis): TailHour {
    const number = keyNumber(key);
    let series = this.#series.get(number);
    if (series === undefined) {
      series = { key, hours: [] };
      this.#series.set(number, series);
    }
    const known = series.hours.find((hour) => hour.hourAt === hourAt);
    if (known !== undefined) return known;
    const hour = new TailHour(hourAt);
    series.hours.push(hour);
    series.hours.sort((a, b) => a.hourAt - b.hourAt);
    return hour;
  }

  /** The hours of a series that the tail has rows of, ascending. */
  hoursOf(key: SeriesKey): readonly TailHour[] {
    return this.#series.get(keyNumber(key))?.hours ?? [];
  }

  hourOf(key: SeriesKey, hourAt: EpochMillis): TailHour | undefined {
    return this.hoursOf(key).find((hour) => hour.hourAt === hourAt);
  }

  /** The hours of which any series has rows here. */
  hours(): readonly EpochMillis[] {
    return [...this.#rowsOfHour.keys()];
  }

  /** Series and hours that began before a time, oldest hours first. */
  hoursBefore(time: EpochMillis, limit: number): readonly { readonly key: SeriesKey; readonly hour: TailHour }[] {
    const oldest = [...this.#rowsOfHour.keys()].filter((hourAt) => hourAt < time).toSorted((a, b) => a - b)[0];
    const found: { key: SeriesKey; hour: TailHour }[] = [];
    if (oldest === undefined) return found;
    for (const { key, hours } of this.#series.values()) {
      const hour = hours.find(({ hourAt }) => hourAt === oldest);
      if (hour !== undefined) found.push({ key, hour });
      if (found.length === limit) break;
    }
    return found;
  }

  remove(key: SeriesKey, hour: TailHour): void {
    const series = this.#series.get(keyNumber(key));
    const at = series?.hours.indexOf(hour) ?? -1;
    if (series === undefined || at < 0) return;
    series.hours.splice(at, 1);
    const latest = this.#latestOf(key.vantage);
    if (latest[key.targetId] === hour) latest[key.targetId] = undefined;
    if (series.hours.length === 0) this.#series.delete(keyNumber(key));
    const left = (this.#rowsOfHour.get(hour.hourAt) ?? 0) - hour.pushed;
    if (left > 0) this.#rowsOfHour.set(hour.hourAt, left);
    else this.#rowsOfHour.delete(hour.hourAt);
  }

  removeTarget(targetId: TargetId): void {
    for (const { key, hours } of this.#series.values()) {
      if (key.targetId === targetId) for (const hour of [...hours]) this.remove(key, hour);
    }
  }

  /** Packs some of what is ready; called between commits so that none of them has to wait for all. */
  packSome(): void {
    if (this.#packingQueue.length === 0) this.#packingQueue = this.#allHours();
    const turn = Math.ceil(this.#rowsSinceLook / rowsPerLook) + 4;
    this.#rowsSinceLook = 0;
    for (const hour of this.#packingQueue.splice(-turn)) if (hour.wantsPacking) hour.pack();
  }

  packAll(): void {
    for (const hour of this.#allHours()) if (hour.wantsPacking) hour.pack();
  }

  #allHours(): TailHour[] {
    return this.#series
      .values()
      .flatMap(({ hours }) => hours)
      .toArray();
  }
}
