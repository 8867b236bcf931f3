import type { Command } from 'commander';
import { type CommonOptions, type Context, localCommand } from '../../context.ts';
import { InterruptedError } from '../../failure.ts';
import type { MigrateOutcome, MigrateStep, MigrateStoreOptions } from '../../options.ts';
import { createProgress, type Progress } from '../../output/progress.ts';

interface Options extends CommonOptions {
  readonly check?: true;
  readonly quiet?: true;
}

const differencesShown = 20;

export function addMigrateStoreCommand(program: Command, context: Context): void {
  const { output, signal } = context;
  localCommand(
    program,
    'migrate-store <from> <to>',
    'copy a whole database into an empty one and compare both; stop the server first, rerun to resume',
    'pmd migrate-store sqlite:./pingmedaddy.db postgresql://pmd:secret@db.example:5432/pmd',
  )
    .option('--check', 'copy nothing, only compare')
    .option('--quiet', 'no progress')
    .action(async (from: string, to: string, options: Options) => {
      const steps = createSteps(context, options.quiet === true);
      const { onProgress } = steps;
      const onNotice = (message: string): void => output.note(message);
      const isCheckOnly = options.check === true;
      const outcome = await context
        .migrateStore(from, to, { isCheckOnly, signal, onProgress, onNotice })
        .catch((error: unknown) => {
          if (signal.aborted)
            throw new InterruptedError('Interrupted; run the same command again to go on.', { cause: error });
          throw error;
        })
        .finally(() => steps.end());
      if (options.json === true) output.json(jsonOf(outcome));
      else output.line(textOf(outcome));
      const { differences } = outcome;
      if (differences.length === 0) return;
      if (options.json !== true) for (const each of differences.slice(0, differencesShown)) output.note(each);
      const advice = isCheckOnly ? '' : ' Run the same command again; if that does not help, use an empty database.';
      throw new Error(`The two databases differ in ${differences.length} place(s).${advice}`);
    });
}

/** One progress bar per stage. */
function createSteps(
  { output }: Context,
  isQuiet: boolean,
): Pick<MigrateStoreOptions, 'onProgress'> & Pick<Progress, 'end'> {
  let stage: MigrateStep['stage'] | undefined;
  let bar: Progress | undefined;
  return {
    onProgress: (step) => {
      if (step.stage !== stage) {
        bar?.end();
        ({ stage } = step);
        const counted = stage === 'checking' ? 'targets checked' : 'results copied';
        const unit = step.total === 0 ? stage : counted;
        bar = createProgress(output, { total: step.total === 0 ? undefined : step.total, unit, isQuiet });
      }
      bar?.reach(step.done);
    },
    end: () => bar?.end(),
  };
}

function textOf(outcome: MigrateOutcome): string {
  const { targets, users, events, traces, auditEntries, results, countedResults, hourRollups, minuteRollups, copied } =
    outcome;
  const contents = [
    `${targets} targets, ${users} users, ${events} events, ${traces} traces, ${auditEntries} audit entries`,
    `${results} raw results`,
    `${minuteRollups} minutes and ${hourRollups} hours of rollups that count ${countedResults} results`,
  ].join(', ');
  const equal = outcome.differences.length === 0 ? 'Equal in both databases' : 'In the first database';
  return `${equal}: ${contents}; ${copied} results copied.`;
}

function jsonOf(outcome: MigrateOutcome): Readonly<Record<string, unknown>> {
  const { targets, users, events, traces, results, copied, differences } = outcome;
  return {
    is_equal: differences.length === 0,
    copied_results: copied,
    ...{ targets, users, events, traces, results },
    audit_entries: outcome.auditEntries,
    counted_results: outcome.countedResults,
    minute_rollups: outcome.minuteRollups,
    hour_rollups: outcome.hourRollups,
    differences,
  };
}
