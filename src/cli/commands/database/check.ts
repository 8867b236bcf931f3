import type { Command } from 'commander';
import { type CommonOptions, type Context, localCommand } from '../../context.ts';
import { type CheckedDatabase, describeContents } from '../../output/database-contents.ts';

export function addCheckCommand(program: Command, context: Context): void {
  const { output } = context;
  localCommand(
    program,
    'check [file]',
    'verify an SQLite database (default: the one that DATABASE_URL names; a server may be using it) and list what is damaged; exit code 1 if anything is',
    'pmd check pmd.db',
  ).action(async (file: string | undefined, options: CommonOptions) => {
    const checked = await context.checkDatabase(file);
    const { path, damages, checkedRows } = checked;
    if (options.json === true) output.json(jsonOf(checked));
    else for (const { message } of damages) output.line(`${message}.`);
    if (damages.length > 0) {
      const advice = 'pmd restore FILE puts a backup in its place; what is damaged is kept beside it.';
      throw new Error(
        `${path} is damaged in ${damages.length} ${damages.length === 1 ? 'place' : 'places'}. ${advice}`,
      );
    }
    if (options.json !== true) output.line(`${path} is sound: ${checkedRows} rows, ${describeContents(checked).text}.`);
  });
}

function jsonOf(checked: CheckedDatabase): Readonly<Record<string, unknown>> {
  const { path, checkedRows, damages } = checked;
  return {
    ...{ database: path, is_sound: damages.length === 0, checked_rows: checkedRows, ...describeContents(checked).json },
    damages: damages.map(({ message, table = null, row = null, targetId = null, at }) => {
      const time = at === undefined ? null : new Date(at).toISOString();
      return { table, row, target_id: targetId, time, message };
    }),
  };
}
