import { lossesUntilDown } from '../../../core/outage/outage.ts';
import { type OpenStretch, type TimelineRow, endOf } from './timeline.ts';

/**
 * How the losses of a bucket are drawn, the same at every zoom. `all`: the target was down there by the rule for down.
 * `share`: enough probes for a share. `tick`: so few probes that a share would say more than is known: zoomed in far
 * enough, every single loss is a bucket of its own that has lost everything.
 */
export type LossMark = 'none' | 'tick' | 'share' | 'all';

type LossRow = Pick<TimelineRow, 'at' | 'lengthMillis' | 'coveredMillis' | 'loss' | 'sampleCount'>;

/** One mark for each of `rows`, which are in time order. `outages`: those known, in time order. */
export function lossMarks(rows: readonly LossRow[], outages: readonly OpenStretch[] = []): readonly LossMark[] {
  const marks = rows.map(({ loss, sampleCount }): LossMark => {
    if (loss === null || loss === 0) return 'none';
    return loss < 1 && sampleCount >= lossesUntilDown ? 'share' : 'tick';
  });
  const [start, end] = [rows[0]?.at ?? 0, Math.max(...rows.slice(-1).map(endOf))];
  const near = outages.filter((outage) => meets(outage, start, end));
  for (const { first, last, lostCount } of runsOfLoss(rows)) {
    const [from, to] = [rows[first], rows[last]];
    if (from === undefined || to === undefined) continue;
    const isDown = lostCount >= lossesUntilDown || near.some((outage) => meets(outage, from.at, endOf(to)));
    if (!isDown) continue;
    for (let index = first; index <= last; index++) if (rows[index]?.loss !== null) marks[index] = 'all';
  }
  return marks;
}

interface Run {
  readonly first: number;
  readonly last: number;
  readonly lostCount: number;
}

/** Neighbouring buckets in which every probe was lost; what was not sent in between says nothing about the target. */
function runsOfLoss(rows: readonly LossRow[]): readonly Run[] {
  const runs: Run[] = [];
  let run: Run | undefined;
  let end = Number.NEGATIVE_INFINITY;
  for (const [index, row] of rows.entries()) {
    if (row.loss === null) continue;
    const isNext = row.at - end <= Math.max(1500, row.lengthMillis / 2);
    if (run !== undefined && (row.loss < 1 || !isNext)) {
      runs.push(run);
      run = undefined;
    }
    if (row.loss >= 1) {
      run = { first: run?.first ?? index, last: index, lostCount: (run?.lostCount ?? 0) + row.sampleCount };
    }
    end = endOf(row);
  }
  return run === undefined ? runs : [...runs, run];
}

function meets(outage: OpenStretch, from: number, to: number): boolean {
  return outage.from < to && (outage.to === undefined || outage.to > from);
}
