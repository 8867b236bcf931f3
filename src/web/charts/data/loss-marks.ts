import { lossesUntilDown } from '../../../core/outage/outage.ts';
import { endOf, type OpenStretch, type Timeline, valueAt } from './timeline.ts';

/**
 * How the losses of a bucket are drawn, the same at every zoom. `all`: the target was down by the rule for down. `share`: enough
 * probes for a percentage. `tick`: so few probes that a percentage would mislead: zoomed in far enough, every single loss is a
 * bucket of its own that has lost everything.
 */
export type LossMark = 'none' | 'tick' | 'share' | 'all';

/** The part of a timeline that the marks depend on. */
export type LossTimeline = Pick<Timeline, 'length' | 'at' | 'lengthMillis' | 'coveredMillis' | 'loss' | 'sampleCount'>;

/** One mark per bucket. `outages`: the known ones, in time order. */
export function lossMarks(timeline: LossTimeline, outages: readonly OpenStretch[] = []): readonly LossMark[] {
  const { length, loss, sampleCount } = timeline;
  const marks = new Array<LossMark>(length).fill('none');
  for (let index = 0; index < length; index++) {
    const share = valueAt(loss, index);
    if (share > 0) marks[index] = share < 1 && valueAt(sampleCount, index) >= lossesUntilDown ? 'share' : 'tick';
  }
  if (length === 0) return marks;
  const [start, end] = [valueAt(timeline.at, 0), endOf(timeline, length - 1)];
  const near = outages.filter((outage) => meets(outage, start, end));
  for (const { first, last, lostCount } of runsOfLoss(timeline)) {
    const [from, to] = [valueAt(timeline.at, first), endOf(timeline, last)];
    const isDown = lostCount >= lossesUntilDown || near.some((outage) => meets(outage, from, to));
    if (!isDown) continue;
    for (let index = first; index <= last; index++) {
      if (!Number.isNaN(valueAt(loss, index))) marks[index] = 'all';
    }
  }
  return marks;
}

interface Run {
  readonly first: number;
  readonly last: number;
  readonly lostCount: number;
}

/** Neighbouring buckets in which every probe was lost; probes not sent in between say nothing about the target. */
function runsOfLoss(timeline: LossTimeline): readonly Run[] {
  const runs: Run[] = [];
  let run: Run | undefined;
  let end = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < timeline.length; index++) {
    const loss = valueAt(timeline.loss, index);
    if (Number.isNaN(loss)) continue;
    const isNext = valueAt(timeline.at, index) - end <= Math.max(1500, valueAt(timeline.lengthMillis, index) / 2);
    if (run !== undefined && (loss < 1 || !isNext)) {
      runs.push(run);
      run = undefined;
    }
    if (loss >= 1) {
      const lostCount = (run?.lostCount ?? 0) + valueAt(timeline.sampleCount, index);
      run = { first: run?.first ?? index, last: index, lostCount };
    }
    end = endOf(timeline, index);
  }
  return run === undefined ? runs : [...runs, run];
}

function meets(outage: OpenStretch, from: number, to: number): boolean {
  return outage.from < to && (outage.to === undefined || outage.to > from);
}
