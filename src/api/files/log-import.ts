import { inferIntervals } from '../../core/result/inferred-intervals.ts';
import type { EpochMillis } from '../../core/ids.ts';
import { batchFromRows, type ResultRow } from '../../core/result/probe-result.ts';
import { Problem } from '../../core/problem.ts';
import type { Target } from '../../core/target/target.ts';
import { floorTo, hourMillis } from '../../core/history/time-buckets.ts';
import type { HistoryImports, RunningImport } from '../../monitor/monitor.ts';
import {
  type Import,
  type ImportFault,
  type ImportProgress,
  noRefusals,
  type RefusalReason,
} from '../../storage/storage.ts';
import { createCsvReader, createNdjsonReader, type LogRecord } from './log-records.ts';
import { openUpload, UnreadableUpload } from './log-upload.ts';
import type { StrangerCheck } from './named-target.ts';
import { textLines } from './text-lines.ts';

const batchRows = 50_000;
/** A batch ends at a full hour; an hour of probes every 20 ms is stored in several parts. */
const pendingRowsMax = 200_000;
const faultsShownMax = 100;
/** This many rows on either side of a batch give the spacing of its first and last rows. */
const contextRows = 5;

export interface ImportRequest {
  readonly imports: HistoryImports;
  readonly target: Target;
  readonly content: AsyncIterable<Uint8Array>;
  /** As declared by the sender, or by a first line that is a JSON object. */
  readonly isNdjson: boolean;
  readonly fileName: string | undefined;
  readonly username: string;
  /** `undefined`: rows of other targets are accepted. */
  readonly strangerIn: StrangerCheck | undefined;
}

interface PendingRow extends LogRecord {
  /** The row number in the file, from 1. */
  readonly line: number;
}

/**
 * Reads CSV or NDJSON, also compressed with gzip or Zstandard, in constant memory. Invalid rows are reported and skipped, and the
 * rest is stored in batches. After an interruption the same file can be sent again with the same outcome. Throws a Problem
 * `other-target`, before anything is stored, when the first result is another target's.
 */
