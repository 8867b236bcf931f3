import type { Fault, ProblemCode } from '../../../core/problem.ts';
import { Problem } from '../../../core/problem.ts';
import type { OperationName } from './operations.ts';

export interface Request {
  readonly id: number;
  readonly name: OperationName;
  readonly args: readonly unknown[];
}

export type Reply =
  | { readonly kind: 'notice'; readonly message: string }
  | { readonly kind: 'opened' }
  | { readonly kind: 'failed-to-open'; readonly failure: Failure }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure };

/** An error in a form that can be sent between threads, which loses our own classes. */
export interface Failure {
  readonly code: ProblemCode | undefined;
  readonly message: string;
  readonly stack: string | undefined;
  readonly faults: readonly Fault[];
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: undefined, message: String(error), stack: undefined, faults: [] };
  const { message, stack } = error;
  if (error instanceof Problem) return { code: error.code, message, stack, faults: error.faults };
  return { code: undefined, message, stack, faults: [] };
}

export function errorFrom({ code, message, stack, faults }: Failure): Error {
  const cause = stack === undefined ? undefined : new Error(stack);
  return code === undefined ? new Error(message, { cause }) : new Problem(code, message, { faults, cause });
}
