import { z } from 'zod';
import { defaultPassword } from '../../core/default-password.ts';
import { roles } from '../../core/role.ts';
import { operation } from '../operation.ts';
import { id, instant, wholeNumber } from '../shapes.ts';

const tag = 'accounts';

export const role = z
  .enum(roles, `must be one of ${roles.join(', ')}.`)
  .meta({ description: 'viewer: reads; operator: also adds, changes and traces targets; admin: everything' });

export const endApiTokens = z
  .boolean('must be true or false.')
  .default(false)
  .meta({ description: 'Also revokes every API token of this user' });

export const newPassword = z
  .string('must be text.')
  .min(8, 'must have at least 8 characters.')
  .max(1000, 'must have at most 1000 characters.')
  .refine((text) => text !== defaultPassword, 'must not be the default password.');

const newUsername = z
  .string('must be text.')
  .min(1, 'must not be empty.')
  .max(200, 'must have at most 200 characters.')
  .regex(/^[^\s/\p{C}]+$/u, 'must have no spaces, slashes or control characters.');

export const userEntry = z.object({
  username: z.string(),
  role,
  created_at: instant,
  has_chosen_password: z.boolean().meta({ description: 'false while it is the one of ADMIN_PASSWORD' }),
});
export type UserEntry = z.infer<typeof userEntry>;

const userPath = z.strictObject({ username: z.string().meta({ description: 'Name of the user' }) });
const exampleUser = {
  username: 'anna',
  role: 'operator',
  created_at: '2026-11-23T21:00:00.000Z',
  has_chosen_password: true,
};
const done = z.object({ message: z.string() });

export const listUsers = operation({
  id: 'listUsers',
  method: 'GET',
  path: '/users',
  access: 'admin',
  tag,
  summary: 'List users',
  answer: z.array(userEntry),
  example: { answer: [exampleUser] },
});

export const addUser = operation({
  id: 'addUser',
  method: 'POST',
  path: '/users',
  access: 'admin',
  tag,
  summary: 'Add a user',
  description: 'Requires a session, not an API token.',
  body: z.strictObject({ username: newUsername, password: newPassword, role: role.default('viewer') }),
  answer: userEntry,
  problems: [409],
  example: { body: { username: 'anna', password: 'correct horse battery', role: 'operator' }, answer: exampleUser },
});

export const changeUser = operation({
  id: 'changeUser',
  method: 'PATCH',
  path: '/users/:username',
  access: 'admin',
  tag,
  summary: "Change a user's role or password",
  description:
    'Ends the sessions and open streams of that user at once. API tokens remain valid unless `end_api_tokens` is sent ' +
    'with a new password, which revokes all of them in the same step and ends what was started with them. Requires a ' +
    'session, not an API token.',
  params: userPath,
  body: z
    .strictObject({ role: role.optional(), password: newPassword.optional(), end_api_tokens: endApiTokens })
    .refine(
      (body) => body.role !== undefined || body.password !== undefined || body.end_api_tokens,
      'must name what is to change: role or password.',
    )
    .refine((body) => !body.end_api_tokens || body.password !== undefined, {
      path: ['end_api_tokens'],
      message: 'counts only together with a new password.',
    }),
  answer: userEntry,
  problems: [404, 409],
  example: { body: { role: 'viewer' }, answer: { ...exampleUser, role: 'viewer' } },
});

export const deleteUser = operation({
  id: 'deleteUser',
  method: 'DELETE',
  path: '/users/:username',
  access: 'admin',
  tag,
  summary: 'Remove a user with all of their sessions and API tokens',
  description: 'Requires a session, not an API token.',
  params: userPath,
  answer: done,
  problems: [404, 409],
  example: { answer: { message: 'User anna deleted' } },
});

