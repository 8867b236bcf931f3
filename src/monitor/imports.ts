import type { EpochMillis, SeriesKey, TargetId, VantageId } from '../core/ids.ts';
import { createOutageFinder } from '../core/outage/history-outages.ts';
import type { Outage } from '../core/outage/outage.ts';
import type { ResultBatch } from '../core/result/probe-result.ts';
import { Problem } from '../core/problem.ts';
import { concatSeries, rowsBetween, type Series, sortSeries } from '../core/result/series.ts';
import { dayMillis } from '../core/history/time-buckets.ts';
import {
  type Import,
  type ImportFilter,
  type ImportProgress,
  type Imports,
  type Storage,
  undoableUntil,
} from '../storage/storage.ts';
import type { Clock } from '../recording/recording.ts';

/** An import in progress. */
export interface RunningImport {
  readonly id: number;
  /** Stores a batch; see `Imports.store`. */
  store(batch: ResultBatch, progress: ImportProgress): ReturnType<Imports['store']>;
  /** Finds the outages in what was stored and ends the job; `failure`: why it did not complete. */
  end(progress: Partial<ImportProgress>, failure?: string): Promise<Import>;
}

/** History that is imported from files: jobs that are listed, and undone as a whole. */
export interface HistoryImports extends AsyncDisposable {
  begin(targetId: TargetId, fileName: string | undefined, username: string): Promise<RunningImport>;
  /** `undefined` for an id that never existed, or whose target has been purged. */
  find(id: number): Promise<Import | undefined>;
  /** Newest first. */
  list(filter: ImportFilter): Promise<readonly Import[]>;
  /**
   * Removes what an import stored, and the outages in it. Rows that it reported as already present are not its own and stay; rows
   * that a later import found already present are its own and go. Throws a Problem `not-found`, or `conflict` for an import that
   * cannot be undone now.
   */
  undo(id: number, username: string): Promise<Import>;
}

/** An outage may begin before an import and end after it. */
const aroundMillis = dayMillis;

/** Completes what an earlier process left unfinished: a running import has failed, an undo continues. */
export async function openImports({
  vantage,
  storage,
  clock,
  onNotice,
}: {
  /** The time from which imported history counts as observed. */
  readonly vantage: VantageId;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly onNotice: (message: string) => void;
}): Promise<HistoryImports> {
  const { imports } = storage;
  const running = new Set<number>();
  const undoing = new Map<number, Promise<Import>>();
  const settling = new Map<number, Promise<Import>>();
  const stopping = new AbortController();

  async function end(job: Import, change: Partial<ImportProgress>, failure: string | undefined): Promise<Import> {
    const ended = { ...change, state: failure === undefined ? ('done' as const) : ('failed' as const), failure };
    const at = await imports.change(job.id, change);
    if (at !== undefined && at.stored > 0) await renewOutages(storage, at, { vantage, isUndone: false });
    const last = await imports.change(job.id, { ...ended, endedAt: clock.now() });
    return last ?? { ...job, ...ended };
  }

  /** A job that no process runs any more, for example after a crash or while the database was unavailable. */
  async function settled(job: Import): Promise<Import> {
    if (job.state !== 'running' || running.has(job.id)) return job;
    // Once for all concurrent callers: a second end could come after an undo that the first one permitted.
    const known = settling.get(job.id);
    if (known !== undefined) return await known;
    const ending = end(job, {}, 'The server stopped during the import.').finally(() => settling.delete(job.id));
    settling.set(job.id, ending);
    return await ending;
  }

  async function undo(job: Import): Promise<Import> {
    while (await imports.undoSome(job.id)) stopping.signal.throwIfAborted();
    await renewOutages(storage, job, { vantage, isUndone: true });
    const undone = await imports.change(job.id, { state: 'undone', undoneAt: clock.now() });
    return undone ?? job;
  }

  function undoOnce(job: Import): Promise<Import> {
    const work = undo(job).finally(() => undoing.delete(job.id));
    undoing.set(job.id, work);
    return work;
  }

  for (const job of await imports.listOpen()) {
    if (job.state === 'running') await settled(job);
    else {
      undoOnce(job).catch((error: unknown) => {
        if (!stopping.signal.aborted) onNotice(`The undoing of import ${job.id} has stopped: ${String(error)}`);
      });
    }
  }

  return {
    async begin(targetId, fileName, username) {
      const job = await imports.add({ targetId, fileName, username, startedAt: clock.now() });
      running.add(job.id);
      return {
        id: job.id,
        store: (batch, progress) => imports.store(job.id, targetId, batch, progress),
        end: (progress, failure) => end(job, progress, failure).finally(() => running.delete(job.id)),
      };
    },
    async find(id) {
      const job = await imports.find(id);
      return job && settled(job);
    },
    async list(filter) {
      const jobs = await imports.list(filter);
      return Promise.all(jobs.map(settled));
    },
    async undo(id, username) {
      const found = await imports.find(id);
      if (found === undefined) throw new Problem('not-found', `No import has the id ${id}.`);
      const job = await settled(found);
      const refusal = undoing.has(id) ? `Import ${id} is being undone already.` : refusalOf(job, clock.now());
      if (refusal !== undefined) throw new Problem('conflict', refusal);
      const begun = imports.change(id, { state: 'undoing', undoneBy: username });
      const work = begun.then((changed) => undo(changed ?? job)).finally(() => undoing.delete(id));
      undoing.set(id, work);
      return await work;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.allSettled(undoing.values());
    },
  };
}

