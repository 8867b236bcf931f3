import { z } from 'zod';
import { operation } from './operation.ts';

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
  problems: [401, 429],
  example: {
    body: { username: 'admin', password: 'changeme' },
    answer: { access_token: 'eyJhbGciOiJIUzI1NiJ9…', token_type: 'bearer', expires_in: 86_400 },
  },
});

export const changePassword = operation({
  id: 'changePassword',
  method: 'POST',
  path: '/auth/password',
  access: 'token',
  tag,
  summary: 'Change your own password',
  description: 'Ends every token given out before, this one included.',
  body: z.strictObject({
    current_password: z.string('must be text.').min(1, 'must not be empty.').max(1000),
    new_password: z
      .string('must be text.')
      .min(8, 'must have at least 8 characters.')
      .max(1000, 'must have at most 1000 characters.')
      .refine((text) => text !== 'changeme', 'must not be the default password.'),
  }),
  answer: z.object({ message: z.string() }),
  example: {
    body: { current_password: 'changeme', new_password: 'correct horse battery' },
    answer: { message: 'Password changed' },
  },
});
