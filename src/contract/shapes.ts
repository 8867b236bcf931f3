import { z } from 'zod';

/** UTC, RFC 3339 with Z. */
export const instant = z.iso.datetime().meta({ example: '2026-11-23T21:00:00.000Z' });

/** Accepted from callers: any RFC 3339 offset. */
export const givenInstant = z.iso.datetime({
  offset: true,
  error: 'must be an RFC 3339 time such as 2026-11-23T21:00:00Z.',
});

export const id = z.int().min(1).max(2_147_483_647);

/** A whole number in a query or path. */
export function wholeNumber(from: number, to: number): z.ZodCoercedNumber {
  const error = `must be a whole number from ${from} to ${to}.`;
  return z.coerce.number(error).int(error).min(from, error).max(to, error);
}

export function decimalNumber(from: number, to: number): z.ZodCoercedNumber {
  const error = `must be a number from ${from} to ${to}.`;
  return z.coerce.number(error).min(from, error).max(to, error);
}

/** true or false in a query. */
export const flag = flagOr(false);

export function flagOr(fallback: boolean): z.ZodType<boolean, 'true' | 'false' | undefined> {
  return z
    .enum(['true', 'false'], 'must be true or false.')
    .default(fallback ? 'true' : 'false')
    .transform((text) => text === 'true');
}

export const targetPath = z.strictObject({
  id: wholeNumber(1, 2_147_483_647).meta({ description: 'Id of the target' }),
});

export const milliseconds = z.number().nullable();

export const portClosedReason = 'port-closed';
export const lossReason = z
  .string()
  .meta({
    description:
      'Reason of a loss: `port-closed` (the host is up and refuses the connection) or `icmp-3-1`, the type ' +
      'and code of an ICMP error; absent if nothing was received',
    example: portClosedReason,
  });

export const tracking = z
  .object({ message: z.string(), id })
  .meta({ description: 'What happened, and to which target' });

/** RFC 9457 problem details; `errors` names every faulty field. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
export type ProblemDetails = z.infer<typeof problem>;
