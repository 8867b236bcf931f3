import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { commandTree, commandsBelow } from '../scripts/command-tree.ts';
import { documentFiles, withoutFences } from './document-files.ts';
import { logIn, startServer, temporaryFolder } from './e2e/server.ts';

interface Phrase {
  readonly pattern: RegExp;
  readonly better: string;
}

/** Phrases that kept coming up and that no native speaker writes; only those with hardly any honest use here. */
const phrases: readonly Phrase[] = [
  { pattern: /\bmay come in\b|\bcan come in\b|\bcome in with\b/i, better: 'users; sign in' },
  { pattern: /\bby (?:itself|themselves)\b/i, better: 'automatically, on its own' },
  {
    pattern: /\b(?:is|are|was|were) (?:said|told)\b|\btold of\b|\band said\b|\bsaid so\b/i,
    better: 'reported, logged',
  },
  { pattern: /\bsay so\b|\bsays so\b/i, better: 'confirm; the response states it' },
  { pattern: /\bso (?:many|often|much|long) (?!as\b|that\b)/i, better: 'a number, a maximum' },
  { pattern: /\bmade up for\b/i, better: 'caught up, cleared' },
  { pattern: /\bMended\b/i, better: 'Fixed' },
  { pattern: /\bof (?:theirs|ours|yours|old|late)\b/i, better: 'their, our, your; legacy' },
  { pattern: /\bonce more\b|\bagain and again\b/i, better: 'again; repeatedly' },
  { pattern: /\bcosts? (?:itself|its \w+) alone\b/i, better: 'is skipped; affects only' },
  { pattern: /\blook of the\b/i, better: 'packet options, format' },
  { pattern: /\b(?!https?\(s)\w+\(s\)/i, better: 'the proper plural' },
  { pattern: /\d[ \u00A0]%/, better: '100%, without a space' },
  {
    pattern: /\b(?:comes?|came|brings?|brought|taken?|takes|took) (?:\w+ )?back\b/i,
    better: 'recovers, restored, revoked',
  },
  { pattern: /\b(?:goes|go|went|going) on\b/i, better: 'continues, resumes' },
  { pattern: /\b(?:is|are|was|were) (?:away|wanted no more)\b|\bwhile [^.]{0,40} away\b/i, better: 'unavailable' },
  { pattern: /\b(?:somebody|nobody|whoever|anybody|everybody)\b/i, better: 'a user, another user, no one' },
  { pattern: /\bgive(?:s|n)? out\b/i, better: 'create' },
  { pattern: /\bwho(?:ever)? may\b/i, better: 'users with the role' },
  { pattern: /\bat the (?:most|least)\b/i, better: 'at most, at least' },
  { pattern: /\bfor ever\b/i, better: 'forever, permanently' },
  { pattern: /\bto be had\b/i, better: 'available' },
  { pattern: /\bthe matter with\b/i, better: 'problems with' },
  { pattern: /\bin words\b/i, better: 'with the reason, in a sentence' },
  { pattern: /(?<!\b(?:there|where) )\b(?:is|are) no (?!longer\b|more\b)\w/i, better: 'is not a' },
  { pattern: /\b(?:monitored|known|there|called this) already\b/i, better: 'is already monitored' },
  { pattern: /\bbroken off\b|\bbreaks off\b/i, better: 'aborted, interrupted' },
  { pattern: /\bstands? still\b/i, better: 'stalls' },
  { pattern: /\bdoes not do its work\b/i, better: 'is not working' },
  { pattern: /\bas asked for\b|\basked for it\b/i, better: 'as requested' },
  { pattern: /\bfor good\b/i, better: 'permanently' },
];

/** A text that may stay, and why. */
const exceptions: readonly { readonly text: RegExp; readonly why: string }[] = [];

let texts: readonly { readonly where: string; readonly text: string }[] = [];
beforeAll(async () => {
  texts = [...documentTexts(), ...helpTexts(), ...(await dashboardTexts()), ...(await apiTexts())];
});

test('no text for users has a phrase of the list', () => {
  expect(texts.length).toBeGreaterThan(1000);
  const found = texts.flatMap(({ where, text }) =>
    phrases.flatMap(({ pattern, better }) => {
      const hit = pattern.exec(text);
      if (hit === null || exceptions.some((each) => each.text.test(text))) return [];
      const around = text.slice(Math.max(0, hit.index - 40), hit.index + hit[0].length + 30);
      return [`${where}: …${around.replaceAll(/\s+/g, ' ')}… → ${better}`];
    }),
  );
  expect(found).toEqual([]);
});

test('every exception is still needed', () => {
  for (const { text } of exceptions) expect(texts.filter((each) => text.test(each.text))).not.toEqual([]);
});

/** Sentences and cells, without code. */
function documentTexts(): { where: string; text: string }[] {
  return documentFiles().flatMap(({ path, text }) =>
    withoutFences(text)
      .replaceAll(/`[^`]*`/g, '`…`')
      .split(/\n(?:\n|(?=[|#-]))/)
      .map((part) => ({ where: path, text: part })),
  );
}

function helpTexts(): { where: string; text: string }[] {
  const tree = commandTree();
  return [['pmd', tree] as const, ...commandsBelow(tree)].map(([name, command]) => {
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 1000 }).outputHelp();
    return { where: `${name} --help`, text };
  });
}

async function dashboardTexts(): Promise<{ where: string; text: string }[]> {
  const files = globSync('src/web/i18n/en/*.ts');
  const areas = await Promise.all(files.map(async (file) => [file, await import(resolve(file))] as const));
  return areas.flatMap(([file, area]) => stringsIn(area).map((text) => ({ where: file, text })));
}

/** Summaries and descriptions of the OpenAPI document. */
async function apiTexts(): Promise<{ where: string; text: string }[]> {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  const call = await logIn(server.url);
  const { json: document } = await call('GET', '/openapi.json');
  const found = new Set<string>();
  JSON.stringify(document, (name, value) => {
    if ((name === 'summary' || name === 'description') && typeof value === 'string') found.add(value);
    return value;
  });
  return [...found].map((text) => ({ where: 'OpenAPI', text }));
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}
