import { existsSync, globSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { commandTree } from '../scripts/command-tree.ts';
import { definitions } from '../src/config-settings.ts';
import { documentFiles, fencesOf, inlineCodeOf } from './document-files.ts';

const documents = documentFiles();
const shell = documents.flatMap(({ path, text }) =>
  fencesOf(text)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ lines }) => lines.map((line) => ({ path, line }))),
);
const code = [
  ...shell.map(({ path, line }) => ({ path, text: line })),
  ...documents.flatMap(({ path, text }) => inlineCodeOf(text).map((each) => ({ path, text: each }))),
];

test('every pmd command in a shell block is valid', async () => {
  const commands = shell.flatMap(({ path, line }) => pmdIn(line).map((words) => ({ path, line, words })));
  expect(commands.length).toBeGreaterThan(50);
  for (const { path, line, words } of commands) {
    const tree = withoutActions(commandTree());
    await expect(tree.parseAsync([...words], { from: 'user' }), `${path}: ${line}`).resolves.toBe(tree);
  }
});

test('every pmd command in a sentence exists, with its options', () => {
  const mentioned = code.filter(({ text }) => /^pmd \w/.test(text) && !text.startsWith('pmd COMMAND'));
  expect(mentioned.length).toBeGreaterThan(80);
  for (const { path, text } of mentioned) {
    for (const words of pmdIn(text)) expect({ path, text, wrong: wrongIn(words) }).toEqual({ path, text, wrong: [] });
  }
});

test('every setting and variable in code is read by something', () => {
  const names = code.flatMap(({ path, text }) =>
    [...text.matchAll(/(?<![\w-])\$?([A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9])\b/g)].map(([, name = '']) => ({ path, name })),
  );
  expect(names.length).toBeGreaterThan(100);
  const settings = new Set(Object.keys(definitions).flatMap((name) => [name, `${name}_FILE`]));
  const sources = globSync([
    'src/**/*.ts',
    'test/**/*.ts',
    'bench/*.ts',
    'vite.config.ts',
    'compose*.yaml',
    'Dockerfile',
  ])
    .filter((file) => file !== 'test/document-commands.test.ts')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  for (const { path, name } of names) {
    const isRead = settings.has(name) || notOurs.has(name) || new RegExp(`\\b${name}\\b`).test(sources);
    expect({ path, name, isRead }).toEqual({ path, name, isRead: true });
  }
});

/** Names of the kernel, of browsers and of other programs that the documents mention. */
const notOurs = new Set(['CAP_NET_RAW', 'NET_RAW', 'ERR_UNSAFE_PORT']);

test('every npm script in code exists', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const called = code.flatMap(({ path, text }) =>
    [...text.matchAll(/\bnpm (?:run (?:-s )?([\w:-]+)|(test|start)\b)/g)].map(([, ran, own]) => ({
      path,
      name: ran ?? own ?? '',
    })),
  );
  expect(called.length).toBeGreaterThan(20);
  for (const { path, name } of called) expect({ path, name, is: name in scripts }).toEqual({ path, name, is: true });
});

test('every file of the repository in code exists', () => {
  const named = code.flatMap(({ path, text }) =>
    [
      ...text.matchAll(/(?<![\w./-])((?:src|test|scripts|bench|deploy|docs)\/[\w./-]*\w)/g),
      ...text.matchAll(/(?<![\w/.-])(compose[\w.]*\.yaml|Dockerfile|\.env\.example|[A-Z_]+\.md)\b/g),
    ].map(([, file = '']) => ({ path, file })),
  );
  expect(named.length).toBeGreaterThan(50);
  for (const { path, file } of named) {
    // Made by a build.
    if (file.startsWith('docs/.vitepress/dist')) continue;
    // A recipe's placeholders are in capitals: the folder that it adds to exists.
    const known = file.replace(/\/[A-Z]{2,}(?:[/.-].*)?$/, '');
    expect({ path, file, exists: existsSync(known) }).toEqual({ path, file, exists: true });
  }
});

/** The calls of `pmd` in a line of shell, as words without `pmd` itself. Placeholders such as <id> become values. */
function pmdIn(line: string): readonly (readonly string[])[] {
  const text = line
    .replaceAll(/<(?:ip|ip or name|name)>/g, '192.0.2.1')
    .replaceAll(/<file>|\[file\]|FILE/g, 'file')
    .replaceAll(/<\w+>|\bID\b/g, '1')
    .replaceAll(/\$\(([^()]*)\)/g, '; $1 ;')
    .replaceAll(/<\(([^()]*)\)/g, '; $1 ;');
  return splitCommands(text).flatMap((words) => {
    const start = words.findIndex((word) => word === 'pmd' || word === 'npx');
    const isCalled = start === 0 || words[0] === 'docker';
    if (start === -1 || !isCalled) return [];
    return [words.slice(start + (words[start] === 'npx' ? 2 : 1))];
  });
}

/** Words of a shell line, split into commands; quotes are taken off, redirections and comments left out. */
function splitCommands(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const [token] of line.matchAll(/#.*$|&&|\|\||[;|]|[<>]+\s*\S+|(?:"[^"]*"|'[^']*'|[^\s"'|;<>])+/g)) {
    if (token.startsWith('#') || /^[<>]/.test(token)) continue;
    if (/^(?:&&|\|\||[;|])$/.test(token)) commands.push([]);
    else commands.at(-1)?.push(token.replaceAll(/["']/g, ''));
  }
  return commands.filter((words) => words.length > 0);
}

/** Words that name no subcommand, and options that the command does not have. */
function wrongIn(words: readonly string[]): readonly string[] {
  let command = commandTree();
  let rest = words;
  while (command.commands.length > 0 && rest[0] !== undefined && !rest[0].startsWith('-')) {
    const [name = '', ...more] = rest;
    const next = command.commands.find((each) => each.name() === name || each.aliases().includes(name));
    // A command with subcommands may take arguments of its own as well.
    if (next === undefined && command.registeredArguments.length > 0) break;
    if (next === undefined) return [name];
    [command, rest] = [next, more];
  }
  const known = new Set(command.options.flatMap(({ long, short }) => [long, short]));
  return rest
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.replace(/=.*$/, ''))
    .filter((word) => !known.has(word) && word !== '--help' && word !== '--version');
}

/** Parses and checks as ever, and then does nothing. */
function withoutActions(command: Command): Command {
  command.exitOverride();
  if (command.parent === null || command.commands.length === 0 || command.registeredArguments.length > 0)
    command.action(() => undefined);
  for (const each of command.commands) withoutActions(each);
  return command;
}
