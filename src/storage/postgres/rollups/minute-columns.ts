import { ByteWriter } from '../../../core/bytes/bytes.ts';
import { type Rollup, RollupAccumulator } from '../../../core/history/rollup.ts';
import { emptySketch, type Sketch } from '../../../core/history/sketch.ts';
import { minuteMillis } from '../../../core/history/time-buckets.ts';

/** A place for each minute of the last hour: a window of an hour touches 61. */
export const minutesKept = 64;
/** Twice as long, so that a minute that has left the hour can be subtracted from its sums. */
const pagesKept = 2 * minutesKept;

/** Without what the fleet view does not show: hops, differences, and validity. */
export type MinuteRollup = Rollup & { /** NaN without a reply. */ readonly medianMicros: number };

/** All sketches of one minute, one after the other; dropped as a whole with the minute. */
class SketchPage {
  readonly minute: number;
  readonly #bytes = new ByteWriter(4096);

  constructor(minute: number) {
    this.minute = minute;
  }

  add(sketch: Sketch): number {
    const at = this.#bytes.length;
    this.#bytes.bytes(sketch);
    return at;
  }

  read(at: number, length: number): Sketch {
    return this.#bytes.view().subarray(at, at + length);
  }
}

/**
 * Rollups of minutes by (slot of a target, minute of the hour), in columns: as objects, those of ten thousand targets take a
 * gigabyte, which the garbage collector traverses again and again.
 */
export class MinuteColumns {
  #slots = 0;
  readonly #columns = {
    /** Minutes since 1970; 0: nothing. */
    minute: new Uint32Array(0),
    sent: new Uint32Array(0),
    lost: new Uint32Array(0),
    notSent: new Uint32Array(0),
    rttMinMicros: new Uint32Array(0),
    rttMaxMicros: new Uint32Array(0),
    rttFirstMicros: new Uint32Array(0),
    rttLastMicros: new Uint32Array(0),
    sketchAt: new Uint32Array(0),
    sketchLength: new Uint32Array(0),
    rttSumMicros: new Float64Array(0),
    rttSumSquares: new Float64Array(0),
    jitterMicros: new Float64Array(0),
    /** NaN: no reply. */
    medianMicros: new Float64Array(0),
  };
  readonly #pages: (SketchPage | undefined)[] = Array.from({ length: pagesKept });
  readonly #view = createView();

  reserve(slots: number): void {
    if (slots <= this.#slots) return;
    this.#slots = Math.max(slots, this.#slots * 2, 16);
    for (const [name, column] of Object.entries(this.#columns)) {
      const grown = new (column.constructor as new (length: number) => typeof column)(this.#slots * minutesKept);
      grown.set(column);
      Object.assign(this.#columns, { [name]: grown });
    }
  }

  clear(slot: number): void {
    this.#columns.minute.fill(0, slot * minutesKept, (slot + 1) * minutesKept);
  }

  /** The minutes that are cached, in the order of their places. */
  minutesOf(slot: number): Uint32Array {
    return this.#columns.minute.subarray(slot * minutesKept, (slot + 1) * minutesKept);
  }

  /** Whether the sketches of a minute still exist: they are dropped some time after the minute has left the last hour. */
  hasSketches(minute: number): boolean {
    return this.#pages[minute % pagesKept]?.minute === minute;
  }

  /** Valid until the next call; with an empty sketch unless it is requested. */
  get(slot: number, minute: number, wantsSketch: boolean): MinuteRollup | undefined {
    const place = placeOf(slot, minute);
    const columns = this.#columns;
    if (columns.minute[place] !== minute) return undefined;
    const view = this.#view;
    view.startAt = minute * minuteMillis;
    view.sent = columns.sent[place] ?? 0;
    view.lost = columns.lost[place] ?? 0;
    view.notSent = columns.notSent[place] ?? 0;
    view.rttSumMicros = columns.rttSumMicros[place] ?? 0;
    view.rttSumSquares = columns.rttSumSquares[place] ?? 0;
    view.rttMinMicros = columns.rttMinMicros[place] ?? 0;
    view.rttMaxMicros = columns.rttMaxMicros[place] ?? 0;
    view.rttFirstMicros = columns.rttFirstMicros[place] ?? 0;
    view.rttLastMicros = columns.rttLastMicros[place] ?? 0;
    view.jitterMicros = columns.jitterMicros[place] ?? 0;
    view.medianMicros = columns.medianMicros[place] ?? Number.NaN;
    view.sketch = wantsSketch ? this.#sketchAt(minute, place) : emptySketch;
    return view;
  }

  put(slot: number, rollup: MinuteRollup): void {
    const minute = rollup.startAt / minuteMillis;
    const place = placeOf(slot, minute);
    const columns = this.#columns;
    columns.minute[place] = minute;
    columns.sent[place] = rollup.sent;
    columns.lost[place] = rollup.lost;
    columns.notSent[place] = rollup.notSent;
    columns.rttSumMicros[place] = rollup.rttSumMicros;
    columns.rttSumSquares[place] = rollup.rttSumSquares;
    columns.rttMinMicros[place] = rollup.rttMinMicros;
    columns.rttMaxMicros[place] = rollup.rttMaxMicros;
    columns.rttFirstMicros[place] = rollup.rttFirstMicros;
    columns.rttLastMicros[place] = rollup.rttLastMicros;
    columns.jitterMicros[place] = rollup.jitterMicros;
    columns.medianMicros[place] = rollup.medianMicros;
    columns.sketchAt[place] = this.#pageOf(minute).add(rollup.sketch);
    columns.sketchLength[place] = rollup.sketch.length;
  }

  #sketchAt(minute: number, place: number): Sketch {
    const { sketchAt, sketchLength } = this.#columns;
    return this.#pages[minute % pagesKept]?.read(sketchAt[place] ?? 0, sketchLength[place] ?? 0) ?? emptySketch;
  }

  #pageOf(minute: number): SketchPage {
    const known = this.#pages[minute % pagesKept];
    if (known?.minute === minute) return known;
    const page = new SketchPage(minute);
    this.#pages[minute % pagesKept] = page;
    return page;
  }
}

function placeOf(slot: number, minute: number): number {
  return slot * minutesKept + (minute % minutesKept);
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function createView(): Writable<MinuteRollup> {
  return { ...new RollupAccumulator(false).toRollup(0), medianMicros: Number.NaN };
}
