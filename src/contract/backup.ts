import { operation } from './operation.ts';

export const downloadBackup = operation({
  id: 'downloadBackup',
  method: 'GET',
  path: '/backup',
  access: 'admin',
  isReadingAudited: true,
  atOnce: 1,
  tag: 'system',
  summary: 'The whole database as one file, while the server goes on',
  description:
    'An SQLite file with everything up to this moment, checked in full before the first byte is sent; pmd restore puts ' +
    'it in place. It holds the password hashes. With PostgreSQL, 503: pg_dump is the tool.',
  answerType: 'application/vnd.sqlite3',
  problems: [503],
  example: { answer: 'SQLite format 3' },
});
