import { UnreadableUpload } from './log-upload.ts';

const lineLengthMax = 65_536;

/** The lines of a text, many at a time; a byte order mark and carriage returns are left out. */
export async function* textLines(content: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of content) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield lines;
    // Else a file without line ends would be read into memory as a whole.
    if (rest.length > lineLengthMax) throw new UnreadableUpload(`The line is longer than ${lineLengthMax} characters.`);
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}
