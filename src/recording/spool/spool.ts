import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { VantageId } from '../../core/ids.ts';
import type { Commit, StateRow } from '../../storage/storage.ts';
import { type GroupLimits, leadingGroup, oneAlone } from './commit-group.ts';
import { checkFolder, scanFolder, segmentName } from './spool-folder.ts';
import { encodeRecord } from './spool-record.ts';
import { type Segment, type SpooledRecord, appendRecords, createSegment, readRecord } from './spool-segment.ts';

const mebibyte = 1024 * 1024;
const segmentBytesMax = 16 * mebibyte;
/** Even a small spool consists of several files, so that space is freed before all of it is drained. */
const segmentsMin = 8;
const damaged = 'was damaged by the disk';

export interface SpoolOptions {
  /** Created when there is something to keep, removed when nothing is left. */
  readonly folder: string;
  /** 0: nothing is spooled. */
  /** The vantage point of all commits in it; a spool has only one. */
  readonly vantage: VantageId;
  readonly maxBytes: number;
  readonly onNotice: (message: string) => void;
}

/** Commits that wait on disk for the storage, oldest first; each survives the end of the process. */
export interface Spool extends AsyncDisposable {
  readonly commits: number;
  readonly results: number;
  readonly bytes: number;
  /** Results that were on the disk and can no longer be read, since this process started. */
  readonly lostResults: number;
  /** States in what an earlier process left, in order: the storage does not know of them yet. */
  readonly leftoverStates: readonly StateRow[];
  /** How many of the commits, from the first on, are durable now; fewer than all when the spool is full. */
  append(commits: readonly Commit[]): Promise<number>;
  /** The oldest commits, all of one source; none when nothing is left. Damaged ones are reported and left out. */
  peek(limits: GroupLimits): Promise<readonly Commit[]>;
  /** Drops the oldest commits that `peek` returned, up to this one: they are stored. */
  drop(last: Pick<Commit, 'source' | 'sequence'>): Promise<void>;
  /**
   * Moves a commit that the storage refuses to a file of its own and returns its path. The next start tries it again, after all
   * others.
   */
  setAside(commit: Commit): Promise<string>;
}

