import { constants } from 'node:fs';
import { access, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { VantageId } from '../../core/ids.ts';
import { messageOf } from '../../core/problem.ts';
import type { StateRow } from '../../storage/storage.ts';
import { type Scanned, type Segment, scanSegment } from './spool-segment.ts';

export const segmentName = (number: number): string => `${String(number).padStart(10, '0')}.spool`;

export async function renamed(from: string, to: string): Promise<string> {
  await rename(from, to);
  return to;
}

/** The spool as an earlier process left it. */
export interface ScannedFolder {
  readonly segments: Segment[];
  readonly leftoverStates: StateRow[];
  lastNumber: number;
  lostResults: number;
}

export async function scanFolder({
  folder,
  vantage,
  onNotice,
}: {
  readonly folder: string;
  readonly vantage: VantageId;
  readonly onNotice: (message: string) => void;
}): Promise<ScannedFolder> {
  const found: ScannedFolder = { segments: [], leftoverStates: [], lastNumber: 0, lostResults: 0 };
  const listed: readonly string[] = await readdir(folder).catch(() => []);
  const names = listed.toSorted();
  const spooled = names.filter((name) => /^\d{10}\.spool$/.test(name));
  // Kept files have numbers, too.
  found.lastNumber = Math.max(0, ...names.map((name) => Number(/^(\d{10})\.spool/.exec(name)?.[1] ?? 0)));
  for (const name of [...spooled, ...names.filter((name) => name.endsWith('.refused'))]) {
    const isRefused = name.endsWith('.refused');
    let path = join(folder, name);
    try {
      if (isRefused) path = await renamed(path, join(folder, segmentName(++found.lastNumber)));
      const scanned = await scanSegment(path, vantage);
      if (scanned === undefined) throw new Error('it is no spool file of this version');
      found.segments.push(scanned.segment);
      found.lostResults += scanned.lostResults;
      // What was refused happened before everything else, and outages have continued from it.
      if (!isRefused) found.leftoverStates.push(...scanned.states);
      else onNotice(`${scanned.segment.results} results that the storage refused before are tried again.`);
      if (scanned.segment.isDamaged) onNotice(describeDamage(path, scanned));
    } catch (error) {
      await rename(path, `${path}.unreadable`).catch(() => undefined);
      onNotice(`${path} cannot be read and is kept as ${basename(path)}.unreadable: ${messageOf(error)}`);
    }
  }
  return found;
}

function describeDamage(path: string, { segment, lostResults, skippedBytes }: Scanned): string {
  const lost = lostResults === 0 ? 'no complete result is missing' : `${lostResults} results are lost`;
  const kept = `The ${segment.results} others are stored, and the file is kept with the ending .unreadable.`;
  return `${path} was damaged or cut short, ${skippedBytes} bytes of it cannot be read: ${lost}. ${kept}`;
}

/** Reported at the start, not only when the storage is unavailable. */
export async function checkFolder(folder: string, onNotice: (message: string) => void): Promise<void> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      await access(path, constants.W_OK);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(path) !== path) continue;
      const advice =
        'set SPOOL_DIR to a folder that this user may write to; until then results can wait in memory only.';
      onNotice(`The spool ${folder} cannot be written (${messageOf(error)}): ${advice}`);
      return;
    }
  }
}