/** Why an import cannot be undone now. */
function refusalOf(job: Import, now: EpochMillis): string | undefined {
  if (job.state === 'running') return `Import ${job.id} is running still; end it or wait for its end.`;
  if (job.state === 'undone') return `Import ${job.id} has been undone already.`;
  const until = undoableUntil(job);
  if (until === undefined || now <= until || job.stored === 0 || job.state === 'undoing') return undefined;
  return `Import ${job.id} could be undone until ${new Date(until).toISOString()}; what it stored is history like any other now.`;
}

/**
 * Recomputes the outages around the time of an import from what is stored, by the rules that apply to live results. Outages of
 * earlier imports whose results are no longer kept stay as they are, except within an import that is being undone.
 */
async function renewOutages(
  storage: Storage,
  { targetId, from, to }: Import,
  { vantage, isUndone }: { readonly vantage: VantageId; readonly isUndone: boolean },
): Promise<void> {
  if (from === undefined || to === undefined) return;
  const stretch = await wholeOutages(
    storage,
    { targetId, vantage },
    { from: from - aroundMillis, to: to + aroundMillis },
  );
  const finder = createOutageFinder();
  let unproven = await importedOutages(storage, { targetId, vantage }, stretch);
  for await (const rows of allRows(storage, { targetId, vantage }, stretch)) {
    finder.add(rows);
    unproven = unproven.filter((outage) => rowsBetween(rows, outage.from, (outage.to ?? outage.from) + 1).length === 0);
  }
  const kept = unproven.filter((outage) => !isUndone || outage.from < from || outage.from > to);
  await storage.imports.replaceOutages({ targetId, vantage }, stretch, [...finder.finish(), ...kept]);
}

const outagesAtOnce = 1000;

/** Those of earlier imports that begin in a stretch. */
async function importedOutages(
  storage: Storage,
  { targetId, vantage }: SeriesKey,
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
): Promise<readonly Outage[]> {
  const found: Outage[] = [];
  let before: EpochMillis | undefined;
  for (;;) {
    const page = await storage.listOutages(targetId, { vantage, from, to, limit: outagesAtOnce, before });
    found.push(...page.filter((outage) => outage.isImported === true && outage.from >= from));
    before = page.at(-1)?.from;
    if (page.length < outagesAtOnce) return found;
  }
}

/** A stretch that does not split any outage. */
async function wholeOutages(
  storage: Storage,
  { targetId, vantage }: SeriesKey,
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
): Promise<{ readonly from: EpochMillis; readonly to: EpochMillis }> {
  const at = async (time: EpochMillis): Promise<readonly Outage[]> =>
    storage.listOutages(targetId, { vantage, from: time, to: time + 1, limit: 10 });
  const [before, behind] = [await at(from), await at(to)];
  return {
    from: Math.max(0, Math.min(from, ...before.map((outage) => outage.from))),
    to: Math.max(to, ...behind.map((outage) => outage.to ?? to)) + 1,
  };
}

/** All results of a stretch in time order: raw ones and, where those are deleted, what imports kept of their own. */
async function* allRows(
  storage: Storage,
  key: SeriesKey,
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
): AsyncGenerator<Series> {
  const raw = storage.streamResults(key, from, to)[Symbol.asyncIterator]();
  const kept = storage.imports.stream(key.targetId, from, to)[Symbol.asyncIterator]();
  const read = async (rows: AsyncIterator<Series>): Promise<Series | undefined> => {
    for (let step = await rows.next(); step.done !== true; step = await rows.next()) {
      if (step.value.length > 0) return step.value;
    }
    return undefined;
  };
  let [left, right] = [await read(raw), await read(kept)];
  while (left !== undefined || right !== undefined) {
    // As far as both are known.
    const until = Math.min(lastOf(left), lastOf(right)) + 1;
    const parts = [left, right].flatMap((rows) => (rows === undefined ? [] : [rowsBetween(rows, 0, until)]));
    yield sortSeries(concatSeries(parts));
    left = left && rowsBetween(left, until, Number.POSITIVE_INFINITY);
    right = right && rowsBetween(right, until, Number.POSITIVE_INFINITY);
    if (left?.length === 0) left = await read(raw);
    if (right?.length === 0) right = await read(kept);
  }
}

function lastOf(rows: Series | undefined): EpochMillis {
  return rows?.sentAtMillis[rows.length - 1] ?? Number.POSITIVE_INFINITY;
}
