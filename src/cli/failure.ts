import { ApiError } from '../contract/client.ts';
import { Problem, messageOf } from '../core/problem.ts';
import { maskPasswords } from '../core/mask-passwords.ts';

/** Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not authenticated, 4 not found. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** The caller used the command wrongly. */
export class UsageError extends Error {}

/** Ctrl-C or a system shutdown; the message says how to continue. */
export class InterruptedError extends Error {}

/** One or more sentences for people, and the code for scripts. */
export function describeFailure(error: unknown): { readonly code: ExitCode; readonly message: string } {
  const { code, message } = describe(error);
  return { code, message: maskPasswords(message) };
}

function describe(error: unknown): { readonly code: ExitCode; readonly message: string } {
  if (error instanceof UsageError) return { code: 2, message: error.message };
  if (error instanceof ApiError) return { code: codeOfStatus(error.status), message: adviceFor(error) };
  if (error instanceof Problem) return { code: codeOfProblem(error), message: error.message };
  return { code: 1, message: messageOf(error) };
}

function codeOfStatus(status: number): ExitCode {
  if (status === 401 || status === 403) return 3;
  if (status === 404) return 4;
  return status === 422 ? 2 : 1;
}

function codeOfProblem(problem: Problem): ExitCode {
  switch (problem.code) {
    case 'not-authenticated':
      return 3;
    case 'invalid-input':
      return 2;
    default:
      return 1;
  }
}

function adviceFor(error: ApiError): string {
  return error.status === 401 ? `${error.message} (pmd login, or set PMD_USERNAME and PMD_PASSWORD)` : error.message;
}
