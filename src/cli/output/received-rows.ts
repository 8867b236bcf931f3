/** How much of a text download has arrived, so that one that breaks off can be continued. */
export interface ReceivedRows {
  see(chunk: Uint8Array): void;
  readonly rows: number;
  /** Up to the end of the last complete row. */
  readonly wholeBytes: number;
  /** RFC 3339; `undefined` before the first row. */
  lastTime(): string | undefined;
}

const lineEnd = 0x0a;
const headerLines = { csv: 1, ndjson: 0 } as const;

export function countRows(format: 'csv' | 'ndjson'): ReceivedRows {
  let [lines, bytes, wholeBytes] = [0, 0, 0];
  let lastLine = '';
  let rest = Buffer.alloc(0);
  const rows = (): number => Math.max(0, lines - headerLines[format]);
  return {
    see(chunk) {
      const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      const end = buffer.lastIndexOf(lineEnd);
      bytes += buffer.length;
      if (end < 0) {
        rest = Buffer.concat([rest, buffer]);
        return;
      }
      const whole = Buffer.concat([rest, buffer.subarray(0, end)]);
      lastLine = whole.toString('utf8', whole.lastIndexOf(lineEnd) + 1);
      for (let at = whole.indexOf(lineEnd); at >= 0; at = whole.indexOf(lineEnd, at + 1)) lines++;
      lines++;
      rest = Buffer.from(buffer.subarray(end + 1));
      wholeBytes = bytes - rest.length;
    },
    get rows() {
      return rows();
    },
    get wholeBytes() {
      return wholeBytes;
    },
    lastTime: () => {
      if (rows() === 0) return undefined;
      return format === 'csv' ? lastLine.split(',')[0] : (JSON.parse(lastLine) as { readonly time: string }).time;
    },
  };
}
