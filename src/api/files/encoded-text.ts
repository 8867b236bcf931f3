import { UnreadableUpload } from './log-upload.ts';

/** Enough bytes to recognise an encoding. */
const headBytes = 4096;

/**
 * The text of a file from any editor: UTF-8 or UTF-16, with or without a byte order mark. Anything else could be one of dozens of
 * encodings, so an `UnreadableUpload` names the line instead of guessing, and nothing wrong is stored.
 */
export async function* decodeText(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const chunks = content[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  let line = 1;
  try {
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      head = Buffer.concat([head, next.value]);
      if (head.length >= headBytes) break;
    }
    const encoding = encodingOf(head);
    const decoder = new TextDecoder(encoding, { fatal: true });
    const decode = (bytes?: Uint8Array): string => {
      try {
        return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
      } catch (error) {
        const at = line + linesBeforeFault(bytes ?? new Uint8Array(), encoding);
        const message = `Line ${at} is not UTF-8; save the file as UTF-8 ("CSV UTF-8" in Excel).`;
        throw new UnreadableUpload(message, { cause: error, line: at });
      }
    };
    for (let bytes: Uint8Array | undefined = head; bytes !== undefined;) {
      const text = decode(bytes);
      if (text !== '') yield text;
      line += text.split('\n').length - 1;
      const next = await chunks.next();
      bytes = next.done === true ? undefined : next.value;
    }
    const rest = decode();
    if (rest !== '') yield rest;
  } finally {
    await chunks.return?.();
  }
}

/** Without a mark, UTF-16 shows by its zeros: every second byte of plain letters, digits and separators. */
function encodingOf(head: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const pairs = Math.floor(Math.min(head.length, 512) / 2);
  const zeros = [0, 1].map(
    (offset) => Array.from({ length: pairs }, (_, at) => head[2 * at + offset]).filter((byte) => byte === 0).length,
  );
  const [even = 0, odd = 0] = zeros;
  if (pairs > 1 && odd > 0.7 * pairs && even === 0) return 'utf-16le';
  return pairs > 1 && even > 0.7 * pairs && odd === 0 ? 'utf-16be' : 'utf-8';
}

function linesBeforeFault(bytes: Uint8Array, encoding: string): number {
  if (encoding !== 'utf-8') return 0;
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  // Each line is decoded separately, because in UTF-8 the byte of a line break is never part of another character.
  const faulty = lines.findIndex((text) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
      return false;
    } catch {
      return true;
    }
  });
  return Math.max(0, faulty);
}

const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];

/** The separator in a first line such as `sep=;`, which Excel reads but does not show; `undefined` for any other line. */
export function delimiterNamedBy(line: string): Delimiter | undefined {
  const named = /^"?sep=(.)"?$/i.exec(line.replace(/\r$/, ''))?.[1];
  return delimiters.find((delimiter) => delimiter === named);
}

/** Finds the separator in the header: Excel writes semicolons in Europe, and tabs as "Unicode text". */
export function delimiterOf(header: string): Delimiter {
  const bare = header.replaceAll(/"[^"]*"/g, '');
  const counts = delimiters.map((delimiter) => ({ delimiter, count: bare.split(delimiter).length - 1 }));
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).delimiter;
}

/** A number as the file writes it: where the comma does not separate columns, it may be the decimal sign. */
export function numberText(text: string, delimiter: Delimiter): string {
  return delimiter === ',' ? text : text.replace(/^(\s*-?\d*),(\d+\s*)$/, '$1.$2');
}
