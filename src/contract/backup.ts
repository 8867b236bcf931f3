import { operation } from './operation.ts';

export const downloadBackup = operation({
  id: 'downloadBackup',
  method: 'GET',
  path: '/backup',
  access: 'admin',
  isReadingAudited: true,
  atOnce: 1,
  tag: 'system',
  summary: 'Download an online backup of the database',
  description:
    'A consistent SQLite file, verified in full before the first byte is sent; restore it with pmd restore. It contains ' +
    'the password hashes. With PostgreSQL the response is 503: use pg_dump.',
  answerType: 'application/vnd.sqlite3',
  problems: [503],
  example: { answer: 'SQLite format 3' },
});
