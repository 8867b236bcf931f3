import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Context } from './context.ts';
import { UsageError } from './failure.ts';

/** Prompts on stderr, because stdout is for results; secrets are not echoed. */
export async function ask(
  { stdin, stderr, signal }: Context,
  question: string,
  { isSecret, instead }: { readonly isSecret: boolean; readonly instead: string },
): Promise<string> {
  if (stdin.isTTY !== true) throw new UsageError(`There is no terminal to ask on: ${instead}.`);
  if (isSecret) stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: stdin, output: isSecret ? silent : stderr, terminal: true });
  try {
    // The input is redrawn with each key, over the whole line: only text that readline knows about survives.
    return await prompt.question(isSecret ? '' : question, { signal });
  } finally {
    prompt.close();
    if (isSecret) stderr.write('\n');
  }
}

/** Asked twice, because the input is not visible. */
export async function askNewPassword(context: Context, instead: string): Promise<string> {
  const password = await ask(context, 'New password: ', { isSecret: true, instead });
  const again = await ask(context, 'The same again: ', { isSecret: true, instead });
  if (password !== again) throw new UsageError('The two passwords differ; nothing was changed.');
  return password;
}

/** Asks before something is lost for good; any answer but yes ends the command. */
export async function confirmLoss(
  { stdin, stderr, signal }: Context,
  { question, what, nothing }: { readonly question: string; readonly what: string; readonly nothing: string },
): Promise<void> {
  if (stdin.isTTY !== true) throw new UsageError(`${what} asks first; without a terminal, add --yes.`);
  const prompt = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await prompt.question(`${question} Type yes: `, { signal });
    if (answer.trim().toLowerCase() !== 'yes') throw new UsageError(nothing);
  } finally {
    prompt.close();
  }
}

/** All of standard input, without its last line break. */
export async function readStandardInput({ stdin }: Context): Promise<string> {
  let text = '';
  for await (const chunk of stdin) text += String(chunk);
  return text.replace(/\r?\n$/, '');
}
