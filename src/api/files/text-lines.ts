import { decodeText } from './encoded-text.ts';
import { UnreadableUpload } from './log-upload.ts';

const lineLengthMax = 65_536;

/** The lines of a text, many at a time, without byte order mark and carriage returns. */
export async function* textLines(content: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const text of decodeText(content)) {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield lines;
    // Otherwise a file without line breaks would be read into memory as a whole.
    if (rest.length > lineLengthMax) throw new UnreadableUpload(`The line is longer than ${lineLengthMax} characters.`);
  }
  if (rest !== '') yield [rest];
}