export const apiTokenEntry = z.object({
  id,
  name: z.string(),
  username: z.string().meta({ description: 'User who created it' }),
  role,
  created_at: instant,
  expires_at: instant.nullable().meta({ description: 'null: never' }),
  last_used_at: instant.nullable().meta({ description: 'To the minute; null: never' }),
});
export type ApiTokenEntry = z.infer<typeof apiTokenEntry>;

const exampleToken = {
  ...{ id: 3, name: 'Prometheus', username: 'anna', role: 'viewer', created_at: '2026-11-23T21:00:00.000Z' },
  ...{ expires_at: '2027-11-23T21:00:00.000Z', last_used_at: null },
};

export const listApiTokens = operation({
  id: 'listApiTokens',
  method: 'GET',
  path: '/tokens',
  access: 'viewer',
  tag,
  summary: 'List your API tokens (admins: all tokens)',
  answer: z.array(apiTokenEntry),
  example: { answer: [exampleToken] },
});

export const addApiToken = operation({
  id: 'addApiToken',
  method: 'POST',
  path: '/tokens',
  access: 'viewer',
  tag,
  summary: 'Create an API token',
  description:
    'The token goes into `Authorization: Bearer …` or `PMD_TOKEN` and is shown here only. It permits what its role and ' +
    "its user's role both allow. Requires a session: a token cannot create others.",
  body: z.strictObject({
    name: z.string('must be text.').trim().min(1, 'must not be empty.').max(100, 'must have at most 100 characters.'),
    role: role.default('viewer'),
    expires_in_days: z
      .int('must be a whole number or null.')
      .min(1, 'must be from 1 to 3650.')
      .max(3650, 'must be from 1 to 3650.')
      .nullable()
      .default(90)
      .meta({ description: 'null: never' }),
  }),
  answer: apiTokenEntry.extend({ token: z.string().meta({ description: 'Never shown again' }) }),
  problems: [409],
  example: {
    body: { name: 'Prometheus', role: 'viewer', expires_in_days: 365 },
    answer: { ...exampleToken, token: 'pmd_3cX0Vt…' },
  },
});

export const deleteApiToken = operation({
  id: 'deleteApiToken',
  method: 'DELETE',
  path: '/tokens/:id',
  access: 'viewer',
  tag,
  summary: 'Revoke an API token (admins may revoke any)',
  params: z.strictObject({ id: wholeNumber(1, 2_147_483_647).meta({ description: 'Id of the token' }) }),
  answer: done,
  problems: [404],
  example: { answer: { message: 'Token Prometheus revoked' } },
});

export const auditEntry = z.object({
  id,
  at: instant,
  username: z.string().meta({ description: 'For a login attempt, the name as it was entered' }),
  api_token: z.string().nullable().meta({ description: 'Name of the API token it was done with; null: a session' }),
  address: z.string().meta({ description: 'Address of the client' }),
  action: z.string().meta({ description: 'The operation, by its id in the OpenAPI document' }),
  path: z.string(),
  status: z
    .int()
    .meta({ description: 'Status of the response: 200 done, 401 wrong password, 403 refused, 429 too many' }),
  detail: z.string().nullable().meta({ description: 'The body as JSON without secrets' }),
});

export const listAudit = operation({
  id: 'listAudit',
  method: 'GET',
  path: '/audit',
  access: 'admin',
  tag,
  summary: 'Who changed what, when and from where, newest first',
  description: 'Every change and login, wrong passwords and refused requests. Send the last id as `before` for more.',
  query: z.strictObject({
    limit: wholeNumber(1, 1000).default(100),
    before: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
    username: z.string().max(200).optional(),
  }),
  answer: z.array(auditEntry),
  example: {
    answer: [
      {
        ...{ id: 71, at: '2026-11-23T21:00:00.000Z', username: 'anna', api_token: null, address: '192.0.2.7' },
        ...{ action: 'addTarget', path: '/targets', status: 200, detail: '{"ip":"192.0.2.1"}' },
      },
    ],
  },
});
