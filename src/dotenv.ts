import { readFileSync } from 'node:fs';

export interface Dotenv {
  readonly values: Readonly<Record<string, string>>;
  /** Why no setting could be read, as the end of a sentence that begins with `.env`. */
  readonly warnings: readonly string[];
}

/** Reads a `.env` file; `undefined` if there is none. Throws the end of a sentence if it is not text. */
export function readDotenv(path: string): Dotenv | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new Error(`cannot be read (${code ?? String(error)}).`, { cause: error });
  }
  return parseDotenv(textOf(bytes));
}

/** Windows editors write UTF-8 with a byte order mark, and "Unicode", which is UTF-16. */
function textOf(bytes: Buffer): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Reported below.
  }
  throw new Error('is not a text in UTF-8 or UTF-16; save it as UTF-8.');
}

const assignment = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s*/;
const quoted = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`([^`]*)`)[^\S\n]*(?:#[^\n]*)?(?=\n|$)/s;

/**
 * As Docker Compose reads it: a comment needs white space before its #, quotes may span lines, and in double quotes \n, \r and \t
 * are escapes. A dollar sign has no special meaning.
 */
export function parseDotenv(text: string): Dotenv {
  const values: Record<string, string> = {};
  const warnings: string[] = [];
  let rest = text.replaceAll(/\r\n?/g, '\n');
  for (let line = 1; rest !== '';) {
    const name = assignment.exec(rest.slice(0, lineEnd(rest)));
    const content = rest.slice(name?.[0].length ?? 0);
    const inQuotes = name === null ? null : quoted.exec(content);
    const end = inQuotes === null ? lineEnd(content) : inQuotes[0].length;
    const raw = content.slice(0, end);
    if (name !== null) {
      values[name[1] ?? ''] = inQuotes === null ? plain(raw) : unquoted(inQuotes);
    } else if (!/^\s*(?:#|$)/.test(raw)) {
      warnings.push(`line ${line} is neither NAME=value nor a comment and is ignored.`);
    }
    line += 1 + (raw.match(/\n/g)?.length ?? 0);
    rest = content.slice(end + 1);
  }
  return { values, warnings };
}

function lineEnd(text: string): number {
  const at = text.indexOf('\n');
  return at < 0 ? text.length : at;
}

function plain(text: string): string {
  return text.replace(/(?:^|\s+)#.*$/, '').trimEnd();
}

function unquoted([, single, double, backticks]: RegExpExecArray): string {
  if (single !== undefined) return single.replaceAll("\\'", "'");
  if (double === undefined) return backticks ?? '';
  const meanings: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
  return double.replaceAll(/\\([nrt"\\$])/g, (_, letter: string) => meanings[letter] ?? letter);
}
