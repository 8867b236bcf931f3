import { globSync, readFileSync } from 'node:fs';

export interface DocumentFile {
  readonly path: string;
  readonly text: string;
}

/** Everything written for readers: the documents at the root, and the pages of the site. */
export function documentFiles(): readonly DocumentFile[] {
  return [...globSync('*.md'), ...globSync('docs/**/*.md', { exclude: ['docs/node_modules'] })]
    .toSorted()
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

export interface Fence {
  readonly language: string;
  readonly lines: readonly string[];
}

/** Blocks of code, also indented ones. */
export function fencesOf(text: string): readonly Fence[] {
  return [...text.matchAll(/^ *```(\w*)\n([^]*?)^ *```$/gm)].map(([, language = '', body = '']) => ({
    language,
    lines: body
      // A line that ends with a backslash goes on in the next one.
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  }));
}

/** Code in sentences and tables; a bar in a table is written with a backslash. */
export function inlineCodeOf(text: string): readonly string[] {
  return [...withoutFences(text).matchAll(/`([^`\n]+(?:\n[^`\n]+)?)`/g)].map(([, code = '']) =>
    code.replaceAll(String.raw`\|`, '|').replaceAll(/\s+/g, ' '),
  );
}

export function withoutFences(text: string): string {
  return text.replaceAll(/^ *```[^]*?^ *```$/gm, '');
}
