/** What a caller can act on; the HTTP status of each is chosen at the edge. */
export type ProblemCode =
  | 'invalid-setting'
  | 'invalid-input'
  | 'target-not-found'
  | 'target-exists'
  | 'name-unresolved'
  | 'not-found'
  | 'conflict'
  | 'other-target'
  | 'not-authenticated'
  | 'not-allowed'
  | 'role-too-low'
  | 'too-many-requests'
  | 'trace-unavailable'
  | 'storage-unavailable'
  | 'prober-unavailable'
  | 'port-unavailable'
  | 'too-large'
  | 'server-unreachable'
  | 'host-not-allowed';

/** One faulty field and what is wrong with it; `field` is the name that the caller used. */
export interface Fault {
  readonly field: string;
  readonly message: string;
}

/** An error that the caller can act on. `message` is a whole sentence. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly faults: readonly Fault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ProblemCode,
    message: string,
    details: { readonly faults?: readonly Fault[]; readonly cause?: unknown; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.faults = details.faults ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

export function targetNotFound(id: number): Problem {
  return new Problem('target-not-found', `Target ${id} not found.`);
}

/** The message of an error; the text of anything else that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
