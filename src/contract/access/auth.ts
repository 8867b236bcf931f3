import { z } from 'zod';
import { endApiTokens, newPassword, role } from './accounts.ts';
import { operation } from '../operation.ts';
import { instant } from '../shapes.ts';

const tag = 'auth';
const credentials = z.strictObject({
  username: z.string('must be text.').min(1, 'must not be empty.').max(200, 'must have at most 200 characters.'),
  password: z.string('must be text.').min(1, 'must not be empty.').max(1000, 'must have at most 1000 characters.'),
});

export const token = z.object({ access_token: z.string(), token_type: z.literal('bearer'), expires_in: z.int() });

export const login = operation({
  id: 'login',
  method: 'POST',
  path: '/auth/login',
  access: 'public',
  tag,
  summary: 'Get a token',
  description:
    'The token goes into `Authorization: Bearer …`. `cookie=true` also sets it as an HttpOnly cookie, which opens the ' +
    'documentation pages in a browser.',
  query: z.strictObject({ cookie: z.enum(['true', 'false'], 'must be true or false.').default('false') }),
  body: credentials,
  answer: token,
  problems: [401, 403, 429],
  example: {
    body: { username: 'admin', password: 'changeme' },
    answer: { access_token: 'eyJhbGciOiJIUzI1NiJ9…', token_type: 'bearer', expires_in: 86_400 },
  },
});

export const changePassword = operation({
  id: 'changePassword',
  method: 'POST',
  path: '/auth/password',
  access: 'viewer',
  tag,
  summary: 'Change your own password',
  description:
    'Ends every session, including this one. API tokens remain valid (see /tokens) unless `end_api_tokens` is true, which ' +
    'revokes all of them in the same step and ends what was started with them. Use it if the password may have leaked. ' +
    'Requires a session, not an API token.',
  body: z.strictObject({
    current_password: z.string('must be text.').min(1, 'must not be empty.').max(1000),
    new_password: newPassword,
    end_api_tokens: endApiTokens,
  }),
  answer: z.object({ message: z.string() }),
  example: {
    body: { current_password: 'changeme', new_password: 'correct horse battery' },
    answer: { message: 'Password changed' },
  },
});

export const session = z.object({
  user: z
    .object({
      username: z.string(),
      role,
      expires_at: instant.nullable().meta({ description: 'null: an API token that does not expire' }),
      has_default_password: z.boolean().meta({ description: 'The password is still the one of a fresh installation' }),
    })
    .nullable()
    .meta({ description: 'null without a valid token or cookie' }),
});
export type Session = z.infer<typeof session>;

export const showSession = operation({
  id: 'showSession',
  method: 'GET',
  path: '/auth/session',
  access: 'public',
  tag,
  summary: 'Who is signed in, and until when',
  answer: session,
  example: {
    answer: {
      user: { username: 'admin', role: 'admin', expires_at: '2026-11-24T21:00:00.000Z', has_default_password: false },
    },
  },
});

export const logout = operation({
  id: 'logout',
  method: 'POST',
  path: '/auth/logout',
  access: 'viewer',
  tag,
  summary: 'Sign out, here or everywhere',
  description: 'Deletes the cookie. `everywhere=true` also ends every session of this user; API tokens remain valid.',
  query: z.strictObject({ everywhere: z.enum(['true', 'false'], 'must be true or false.').default('false') }),
  answer: z.object({ message: z.string() }),
  example: { answer: { message: 'Signed out' } },
});