/** Finds what an earlier process left. Never throws for what is on the disk: monitoring continues without a spool. */
export async function openSpool({ folder, vantage, maxBytes, onNotice }: SpoolOptions): Promise<Spool> {
  const { segments, leftoverStates, lastNumber, ...scanned } = await scanFolder({ folder, vantage, onNotice });
  let { lostResults } = scanned;
  if (maxBytes > 0) await checkFolder(folder, onNotice);
  const segmentBytes = Math.min(segmentBytesMax, Math.ceil(maxBytes / segmentsMin));
  let number = lastNumber;
  let tail: FileHandle | undefined;
  let head: { readonly path: string; readonly file: FileHandle } | undefined;
  /** The oldest records, read but not dropped; all of the first segment. */
  const ahead: (SpooledRecord & { readonly commit: Commit })[] = [];
  let queue: Promise<unknown> = Promise.resolve();

  /** One after the other: the file being read may be the one being written. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work, work);
    queue = result.catch(() => undefined);
    return result;
  }
  const sum = (figure: 'commits' | 'results' | 'bytes'): number =>
    segments.reduce((total, segment) => total + segment[figure], 0);

  async function closeTail(): Promise<void> {
    const file = tail;
    tail = undefined;
    await file?.close();
  }

  /** The file to write to: the newest, unless it belongs to another source, is full, or is no longer open. */
  async function openTail(source: string): Promise<{ readonly file: FileHandle; readonly segment: Segment }> {
    const newest = segments.at(-1);
    if (tail !== undefined && newest?.source === source && newest.bytes < segmentBytes) {
      return { file: tail, segment: newest };
    }
    await closeTail();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, segmentName(++number));
    const created = await createSegment(path, source).catch(async (error: unknown) => {
      await rm(path, { force: true });
      throw error;
    });
    tail = created.file;
    segments.push(created.segment);
    return created;
  }

  async function appendAll(commits: readonly Commit[]): Promise<number> {
    let written = 0;
    while (written < commits.length) {
      const source = commits[written]?.source ?? '';
      const records: { bytes: Uint8Array; results: number }[] = [];
      let room = Math.min(maxBytes - sum('bytes'), segmentBytes);
      for (const commit of commits.slice(written)) {
        if (commit.source !== source) break;
        const bytes = encodeRecord(commit);
        room -= bytes.length;
        if (room < 0 && (records.length > 0 || sum('bytes') + bytes.length > maxBytes)) break;
        records.push({ bytes, results: commit.results.length });
      }
      if (records.length === 0) return written;
      const { file, segment } = await openTail(source);
      try {
        await appendRecords(file, segment, records);
      } catch (error) {
        // Whatever the disk made of this file, nothing more is appended to it.
        await closeTail().catch(() => undefined);
        if (segment.commits === 0 && segments.at(-1) === segment) {
          segments.pop();
          await rm(segment.path, { force: true });
        }
        await dropDrained();
        // What is written is written; the next call meets the fault again.
        if (written > 0) return written;
        throw error;
      }
      written += records.length;
    }
    return written;
  }

  /** Removes files at the front of which nothing is left; damaged ones are kept for inspection. */
  async function dropDrained(): Promise<void> {
    for (let first = segments[0]; first !== undefined && first.read.at >= first.bytes; first = segments[0]) {
      segments.shift();
      if (head?.path === first.path) await closeHead();
      if (segments.length === 0) await closeTail();
      if (first.isDamaged) await keepUnreadable(first.path, onNotice);
      else await rm(first.path, { force: true });
    }
    if (segments.length === 0) await rmdir(folder).catch(() => undefined);
  }

  async function closeHead(): Promise<void> {
    const file = head?.file;
    head = undefined;
    await file?.close();
  }

  async function openHead(path: string): Promise<FileHandle | undefined> {
    if (head?.path === path) return head.file;
    await closeHead();
    try {
      head = { path, file: await open(path, 'r') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    return head?.file;
  }

  async function readAhead(limits: GroupLimits): Promise<readonly Commit[]> {
    for (;;) {
      const [segment] = segments;
      const commits = ahead.map(({ commit }) => commit);
      const group = leadingGroup(commits, limits);
      if (segment === undefined || group.length < ahead.length || group.length >= limits.commits) return group;
      if (ahead.length > 0 && ahead.length >= segment.commits) return group;
      const file = await openHead(segment.path);
      const record = file && (await readRecord(file, segment, ahead.at(-1)?.next ?? segment.read, vantage));
      if (record?.commit !== undefined) ahead.push({ ...record, commit: record.commit });
      else if (ahead.length > 0) return group;
      else await endSegment(segment, file === undefined ? 'is gone' : damaged);
    }
  }

  /** Nothing more can be read from it: what should be there is lost. */
  async function endSegment(segment: Segment, what: string): Promise<void> {
    if (segment.results > 0) {
      lostResults += segment.results;
      onNotice(`${segment.path} ${what}: ${segment.results} results in it are lost.`);
      segment.isDamaged = true;
    }
    segment.read = { ...segment.read, at: segment.bytes };
    segment.commits = 0;
    segment.results = 0;
    await dropDrained();
  }

  async function leaveBehind(segment: Segment, { next, commit }: (typeof ahead)[number]): Promise<void> {
    segment.read = next;
    segment.commits--;
    segment.results -= commit.results.length;
    // The rest was damaged after it was written or scanned: it is lost, not waiting.
    if (next.at >= segment.bytes && segment.results > 0) return endSegment(segment, damaged);
    await dropDrained();
  }

  await dropDrained();
  return {
    get commits() {
      return sum('commits');
    },
    get results() {
      return sum('results');
    },
    get bytes() {
      return sum('bytes');
    },
    get lostResults() {
      return lostResults;
    },
    leftoverStates,
    append: (commits) => inTurn(() => appendAll(commits)),
    peek: (limits) => inTurn(() => readAhead(limits)),
    drop: ({ source, sequence }) =>
      inTurn(async () => {
        if (ahead.length === 0) await readAhead(oneAlone);
        const isCovered = ({ commit }: { readonly commit: Commit }): boolean =>
          commit.source === source && commit.sequence <= sequence;
        while (ahead[0] !== undefined && segments[0] !== undefined && isCovered(ahead[0])) {
          const [record] = ahead.splice(0, 1);
          if (record !== undefined) await leaveBehind(segments[0], record);
        }
      }),
    setAside: (commit) =>
      inTurn(async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const path = join(folder, `${commit.source}-${commit.sequence}.refused`);
        await rm(path, { force: true });
        // By the time it is tried again, later commits of its source are stored: under that name it would look stored.
        const refused = { ...commit, source: sourceOfRefused(commit), sequence: 1 };
        const { file, segment } = await createSegment(path, refused.source);
        const record = { bytes: encodeRecord(refused), results: commit.results.length };
        await using _ = file;
        await appendRecords(file, segment, [record]);
        return path;
      }),
    [Symbol.asyncDispose]: () =>
      inTurn(async () => {
        await closeHead();
        await closeTail();
      }),
  };
}

function sourceOfRefused({ source, sequence }: Commit): string {
  return createHash('sha256').update(`${source}-${sequence}`).digest('hex').slice(0, 36);
}

/** Numbers are not reused, so this overwrites no other. */
async function keepUnreadable(path: string, onNotice: (message: string) => void): Promise<void> {
  const kept = `${path}.unreadable`;
  await rename(path, kept).catch(() => undefined);
  onNotice(`All that ${path} still held is stored; the damaged file is kept as ${basename(kept)}.`);
}
