import type { FileHandle } from 'node:fs/promises';

/** What a disk fails to read at once is read in pieces of this size. */
const sectorBytes = 4096;

/**
 * Returns fewer bytes than requested at the end of the file. Unreadable sectors become zeros: what they held is then recognised
 * as damaged, and what surrounds them survives.
 */
export async function readRange(file: FileHandle, from: number, count: number): Promise<Uint8Array> {
  try {
    return await readExactly(file, from, count);
  } catch (error) {
    if (!isReadError(error)) throw error;
  }
  const bytes = new Uint8Array(Math.min(count, Math.max(0, (await file.stat()).size - from)));
  for (let at = 0; at < bytes.length; at += sectorBytes) {
    const piece = await readExactly(file, from + at, Math.min(sectorBytes, bytes.length - at)).catch(
      (error: unknown) => {
        if (isReadError(error)) return new Uint8Array();
        throw error;
      },
    );
    bytes.set(piece, at);
  }
  return bytes;
}

const isReadError = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EIO';

async function readExactly(file: FileHandle, from: number, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  let length = 0;
  while (length < count) {
    const { bytesRead } = await file.read(bytes, length, count - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}