export async function importResults(request: ImportRequest): Promise<Import> {
  const { imports, target, content, isNdjson, strangerIn } = request;
  let job: RunningImport | undefined;
  const faults: ImportFault[] = [];
  const refused = { ...noRefusals };
  let [handled, from, to]: [number, EpochMillis | undefined, EpochMillis | undefined] = [0, undefined, undefined];
  let pending: PendingRow[] = [];
  let lookAt = batchRows;
  let earlier: readonly EpochMillis[] = [];
  let [line, isFirst] = [0, true];

  const begun = async (): Promise<RunningImport> =>
    (job ??= await imports.begin(target.id, request.fileName, request.username));
  const progress = (): ImportProgress => ({
    rowCount: handled,
    refused: { ...refused },
    faults: [...faults],
    from,
    to,
  });
  function refuse(reason: RefusalReason, row: number, message: string): void {
    refused[reason]++;
    if (faults.length < faultsShownMax) faults.push({ row, message });
  }
  function take(record: LogRecord): void {
    const stranger = strangerIn?.(record);
    if (stranger !== undefined && isFirst) throw otherTarget(stranger, target);
    isFirst = false;
    if (stranger !== undefined) {
      handled++;
      refuse('other-target', line, `is of ${stranger}, not of ${describe(target)}.`);
      return;
    }
    from = Math.min(record.sentAt, from ?? record.sentAt);
    to = Math.max(record.sentAt, to ?? record.sentAt);
    pending.push({ ...record, line });
  }

  /** `isLast`: everything that remains; otherwise only whole hours. */
  async function store(isLast: boolean): Promise<void> {
    const rows = pending.toSorted((a, b) => a.sentAt - b.sentAt);
    const lastHour = floorTo(rows.at(-1)?.sentAt ?? 0, hourMillis);
    const inLastHour = rows.findIndex(({ sentAt }) => sentAt >= lastHour);
    const end = isLast || (inLastHour === 0 && rows.length >= pendingRowsMax) ? rows.length : inLastHour;
    pending = rows.slice(end);
    lookAt = pending.length + batchRows;
    const batch = rows.slice(0, end);
    if (batch.length === 0) return;
    const running = await begun();
    handled += batch.length;
    const outcome = await running.store(batchFromRows(resultRows(target, batch, earlier, pending)), progress());
    earlier = batch.slice(-contextRows).map(({ sentAt }) => sentAt);
    refuseTimes('too-old', outcome.tooOld, 'time: is older than anything that is kept (RETENTION_HOUR_DAYS).');
    const deleted = 'time: the raw results of this hour have been deleted by age (RETENTION_RAW_DAYS).';
    refuseTimes('raw-deleted', outcome.rawDeleted, deleted);

    function refuseTimes(reason: RefusalReason, times: readonly EpochMillis[], message: string): void {
      const shown = new Set(times.slice(0, faultsShownMax));
      const lines = batch.filter(({ sentAt }) => shown.delete(sentAt)).map((row) => row.line);
      for (const each of lines.slice(0, Math.max(0, faultsShownMax - faults.length)))
        faults.push({ row: each, message });
      refused[reason] += times.length;
    }
  }

  /** Returns why the file cannot be read to its end, if it cannot. */
  async function readAll(): Promise<string | undefined> {
    try {
      const upload = await openUpload(content);
      const read = isNdjson || upload.isNdjson ? createNdjsonReader() : createCsvReader();
      let isEmpty = true;
      for await (const lines of textLines(upload.content)) {
        for (const text of lines) {
          line++;
          if (text.trim() === '') continue;
          isEmpty = false;
          const record = read(text);
          if (record === undefined) continue;
          if (typeof record !== 'string') take(record);
          else {
            handled++;
            refuse('invalid', line, record);
          }
          if (pending.length >= lookAt) await store(false);
        }
      }
      if (isEmpty) throw new UnreadableUpload('The file is empty.');
      return undefined;
    } catch (error) {
      if (!(error instanceof UnreadableUpload)) throw error;
      if (faults.length < faultsShownMax) faults.push({ row: error.line ?? Math.max(1, line), message: error.message });
      return error.message;
    }
  }

  try {
    const failure = await readAll();
    // Everything before the damage is valid.
    await store(true);
    return await (await begun()).end(progress(), failure);
  } catch (error) {
    await job?.end(progress(), failureOf(error)).catch(() => undefined);
    throw error;
  }
}

function failureOf(error: unknown): string {
  return error instanceof Problem ? error.message : 'The upload was broken off.';
}

/** Adds to each result how long it is valid for: what the file says, otherwise the spacing of its neighbours. */
function resultRows(
  target: Target,
  batch: readonly PendingRow[],
  earlier: readonly EpochMillis[],
  later: readonly PendingRow[],
): ResultRow[] {
  const first = batch[0]?.sentAt ?? 0;
  const before = earlier.filter((time) => time < first);
  const behind = later.slice(0, contextRows);
  const times = [...before, ...[...batch, ...behind].map(({ sentAt }) => sentAt)];
  const inferred = batch.every(({ intervalMillis }) => intervalMillis !== undefined)
    ? []
    : inferIntervals(times, target.intervalMillis);
  return batch.map(({ sentAt, result, intervalMillis }, index) => ({
    targetId: target.id,
    sentAt,
    result,
    intervalMillis: intervalMillis ?? inferred[before.length + index] ?? target.intervalMillis,
  }));
}

const describe = ({ id, ip, hostname }: Target): string => `target ${id} (${hostname ?? ip})`;

function otherTarget(stranger: string, target: Target): Problem {
  const found = `The file holds results of ${stranger}, not of ${describe(target)}; nothing was imported`;
  return new Problem('other-target', `${found}. To import it all the same, add --force (in the API: force=true).`);
}
