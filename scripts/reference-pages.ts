import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { format, resolveConfig } from 'prettier';
import { definitions } from '../src/config-settings.ts';
import { commandTree, commandsBelow } from './command-tree.ts';
import { withSection } from './marked-section.ts';

/** The pages that contain a generated section, as they should be. */
export async function referencePages(): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const sections = [
    { path: 'docs/configuration.md', name: 'settings', text: settingsTable() },
    { path: 'docs/cli.md', name: 'commands', text: commandReference() },
  ];
  return Promise.all(
    sections.map(async ({ path, name, text }) => {
      const page = withSection(readFileSync(path, 'utf8'), name, text);
      return { path, text: await format(page, { ...(await resolveConfig(path)), filepath: path }) };
    }),
  );
}

/** Every setting with its default and meaning, for the page on configuration. */
function settingsTable(): string {
  const rows = Object.entries(definitions).map(([name, { fallback, meaning }]) => {
    const text = `${meaning[0]?.toUpperCase() ?? ''}${meaning.slice(1)}.`;
    return [`\`${name}\``, fallback === '' ? 'empty' : `\`${fallback}\``, cell(text)];
  });
  return table(['Setting', 'Default', 'Meaning'], rows);
}

/** Every command with its arguments, options and examples, for the page on the CLI. */
function commandReference(): string {
  return [...commandsBelow(commandTree())].map(([name, command]) => describe(name, command)).join('\n\n');
}

function describe(name: string, command: Command): string {
  const help = command.createHelp();
  const parts = [`### ${name}`, sentence(command.description())];
  const subcommands = help.visibleCommands(command).filter((each) => each.name() !== 'help');
  if (subcommands.length > 0) {
    const links = subcommands.map((each) => `[${each.name()}](#${`${name} ${each.name()}`.replaceAll(' ', '-')})`);
    return [...parts, `Subcommands: ${links.join(', ')}`].join('\n\n');
  }
  parts.push(`\`\`\`text\n${help.commandUsage(command)}\n\`\`\``);
  const options = help
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map((option) => [`\`${option.flags}\``, cell(help.optionDescription(option))]);
  if (options.length > 0) parts.push(table(['Option', 'Meaning'], options));
  const lines = afterHelp(command).split('\n');
  const examples = lines.flatMap((line) => /^ *\$ (.*)$/.exec(line)?.[1] ?? []);
  const notes = lines.filter((line) => !/^ *\$ |^Examples?:$|^$/.test(line));
  parts.push(...notes.map((line) => cell(line.trim())));
  if (examples.length > 0) parts.push(`\`\`\`sh\n${examples.join('\n')}\n\`\`\``);
  return parts.join('\n\n');
}

/** What a command's help ends with. */
function afterHelp(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text.slice(command.helpInformation().length);
}

function sentence(text: string): string {
  return text === '' ? '' : `${text[0]?.toUpperCase() ?? ''}${cell(text.slice(1))}.`;
}

/** Text without markup, in which a bar does not end the cell. */
function cell(text: string): string {
  return text
    .replaceAll('<', '&lt;')
    .replaceAll('|', String.raw`\|`)
    .replaceAll('*', String.raw`\*`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
